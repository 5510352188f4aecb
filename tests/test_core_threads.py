"""How many threads NumPy's matrix products use: one on few examples, and the process is left as it was found."""

import os
import subprocess
import sys

import numpy as np
import pytest

import mlp_core
from core_support import Library, blobs
from mlp_core import MANY, THREAD_VARIABLES, NeuralNetMLP

X, Y = blobs(20, 2, 2, random_state=0)
X_MANY, Y_MANY = np.resize(X, (MANY, 2)), np.resize(Y, MANY)
CORES = 4


@pytest.fixture
def blas(monkeypatch):
    """A BLAS that has started 4 threads, and another library with 3."""
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(mlp_core, "_blas_libraries", lambda: [Library(CORES), Library(CORES - 1)])
    blas = mlp_core._Blas()
    monkeypatch.setattr(mlp_core, "_blas", lambda: blas)
    return blas


def network(**settings):
    return NeuralNetMLP(**{"n_hidden": 2, "epochs": 2, "minibatch_size": 20, "seed": 1} | settings)


def seen_while_training(blas, X, y, **settings):
    seen = []
    network(**settings).fit(X, y, X[:20], y[:20], progress=False,
                            augment=lambda batch, random: seen.append(blas.now()) or batch)
    assert seen
    return seen


def test_few_examples_train_with_one_thread_and_leave_the_process_as_it_was(blas):
    assert set(map(tuple, seen_while_training(blas, X, Y))) == {(1, 1)}
    assert blas.now() == [CORES, CORES - 1]


def test_many_examples_train_with_all(blas):
    assert seen_while_training(blas, X_MANY, Y_MANY, epochs=1, minibatch_size=MANY) == [[CORES, CORES - 1]]
    assert blas.now() == [CORES, CORES - 1]


def test_many_examples_train_with_all_though_the_process_is_limited(blas):
    blas.limit()
    assert blas.now() == [1, 1]
    assert seen_while_training(blas, X_MANY, Y_MANY, epochs=1, minibatch_size=MANY) == [[CORES, CORES - 1]]
    assert blas.now() == [1, 1]
    assert seen_while_training(blas, X, Y)[0] == [1, 1] == blas.now()


def test_what_a_user_has_limited_meanwhile_is_kept(blas):
    blas.limit()
    blas.set([2, 2])
    assert seen_while_training(blas, X_MANY, Y_MANY, epochs=1, minibatch_size=MANY) == [[2, 2]]
    assert blas.now() == [2, 2]


def test_nothing_is_held_between_epochs(blas):
    for _ in network().fit_epochs(X, Y, X, Y):
        assert blas.now() == [CORES, CORES - 1]


def test_predict_too(blas, monkeypatch):
    nn, seen = network().fit(X, Y, X, Y, progress=False), []
    forward = nn._forward
    nn._forward = lambda X: seen.append(blas.now()) or forward(X)
    nn.predict(X)
    assert seen == [[1, 1]] and blas.now() == [CORES, CORES - 1]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_an_error_leaves_the_process_as_it_was(blas, error):
    def fail(batch, random):
        raise error

    with pytest.raises(error):
        network().fit(X, Y, X, Y, progress=False, augment=fail)
    assert blas.now() == [CORES, CORES - 1] and not blas.calls


def test_of_two_at_a_time_the_last_puts_back_what_the_first_found(blas):
    first, second = blas.threads_for(20), blas.threads_for(20)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert blas.now() == [1, 1]
    second.__exit__(None, None, None)
    assert blas.now() == [CORES, CORES - 1]


def test_what_an_interrupt_kept_the_last_from_putting_back_the_next_puts_back(blas, monkeypatch):
    def interrupted(numbers):
        monkeypatch.undo()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), blas.threads_for(20):
        monkeypatch.setattr(blas, "set", interrupted)
    assert blas.now() == [1, 1]
    with blas.threads_for(20):
        assert blas.numbers(MANY) == [CORES, CORES - 1]
    assert blas.now() == [CORES, CORES - 1]


@pytest.mark.parametrize("variable", THREAD_VARIABLES)
def test_a_variable_of_the_user_wins(blas, monkeypatch, variable):
    monkeypatch.setenv(variable, "3")
    theirs = mlp_core._Blas()
    theirs.limit()
    assert theirs.libraries == [] and theirs.now() == []


