"""Show as code: the program is run in a namespace of its own and must end with the run's weights, to the bit."""

import ast
import contextlib
import itertools
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

import playground_support as support
from lessonkit.playground import Playground
from lessonkit.playground.as_code import as_code
from lessonkit.playground.settings import Settings
from lessonkit.playground.sitting import Sitting
from mlp_core import WEIGHTS, NeuralNetMLP
from playground_support import SMALL, Trained

LESSON = Path(__file__).resolve().parent.parent / "notebooks" / "08_playground.ipynb"


def run_program(program):
    """The network `nn` that `program` ends with, run in a fresh namespace."""
    names = {"__name__": "__main__"}
    exec(compile(program, "<program>", "exec"), names)
    return names


def same_weights(nn, weights):
    return all(getattr(nn, name).dtype == np.float32 and np.array_equal(getattr(nn, name), weights[name])
               for name in WEIGHTS)


def history(run, epoch):
    return {name: [getattr(each, name) for each in run.epochs[:epoch]] for name in ("cost", "train_acc", "valid_acc")}


def check(trained, epoch=None):
    """The program for `epoch`, or for now, ends where the run was."""
    program = as_code(trained.run, epoch)
    names = run_program(program)
    nn, done = names["nn"], len(trained.run.epochs) if epoch is None else epoch
    assert same_weights(nn, trained.weights if epoch is None else trained.run.weights[epoch]), program
    assert nn.eval_ == history(trained.run, done), program
    # Nothing of the lessons' package is needed.
    imported = [node.module for node in ast.walk(ast.parse(program)) if isinstance(node, ast.ImportFrom)]
    assert imported == ["mlp_core"] and "lessonkit" not in program


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.data())
def test_it_ends_where_the_run_was(data):
    chosen = data.draw(support.settings)
    edits = data.draw(support.edits_of(chosen))
    steps = data.draw(st.integers(0, chosen.epochs * (chosen.updates + 1)))
    trained = Trained(chosen, steps, edits)
    check(trained)
    check(trained, data.draw(st.integers(0, len(trained.run.epochs))))


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
@pytest.mark.parametrize("shifted", [False, True])
def test_each_epoch_of_a_run(schedule, shifted):
    trained = Trained(Settings(**SMALL, schedule=schedule, shifted=shifted, dropout=0.2))
    for epoch in (None, 0, 1, 2, 3):
        check(trained, epoch)


def test_the_course_s_run_on_all_digits():
    check(Trained(Settings(n_hidden=10, epochs=2)))
    check(Trained(Settings(n_hidden=10, epochs=2), steps=60, edits=[(40, "b_h", 3, 2.0), (41, "w_h", (300, 5), 0.1)]))


def test_a_weight_set_after_the_last_minibatch_is_in_the_epoch_s_figures_and_one_set_later_is_not():
    chosen = Settings(**SMALL)
    last = chosen.updates + 1
    plain, before, after = (Trained(chosen, last, edits) for edits in
                            ([], [(last - 1, "b_out", 3, 5.0)], [(last, "b_out", 3, 5.0)]))
    assert before.run.epochs != plain.run.epochs == after.run.epochs
    for trained in (before, after):
        check(trained)
        check(trained, 1)
    # What was set by hand after the epoch is on the screen now, but was not at the end of the epoch.
    assert after.network.b_out[3] == 5 != after.run.weights[1]["b_out"][3]


def test_a_run_that_diverged():
    trained = Trained(Settings(**SMALL | {"eta": 3000, "l2": 3000, "epochs": 20}))
    assert trained.run.end == "diverged"
    check(trained)


def test_an_unedited_run_is_short_and_without_the_loop():
    trained = Trained(Settings(**SMALL | {"digits": 4000, "epochs": 1, "minibatch_size": 2000}))
    assert as_code(trained.run).splitlines() == [
        "from mlp_core import NeuralNetMLP, load_mnist", "", 'digits = load_mnist("sample")',
        "nn = NeuralNetMLP(n_hidden=6, l2=0.01, epochs=1, eta=0.01, minibatch_size=2000, seed=1, dropout=0.0)",
        "nn.fit(*digits[:4], progress=False)",
        "cost, train_acc, valid_acc = (values[-1] for values in nn.eval_.values())",
        'print(f"cost {cost:.2f}, training {train_acc:.2%}, validation {valid_acc:.2%}")']


def test_it_prints_the_result(capsys):
    trained = Trained(Settings(**SMALL))
    run_program(as_code(trained.run))
    _number, cost, train, valid = trained.run.result
    assert capsys.readouterr().out == f"cost {cost:.2f}, training {train:.2%}, validation {valid:.2%}\n"


@pytest.mark.parametrize("epoch", [-1, 4, 0.5, "1"])
def test_an_epoch_that_is_not_there(epoch):
    with pytest.raises(ValueError, match=re.escape(f"run 1 has no epoch {epoch}; expected one from 0 to 3")):
        as_code(Trained(Settings(**SMALL)).run, epoch)


@pytest.mark.parametrize("how", ["diverged", "failed"])
def test_what_an_undone_epoch_did_is_not_in_the_program(how, monkeypatch):
    """The network on the screen is that of the last finished epoch, and so is the program's."""
    more = {"eta": 1.0, "l2": 30.0, "epochs": 8} if how == "diverged" else {"epochs": 8}
    sitting = Sitting(Settings(n_hidden=5, digits=200, minibatch_size=50, **more))
    sitting.start()
    updates, update = itertools.count(1), NeuralNetMLP._update

    def interrupted(self, steps):
        if how == "failed" and next(updates) == 11:
            raise KeyboardInterrupt
        update(self, steps)

    monkeypatch.setattr(NeuralNetMLP, "_update", interrupted)
    with pytest.raises(KeyboardInterrupt) if how == "failed" else contextlib.nullcontext():
        while sitting.advance():
            pass
    monkeypatch.undo()
    assert sitting.run.end == how and 0 < len(sitting.run.epochs) < 8
    names = run_program(as_code(sitting.run))  # kept: a training that is let go of undoes its unfinished epoch
    assert same_weights(names["nn"], vars(sitting.seen()))


# -- in the lesson ------------------------------------------------------------------------------------


def a_minibatch_more(playground):
    playground.sitting.start(playground.sitting.run.step + 1)
    while playground.sitting.advance():
        pass


@pytest.mark.parametrize("before", [lambda playground: None, a_minibatch_more, lambda playground: playground.train(1),
                                    lambda playground: playground.reset(), lambda playground: playground.new_run()],
                         ids=["nothing", "a minibatch", "an epoch", "Reset", "New run"])
def test_the_lessons_own_cells_hold_whatever_was_done_on_the_page(before, capsys):
    cells = [cell.source for cell in nbformat.read(LESSON, as_version=4).cells if cell.cell_type == "code"]
    place = next(place for place, source in enumerate(cells) if "write_line(run)" in source)
    names = {"playground": Playground()}
    exec(cells[0], names)
    names["playground"].train(epochs=10)
    before(names["playground"])
    exec(cells[place], names)
    exec(cells[place + 1], names)
    assert "w_h equal to the last bit: True" in capsys.readouterr().out
