"""Lesson 5's explorer shows the runs that NeuralNetMLP gives, now and before, and those of the lesson's tables."""

import functools
import re
import threading
from ast import literal_eval
from pathlib import Path

import nbformat
import numpy as np
import pytest
from explorer_support import drive

from lessonkit.explorers.regularisation import Regularise
from mlp_core import NeuralNetMLP, load_mnist

LESSON = Path(__file__).resolve().parent.parent / "notebooks" / "05_overfitting_l2.ipynb"
SMALL = {"n_hidden": 5, "updates": 200}  # a tenth of the lesson's updates, so that 200 moves take seconds
EPOCHS = {250: 16, 500: 8, 1000: 4, 2000: 2, 4000: 1}


@functools.cache
def digits():
    return load_mnist("sample", np.float64)


@functools.cache
def network(l2, dropout, n_digits):
    """The network of a setting, trained here, of the size SMALL."""
    X_train, y_train, X_valid, y_valid, *_ = digits()
    nn = NeuralNetMLP(n_hidden=5, eta=0.005, minibatch_size=20, seed=1, epochs=EPOCHS[n_digits], l2=l2, dropout=dropout)
    return nn.fit(X_train[:n_digits], y_train[:n_digits], X_valid, y_valid, progress=False)


def accuracies(nn):
    """Training and validation accuracy in per cent, means of the last five epochs."""
    return [np.mean([100 * accuracy for accuracy in nn.eval_[name][-5:]]) for name in ("train_acc", "valid_acc")]


def in_words(l2, dropout, n_digits):
    nn = network(l2, dropout, n_digits)
    train, valid = accuracies(nn)
    return (f"L2 {l2}, dropout {dropout}, {n_digits:,} digits: training {train:.1f} %, validation {valid:.1f} %, "
            f"gap {train - valid:.1f} points, norm {np.sqrt(np.sum(nn.w_h ** 2)):.1f}")