@pytest.mark.parametrize("module", [None, object()], ids=["not installed", "of another age"])
def test_threadpoolctl_is_not_needed(monkeypatch, module):
    monkeypatch.setitem(sys.modules, "threadpoolctl", module)
    assert mlp_core._blas_libraries() == []


# -- with the real library, in a process of its own --------------------------------------------------

SCRIPT = f"""
import numpy as np
{{first}}
import mlp_core, threadpoolctl
def now(): return max([i["num_threads"] for i in threadpoolctl.threadpool_info() if i["user_api"] == "blas"], default=1)
X = np.resize([[0.0, 1.0], [1.0, 0.0]], ({MANY}, 2)); y = np.resize([0, 1], {MANY})
seen = [now()]
for n in (100, {MANY}):
    nn = mlp_core.NeuralNetMLP(epochs=1, minibatch_size=n, seed=1)
    nn.fit(X[:n], y[:n], X[:9], y[:9], progress=False, augment=lambda batch, random: seen.append(now()) or batch)
    seen.append(now())
print(seen)
"""


def run(first="", **variables):
    env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES} | variables
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(first=first)], env=env, capture_output=True, text=True,
                          timeout=300)
    assert done.returncode == 0, done.stderr
    return eval(done.stdout)


def test_in_a_real_process():
    """[at first, on few examples, afterwards, on many, afterwards]: a script, a lesson, a user's own variable."""
    pytest.importorskip("threadpoolctl", reason="needs threadpoolctl: see requirements.txt")
    every = run()[0]
    if every == 1:
        pytest.skip("needs two cores, and a BLAS that threadpoolctl knows")
    assert run() == [every, 1, every, every, every]
    assert run("import lessonkit") == [1, 1, 1, every, 1]
    assert run("import lessonkit", OPENBLAS_NUM_THREADS="2", OMP_NUM_THREADS="2", MKL_NUM_THREADS="2") == [2] * 5


def test_every_thread_of_python_may_set_them():
    """With the real library: from version 3.8 on, threadpoolctl obeys one thread of Python, until that lets go."""
    pytest.importorskip("threadpoolctl", reason="needs threadpoolctl: see requirements.txt")
    script = """
import threading
import mlp_core, threadpoolctl
from core_support import blobs

blas, data = mlp_core._blas(), (*blobs(20, 2, 2, 0), *blobs(20, 2, 2, 0))
at_first, seen = blas.now(), []
if max(at_first, default=1) == 1: raise SystemExit("one core")

def train():
    mlp_core.NeuralNetMLP(n_hidden=2, epochs=1, minibatch_size=20).fit(
        *data, progress=False, augment=lambda batch, random: seen.append(blas.now()) or batch)

def limit():
    with threadpoolctl.threadpool_limits(1, "blas"):
        seen.append(blas.now())

def elsewhere(call):
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()

threadpoolctl.threadpool_limits(max(at_first), "blas")  # a user's, here in the main thread, which does not let go
elsewhere(train)
elsewhere(train)
train()
elsewhere(limit)  # a user's again
assert seen == [[1] * len(at_first)] * 4, seen
assert blas.now() == at_first, blas.now()
"""
    env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    env["PYTHONPATH"] = os.pathsep.join(["tests", ".", env.get("PYTHONPATH", "")])
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=100)
    if done.stderr.strip() == "one core":
        pytest.skip("needs two cores, and a BLAS that threadpoolctl knows")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("found", [TypeError("cannot unpack"), [Library(None)]], ids=["puzzled", "no number"])
def test_a_library_that_threadpoolctl_cannot_read_is_left_alone(monkeypatch, found):
    class Controller:
        def select(self, user_api):
            if isinstance(found, Exception):
                raise found
            self.lib_controllers = found
            return self

    threadpoolctl = pytest.importorskip("threadpoolctl", reason="needs threadpoolctl: see requirements.txt")
    monkeypatch.setattr(threadpoolctl, "ThreadpoolController", Controller)
    assert mlp_core._blas_libraries() == []
