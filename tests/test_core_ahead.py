"""`fit` on two cores: one evaluates an epoch while the other trains the next, and nothing else is different."""

import copy
import itertools
import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import mlp_core
from core_support import Library, blobs, interrupt_at_line, learned, same, state
from mlp_core import MANY, THREAD_VARIABLES, Diverged, NeuralNetMLP

X, Y = blobs(40, 4, 3, random_state=0)
DATA = X, Y, *blobs(12, 4, 3, random_state=1)
SETTINGS = {"n_hidden": 3, "l2": 0.1, "epochs": 4, "eta": 0.05, "minibatch_size": 7, "seed": 1, "dropout": 0.2}


def network(**settings):
    return NeuralNetMLP(**SETTINGS | settings)


@pytest.fixture
def two_cores(monkeypatch):
    """A BLAS with two threads, for which 40 examples are many."""
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(mlp_core, "_blas_libraries", lambda: [Library(2)])
    monkeypatch.setattr(mlp_core, "MANY", len(X))
    blas = mlp_core._Blas()
    monkeypatch.setattr(mlp_core, "_blas", lambda: blas)
    return blas


@pytest.fixture
def ahead(two_cores, monkeypatch):
    """The same, and how many trainings have taken the way of two cores."""
    runs, way = [], NeuralNetMLP._epochs_ahead
    monkeypatch.setattr(NeuralNetMLP, "_epochs_ahead", lambda self, *data: runs.append(self) or way(self, *data))
    return runs


def on_one_core(**settings):
    """What the network has learned before its first epoch and after each, one epoch after the other."""
    nn = network(**settings)
    nn._init_weights(n_features=4, n_classes=3)
    return [learned(nn), *(learned(nn) for _ in nn.fit_epochs(*DATA))]


# -- when, and with what result ------------------------------------------------------------------------


def test_the_two_cores_train_the_same_network_to_the_bit(ahead):
    together, one = network().fit(*DATA, progress=False), network()
    for _ in one.fit_epochs(*DATA):
        pass
    assert ahead == [together] and same(state(together), state(one))


def test_the_figures_come_in_their_order(ahead, capsys):
    nn = network().fit(*DATA)
    lines = capsys.readouterr().err.split("\r")[1:]
    assert ahead and [line.split("/")[0] for line in lines] == ["1", "2", "3", "4"]
    assert [f"Cost: {cost:.2f} " in line for cost, line in zip(nn.eval_["cost"], lines)] == [True] * 4


@pytest.mark.parametrize("last, unevaluated", [(1, 3), (3, 1), (4, 0), (9, 0)])
def test_where_epochs_are_left_out_no_core_evaluates_them(ahead, last, unevaluated):
    nn = network().fit(*DATA, progress=False, evaluate_last=last)
    assert ahead == [nn] * (not unevaluated) and np.isnan(nn.eval_["cost"]).sum() == unevaluated


@pytest.mark.parametrize("epochs", [1, 2])
def test_few_epochs(ahead, epochs):
    nn, one = network(epochs=epochs).fit(*DATA, progress=False), network(epochs=epochs)
    assert len(list(one.fit_epochs(*DATA))) == epochs
    assert ahead and same(state(nn), state(one))


def test_the_next_epoch_is_trained_while_one_is_evaluated(ahead, monkeypatch):
    begun, order, evaluate, train = threading.Event(), [], NeuralNetMLP._evaluate, NeuralNetMLP._train_epoch

    def trained(self, *args):
        order.append(threading.current_thread())
        if len(order) > 1:
            begun.set()
        train(self, *args)

    def evaluated(self, *args):
        assert begun.wait(30), "the next epoch does not begin before this one is evaluated"
        assert threading.current_thread() is not threading.main_thread()
        return evaluate(self, *args)

    monkeypatch.setattr(NeuralNetMLP, "_train_epoch", trained)
    monkeypatch.setattr(NeuralNetMLP, "_evaluate", evaluated)
    network(epochs=2).fit(*DATA, progress=False)
    assert order == [threading.main_thread()] * 2


