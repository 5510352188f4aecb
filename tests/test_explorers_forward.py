"""Lesson 2's explorers: what their pictures hold, against the formulas and a network trained here."""

import re

import numpy as np
import pytest
from matplotlib.colors import to_hex

from explorer_support import drive
from lessonkit import style
from lessonkit.explorers import forward
from lessonkit.explorers.forward import DIGITS, EPOCHS, OneDigit, SigmoidUnit
from mlp_core import NeuralNetMLP, load_mnist


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def saturated(a):
    return (a < 0.01) | (a > 0.99)


def numbers(sentence):
    return re.findall(r"-?\d+(?:\.\d+)?", sentence)


# -- SigmoidUnit ------------------------------------------------------------------------------------


def check_unit(unit):
    w, b, x = unit.state["weight"], unit.state["bias"], unit.state["x"]
    axis, z_axis = unit.line.get_data()
    assert (axis[0], axis[-1]) == unit.line.axes.get_xlim() == unit.curve.axes.get_xlim()
    np.testing.assert_allclose(z_axis, w * axis + b)
    np.testing.assert_allclose(unit.curve.get_data(), (axis, sigmoid(w * axis + b)))
    assert [np.ravel(point.get_data()).tolist() for point in unit.units] == [
        [x, pytest.approx(w * x + b)], [x, pytest.approx(sigmoid(w * x + b))]]

    # Ground is grey where the unit is saturated, and nowhere else; 0.0123 keeps clear of the edges.
    x_axis = np.linspace(-3.9877, 3.9877, 400)
    grey = np.any([(x_axis > ground.get_x()) & (x_axis < ground.get_x() + ground.get_width())
                   for ground in unit.grounds], axis=0)
    np.testing.assert_array_equal(grey, saturated(sigmoid(w * x_axis + b)))

    marks = [*unit.steps, unit.tangent]
    if w == 0:
        assert [len(mark.get_xdata()) for mark in marks] == [0, 0, 0]
    else:
        (step,), (zero,) = unit.steps[0].get_data()
        assert zero == 0 and w * step + b == pytest.approx(0, abs=1e-12)
        np.testing.assert_allclose(np.ravel(unit.steps[1].get_data()), [step, sigmoid(w * step + b)])
        (x0, x1), (a0, a1) = unit.tangent.get_data()
        numerical = (sigmoid(w * (step + 1e-5) + b) - sigmoid(w * (step - 1e-5) + b)) / 2e-5
        assert (a1 - a0) / (x1 - x0) == pytest.approx(numerical, rel=1e-6)
        assert (x0 + x1) / 2 == pytest.approx(step) and (a0, a1) == (0, 1)
    check_unit_sentence(unit.sentence, w, b, x)


def check_unit_sentence(sentence, w, b, x):
    z = w * x + b
    a = sigmoid(z)
    shown = "0.9999" if a > 0.9999 else "0.0001" if a < 0.0001 else f"{a:.4f}"
    expected = [f"{w:.2f}", f"{x:.2f}", f"{b:.2f}", f"{z:.2f}", shown]
    expected += [f"{-b / w + 0.0:.2f}", f"{w / 4:.2f}"] if w else ["0"]
    assert numbers(sentence) == [re.sub(r"^-(0\.00)$", r"\1", number) for number in expected]
    assert ("above" in sentence, "below" in sentence) == (a > 0.9999, a < 0.0001)
    assert ("saturated" in sentence) == bool(saturated(a))
    assert ("no step" in sentence) == (w == 0)
    assert ("outside the picture" in sentence) == (w != 0 and abs(b / w) > 4)
    assert not re.search(r"nan|inf|-0\.00", sentence)


def test_a_sigmoid_unit():
    drive(SigmoidUnit(), check_unit)


def test_a_sigmoid_unit_at_its_special_cases():
    unit = SigmoidUnit()
    for weight, bias, x in ((0, 0, 1), (0, 6, -4), (0, -6, 4), (0, 4, 4), (0.25, 4, 4), (-0.25, -4, 0), (4, -4, 4),
                            (-4, 4, 4), (-4, 0, 0), (1, 0, -4)):
        unit.widgets["weight"].value, unit.widgets["bias"].value, unit.widgets["x"].value = weight, bias, x
        check_unit(unit)


def test_a_sigmoid_unit_starts_at_the_net_input_that_the_lesson_does_by_hand():
    unit = SigmoidUnit()
    assert numbers(unit.sentence) == ["1.00", "1.00", "0.00", "1.00", "0.7311", "0.00", "0.25"]