def check_lines(train, valid, weights, l2, dropout, n_digits):
    nn = network(l2, dropout, n_digits)
    for line, name in ((train, "train_acc"), (valid, "valid_acc")):
        x, y = line.get_data()
        assert list(x) == [n_digits // 20 * epoch for epoch in range(1, nn.epochs + 1)]
        assert np.allclose(y, [100 * accuracy for accuracy in nn.eval_[name]], rtol=1e-12)
    x, y = weights.get_data()
    low, high, w = x[::2], x[1::2], nn.w_h.ravel()
    assert np.allclose(low, -0.7 + 0.04 * np.arange(35)) and np.allclose(high - low, 0.04)
    counts = [np.count_nonzero((w >= a) & (w < b)) for a, b in zip(low, high)]
    assert list(y[::2]) == list(y[1::2]) == counts and sum(counts) == w.size


def check(explorer):
    """The picture and the sentence against the network of the state, the faint lines against the one they name."""
    state = explorer.state
    train, valid = accuracies(network(**state))
    check_lines(explorer.train, explorer.valid, explorer.weights, **state)
    for line, ends in ((explorer.gap, [train, valid]), (explorer.train_end, [train]), (explorer.valid_end, [valid])):
        assert np.allclose(line.get_ydata(), ends, rtol=1e-12)
    labels = explorer.train_label, explorer.gap_label, explorer.valid_label
    texts = f"training {train:.1f} %", f"gap {train - valid:.1f} points", f"validation {valid:.1f} %"
    assert tuple(label.get_text() for label in labels) == texts
    heights = np.array([label.get_position()[1] for label in labels])
    steps = -np.diff(heights) if train >= valid else np.diff(heights)
    assert min(steps) > 4, "the labels are in the wrong order, or touch"
    assert explorer.left_title.get_text() == f"{state['n_digits']:,} digits, {EPOCHS[state['n_digits']]} epochs"
    assert in_words(**state).endswith(f"norm {explorer.right_title.get_text().removeprefix('Norm of w_h: ')}")

    faint = explorer.train_before, explorer.valid_before, explorer.weights_before
    if label := explorer.before_label.get_text():
        words = re.fullmatch(r"faint: L2 (.+), dropout (.+), (.+) digits", label).groups()
        before = {name: literal_eval(word.replace(",", "")) for name, word in zip(state, words)}
        assert before != state
        check_lines(*faint, **before)
        assert explorer.sentence == f"{in_words(**state)}; before (faint), {in_words(**before)}."
    else:
        assert [len(line.get_xdata()) for line in faint] == [0, 0, 0]
        assert explorer.sentence == f"{in_words(**state)}."


@pytest.mark.slow
def test_every_move_shows_the_run_of_its_setting():
    drive(Regularise(**SMALL), check)


def test_the_setting_before_stays_as_faint_lines_until_reset():
    explorer = Regularise(**SMALL)
    assert explorer.before_label.get_text() == ""
    expected = []
    for name, value in (("l2", 1), ("n_digits", 250), ("dropout", 0.8), ("l2", 0.01)):
        expected.append("L2 {l2}, dropout {dropout}, {n_digits:,} digits".format(**explorer.state))
        explorer.widgets[name].value = value
        assert explorer.before_label.get_text() == f"faint: {expected[-1]}"
        explorer.refresh()  # the same setting once more does not become its own predecessor
        assert explorer.before_label.get_text() == f"faint: {expected[-1]}"
        check(explorer)
    explorer.reset()
    assert explorer.before_label.get_text() == ""
    check(explorer)


def test_a_reset_during_a_training_has_the_last_word(monkeypatch):
    """JupyterLab sends what comes while a callback runs to another thread."""
    explorer = Regularise(**SMALL)
    compute, begun, go_on = explorer.compute, threading.Event(), threading.Event()

    def slow(**state):
        if state["l2"] == 1:
            begun.set()
            assert go_on.wait(60)
        return compute(**state)

    monkeypatch.setattr(explorer, "compute", slow)
    move = threading.Thread(target=lambda: explorer.widgets["l2"].set_trait("value", 1))
    move.start()
    assert begun.wait(60)
    reset = threading.Thread(target=explorer.reset)
    reset.start()
    reset.join(0.5)  # time enough to overtake the move, if it could
    go_on.set()
    move.join()
    reset.join()
    assert explorer.state == explorer.defaults
    check(explorer)


def test_all_that_changes_is_drawn_anew():
    explorer = Regularise(n_hidden=5)  # trained in full: the curves of SMALL hardly rise into the picture
    for name, value in (("n_digits", 250), ("l2", 1)):
        explorer.widgets[name].value = value
    shown = explorer._image.value
    explorer.picture.redraw_all()
    assert explorer.picture.png() == shown, "an artist that changed is missing from those that figure() returns"


def test_a_gap_below_zero_keeps_its_sign_and_the_labels_their_order():
    explorer = Regularise(**SMALL)
    explorer._draw_gap(70.0, 72.5)
    assert explorer.gap_label.get_text() == "gap -2.5 points"
    assert explorer.valid_label.get_position()[1] > explorer.gap_label.get_position()[1]
    assert explorer.gap_label.get_position()[1] > explorer.train_label.get_position()[1]
    explorer._draw_gap(70.0, 70.04)
    assert explorer.gap_label.get_text() == "gap 0.0 points"


@pytest.mark.parametrize("name, heading, values", [
    ("l2", "l2", (0, 0.01, 1)), ("dropout", "dropout", (0.2, 0.5)), ("n_digits", "digits", (250, 4000))],
    ids=["l2", "dropout", "n_digits"])
def test_in_full_size_it_repeats_the_lessons_tables(name, heading, values):
    """The text says that the explorer's network is the lesson's own; the tables are outputs that nbval compares."""
    outputs = [output.get("text", "") for cell in nbformat.read(LESSON, as_version=4).cells
               for output in cell.get("outputs", [])]
    table = next(text for text in outputs if text.split() and text.split()[0] == heading)
    explorer = Regularise()
    for value in values:
        row = next(row for row in table.splitlines() if row.split()[0] == f"{value:,}")
        figures = re.search(r"([\d.]+) % +([\d.]+) % +([-\d.]+) +([\d.]+)$", row).groups()
        explorer.show_state(**{"l2": 0, "dropout": 0, "n_digits": 1000} | {name: value})
        expected = "digits: training {} %, validation {} %, gap {} points, norm {}".format(*figures)
        assert explorer.sentence.removesuffix(".").split("; before")[0].endswith(expected), row