def test_each_core_computes_with_one_thread(ahead, two_cores, monkeypatch):
    seen, forward = [], NeuralNetMLP._forward
    monkeypatch.setattr(NeuralNetMLP, "_forward",
                        lambda self, *args: seen.append(tuple(two_cores.now())) or forward(self, *args))
    network().fit(*DATA, progress=False)
    assert ahead and set(seen) == {(1,)} and two_cores.now() == [2] and not two_cores.calls


@pytest.mark.parametrize("change", ["few examples", "large products", "one core", "a user's limit", "schedule",
                                    "augment", "a method of the instance", "a subclass"])
def test_where_it_would_gain_nothing_or_be_seen_one_epoch_follows_the_other(ahead, two_cores, monkeypatch, change):
    functions = {"schedule": lambda done: 1.0} if change == "schedule" else {}
    if change == "augment":
        functions = {"augment": lambda batch, random: batch}
    if change == "few examples":
        monkeypatch.setattr(mlp_core, "MANY", len(X) + 1)
    if change == "large products":
        monkeypatch.setattr(mlp_core, "FEW_PRODUCTS", 7 * 4 * 3 - 1)
    if change == "one core":
        two_cores.libraries.clear()
    if change == "a user's limit":
        two_cores.set([1])
    nn = network()
    if change == "a method of the instance":
        nn._forward = nn._forward
    if change == "a subclass":
        nn = type("Subclass", (NeuralNetMLP,), {})(**SETTINGS)
    nn.fit(*DATA, progress=False, **functions)
    assert not ahead and nn.eval_ == on_one_core()[-1]["eval_"]


def test_a_lesson_that_limits_its_threads_has_the_other_core_all_the_same(ahead, two_cores):
    two_cores.limit()
    network().fit(*DATA, progress=False)
    assert ahead and two_cores.now() == [1]


def test_the_published_run_has_few_products():
    assert 100 * 784 * 100 <= mlp_core.FEW_PRODUCTS and MANY <= 55_000


def test_in_a_real_process(mnist_dir):
    """Two cores that are there: the published run's first three epochs."""
    pytest.importorskip("threadpoolctl", reason="needs threadpoolctl: see requirements.txt")
    script = """
import json, mlp_core
if max(mlp_core._blas().numbers(mlp_core.MANY), default=1) == 1: raise SystemExit("one core")
way, runs = mlp_core.NeuralNetMLP._epochs_ahead, []
mlp_core.NeuralNetMLP._epochs_ahead = lambda *args: runs.append(1) or way(*args)
golden = json.load(open("tests/golden/full_mnist_200_epochs.json"))
nn = mlp_core.NeuralNetMLP(**golden["params"] | {"epochs": 3})
nn.fit(*mlp_core.load_mnist("full", mlp_core.np.float64)[:4], progress=False)
assert runs
for name, values in nn.eval_.items():
    mlp_core.np.testing.assert_allclose(values, golden[name][:3], rtol=1e-9)
"""
    env = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    done = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True, timeout=300)
    if done.stderr.strip() == "one core":
        pytest.skip("needs two cores, and a BLAS that threadpoolctl knows")
    assert done.returncode == 0, done.stderr


# -- what can go wrong ----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0, 3])
def test_an_interrupt_at_any_line_leaves_the_last_finished_epoch(ahead, two_cores, before):
    original = network(n_hidden=2, epochs=before or 1)
    if before:
        original.fit(*blobs(20, 5, 4, random_state=5), *blobs(20, 5, 4, random_state=5), progress=False)
    vars(original).update(SETTINGS | {"epochs": 2})
    allowed, seen = [learned(original), *on_one_core(epochs=2)], 0
    for k in itertools.count(1):
        nn = copy.deepcopy(original)
        if not interrupt_at_line(k, lambda: nn.fit(*DATA, progress=False)):
            break
        matches = [i for i, network in enumerate(allowed) if same(learned(nn), network)]
        assert matches, f"interrupted at line {k}, the network is that of no finished epoch"
        assert matches[0] in (seen, seen + 1)  # later interrupts find later epochs, and skip none
        seen = matches[0]
    assert k > 300 and seen == len(allowed) - 1
    assert len(ahead) > k - 200 and two_cores.now() == [2]  # nearly always, and what an interrupt left is mended