# -- OneDigit ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def run():
    """(epoch, digit) -> label, pixels, a_h, z_out, a_out, written out from the weights of the lesson's 60 epochs."""
    digits = load_mnist("sample", np.float64)
    passes = {}

    def keep(epoch, nn):
        for digit in DIGITS:
            x = digits.X_valid[digit]
            a_h = sigmoid(x @ nn.w_h + nn.b_h)
            z_out = a_h @ nn.w_out + nn.b_out
            passes[epoch, digit] = digits.y_valid[digit], x, a_h, z_out, sigmoid(z_out)

    untrained = NeuralNetMLP(n_hidden=100, seed=1)
    untrained._init_weights(784, 10)
    keep(0, untrained)
    nn = NeuralNetMLP(n_hidden=100, l2=0.01, epochs=60, eta=0.005, minibatch_size=100, seed=1)
    for epoch in nn.fit_epochs(*digits[:4]):
        keep(epoch.number, nn)
        if epoch.number == EPOCHS:
            return passes


def check_digit(explorer, run):
    epoch, digit = explorer.state["epoch"], explorer.state["digit"]
    label, x, a_h, z_out, a_out = run[epoch, digit]
    np.testing.assert_array_equal(explorer.pixels.get_array(), x.reshape(28, 28))
    np.testing.assert_allclose(explorer.hidden.get_array(), a_h.reshape(10, 10), rtol=1e-8)
    np.testing.assert_allclose([bar.get_height() for bar in explorer.bars], a_out, rtol=1e-8)
    answer = z_out.argmax()
    assert [k for k in range(10) if to_hex(explorer.bars[k].get_facecolor()) == style.ORANGE.lower()] == [answer]
    assert list(explorer.pointer.get_xdata()) == [label]
    assert explorer.label.get_text() == f"Label: {label}" and explorer.answer.get_text() == f"Answer: {answer}"
    assert explorer.saturated.get_text() == f"{saturated(a_h).sum()} of 100 saturated"

    past = [run[e, digit] for e in range(epoch + 1)]
    others = [max(a for k, a in enumerate(a_out) if k != label) for *_, a_out in past]
    for line, heights in ((explorer.of_label, [a_out[label] for *_, a_out in past]), (explorer.of_other, others)):
        np.testing.assert_allclose(line.get_data(), (range(epoch + 1), heights), rtol=1e-8)
    shown = {(line.get_marker(), epoch): line.get_color() for line in (explorer.right, *explorer.wrong)
             for epoch in line.get_xdata()}
    answers = [z_out.argmax() for *_, z_out, _ in past]
    assert shown == {(rf"$\mathbf{{{label}}}$", e): style.GREEN for e in range(epoch + 1) if answers[e] == label} | {
        (f"${answers[e]}$", e): style.RED for e in range(epoch + 1) if answers[e] != label}

    y_enc = np.arange(10) == label
    cost = -np.sum(y_enc * np.log(a_out) + (1 - y_enc) * np.log(1 - a_out))
    expected = [epoch] * (epoch > 0) + [answer, f"{a_out[answer]:.2f}"]
    expected += [f"{others[-1]:.2f}"] if answer == label else [label, f"{a_out[label]:.2f}"]
    assert numbers(explorer.sentence) == [str(number) for number in (*expected, f"{cost:.2f}")]
    assert ("Untrained" in explorer.sentence, "right" in explorer.sentence) == (epoch == 0, answer == label)


def test_one_digit(run):
    drive(OneDigit(), lambda explorer: check_digit(explorer, run))


def test_the_digits_are_as_telling_as_they_are_meant_to_be(run):
    right = {digit: [run[epoch, digit][3].argmax() == run[epoch, digit][0] for epoch in range(EPOCHS + 1)]
             for digit in DIGITS}
    changes = {digit: sum(a != b for a, b in zip(row, row[1:])) for digit, row in right.items()}
    assert all(right[139][2:]), "the plain one is learned at once"
    assert {digit for digit in DIGITS if changes[digit] >= 3 and right[digit][-1]} == {373, 273, 457}
    assert {digit for digit in DIGITS if not any(right[digit])} == {109, 397, 269}
    assert {digit for digit in DIGITS if not right[digit][-1] and run[EPOCHS, digit][4].max() > 0.9} == {397, 269}


def test_the_network_is_trained_once_and_little_of_it_is_kept():
    first = forward.passes()
    OneDigit()
    assert forward.passes() is first and sum(array.nbytes for array in first) < 1e6


# -- both -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("explorer, state", [(SigmoidUnit, {"weight": -2, "bias": 3, "x": 2.5}),
                                             (OneDigit, {"digit": 457, "epoch": 7})])
def test_all_that_moves_is_drawn_anew(explorer, state):
    explorer = explorer()
    for name, value in state.items():
        explorer.widgets[name].value = value
    blitted = explorer.picture.png()
    explorer.picture.redraw_all()
    assert blitted == explorer.picture.png(), "an artist changes, but is not among those that figure() returns"