@pytest.mark.parametrize("method", ["_update", "_train_epoch", "_minibatches", "_noted", "_as_it_is", "_snapshot"])
@pytest.mark.parametrize("call", [2, 3])
def test_a_signal_is_an_interrupt(ahead, monkeypatch, method, call):
    calls, step = itertools.count(1), getattr(NeuralNetMLP, method)

    def interrupted(*args):
        if next(calls) == call:
            signal.raise_signal(signal.SIGINT)
        return step(*args)

    monkeypatch.setattr(NeuralNetMLP, method, interrupted)
    nn, previous = network(), signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            nn.fit(*DATA, progress=False)
    finally:
        signal.signal(signal.SIGINT, previous)
    monkeypatch.undo()
    assert same(learned(nn), on_one_core()[len(nn.eval_["cost"])])


def test_an_interrupt_while_a_line_is_printed(ahead, two_cores, monkeypatch):
    """The line is that of a finished epoch: the network is left as it was after it."""
    class Terminal:
        def write(self, text):
            if text.startswith("\r2/4"):
                raise KeyboardInterrupt

        def flush(self):
            pass

    nn = network()
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(KeyboardInterrupt) as interrupt:
        nn.fit(*DATA)
    monkeypatch.undo()
    assert same(learned(nn), on_one_core()[2]) and two_cores.now() == [2]
    assert interrupt.traceback  # which holds all that `fit` held, as a notebook does after an error


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("how", ["raise", "warn", "ignore"])
def test_a_divergence_is_told_in_words_and_leaves_the_epoch_before(ahead, monkeypatch, how):
    update = NeuralNetMLP._update
    monkeypatch.setattr(NeuralNetMLP, "_update", lambda self, steps: update(self, steps) or (
        len(self.eval_["cost"]) == 1 and self.w_h.fill(1e308)))  # while the second epoch is evaluated
    nn = network(dropout=0.0)
    with np.errstate(all=how), pytest.raises(Diverged, match="in epoch 3 the weights outgrew float64.* after epoch 2"):
        nn.fit(*DATA, progress=False)
    monkeypatch.undo()
    assert ahead and same(learned(nn), on_one_core(dropout=0.0)[2])


def test_an_error_of_the_other_core_is_raised_here(ahead, two_cores, monkeypatch):
    evaluate = NeuralNetMLP._evaluate

    def fails(self, *args):
        if len(self.eval_["cost"]) == 2:
            raise MemoryError("no room")
        return evaluate(self, *args)

    monkeypatch.setattr(NeuralNetMLP, "_evaluate", fails)
    nn = network()
    with pytest.raises(MemoryError, match="no room"):
        nn.fit(*DATA, progress=False)
    monkeypatch.undo()
    assert same(learned(nn), on_one_core()[2]) and not two_cores.calls


def test_a_hyperparameter_does_not_change_on_the_way(ahead, monkeypatch):
    noted = NeuralNetMLP._noted

    def changes(self, epoch):
        self.eta = 0.5
        return noted(self, epoch)

    monkeypatch.setattr(NeuralNetMLP, "_noted", changes)
    with pytest.raises(ValueError, match="eta was 0.05 when this training began and is now 0.5"):
        network().fit(*DATA, progress=False)


def test_a_hyperparameter_does_not_change_in_the_last_epoch_either(ahead, monkeypatch):
    train = NeuralNetMLP._train_epoch

    def changes(self, *args):
        train(self, *args)
        if len(self.eval_["cost"]) == 2:
            self.dropout = 0.5

    monkeypatch.setattr(NeuralNetMLP, "_train_epoch", changes)
    nn = network()
    with pytest.raises(ValueError, match="dropout was 0.2 when this training began and is now 0.5"):
        nn.fit(*DATA, progress=False)
    monkeypatch.undo()
    assert same(learned(nn), on_one_core()[3])


def test_at_the_end_of_a_program_one_core_does_it_all(ahead, monkeypatch):
    def refuses(self, *args):
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    monkeypatch.setattr(mlp_core.ThreadPoolExecutor, "submit", refuses)
    nn = network().fit(*DATA, progress=False)
    assert ahead and same(learned(nn), on_one_core()[-1])


def test_no_thread_is_left(ahead):
    before = threading.active_count()
    network().fit(*DATA, progress=False)
    assert threading.active_count() == before
