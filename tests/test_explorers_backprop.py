"""The explorers of lesson 3: what their pictures hold, against formulas written anew and slopes that are measured."""

import functools
import re

import numpy as np
import pytest
from explorer_support import drive, shown
from matplotlib.colors import to_hex
from numpy.testing import assert_allclose

from lessonkit import style
from lessonkit.explorers import backprop
from lessonkit.explorers.backprop import Deltas, StepSize, TurnOneWeight
from mlp_core import NeuralNetMLP, load_mnist

N = 50
ULP = np.spacing(375.0)  # between a cost of the minibatch and the next number that float64 has


@functools.cache
def digits():
    sample = load_mnist("sample", np.float64)
    return sample.X_train[:N], sample.y_train[:N], np.eye(10)[sample.y_train[:N]]


@functools.cache
def networks():
    """The weights of the lesson's network before training and after each of 10 epochs."""
    nn = NeuralNetMLP(n_hidden=100, epochs=10, eta=0.005, minibatch_size=N, seed=1)
    found = []
    X, y = load_mnist("sample", np.float64)[:2]
    nn._init_weights(784, 10)
    for _ in range(11):
        found.append({name: getattr(nn, name).copy() for name in ("w_h", "b_h", "w_out", "b_out")})
        nn._train_epoch(X, np.eye(10)[y], nn.eta)
    return found


def weights(epochs):
    return networks()[epochs]


def outputs(w, X):
    a_h = 1 / (1 + np.exp(-(X @ w["w_h"] + w["b_h"])))
    return a_h, 1 / (1 + np.exp(-(a_h @ w["w_out"] + w["b_out"])))


@functools.cache
def cost(name, index, n, change):
    w = {key: value.copy() for key, value in weights(0).items()}
    w[name][index] += change
    X, _, Y = digits()
    _, a = outputs(w, X[:n])
    return -np.sum(Y[:n] * np.log(a) + (1 - Y[:n]) * np.log(1 - a))


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+\.\d{4}", text)]


def passes(line, x, y, slope, tolerance):
    """That a straight line goes through (x, y) with this slope."""
    (x0, x1), (y0, y1) = line.get_data()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(slope, rel=1e-6, abs=tolerance)
    assert y0 + (x - x0) * (y1 - y0) / (x1 - x0) == pytest.approx(y, abs=1e-9 + tolerance)


# -- one weight ---------------------------------------------------------------------------------------


def check_turn(explorer):
    change, ((name, index), n) = explorer.state["change"], (explorer.state["weight"], explorer.state["n"])
    here, slope = cost(name, index, n, change), (cost(name, index, n, change + 1e-5)
                                                 - cost(name, index, n, change - 1e-5)) / 2e-5
    x, y = explorer.curve.get_data()
    assert_allclose(x, np.linspace(-4, 4, 81), atol=1e-12)
    assert_allclose(y, [cost(name, index, n, round(at, 1)) for at in x], rtol=1e-12)
    assert [*explorer.now.get_xdata(), *explorer.now.get_ydata()] == pytest.approx([change, here])
    assert [*explorer.before.get_xdata(), *explorer.before.get_ydata()] == pytest.approx([0, cost(name, index, n, 0.0)])
    passes(explorer.tangent, change, here, slope, tolerance=1e-7)
    low, high = explorer.ax.get_ylim()
    assert low < y.min() and y.max() < high and np.ptp(y) > 0.7 * (high - low), "the axis does not fit the curve"
    value = weights(0)[name][index] + change
    assert f"{name}[{index[0]}, {index[1]}] is" in explorer.sentence
    assert numbers(explorer.sentence) == pytest.approx([value, here, slope], abs=0.00006)
    assert numbers(explorer.title.get_text()) == pytest.approx([slope], abs=0.00006)
    assert ("A smaller weight costs less" in explorer.sentence) == (slope > 0)


@pytest.mark.slow
def test_turn_one_weight():
    drive(TurnOneWeight(), check_turn)


def test_the_weights_to_turn_are_what_the_menu_calls_them():
    (steepest, (_, first)), (other, (_, second)), (ink, (_, third)), (corner, (_, fourth)) = TurnOneWeight.WEIGHTS
    X, _, Y = digits()
    a_h, a_out = outputs(weights(0), X)
    gradient = a_h.T @ (a_out - Y)
    assert first == (np.abs(gradient[:, 6]).argmax(), 6) and gradient[second] * (a_out - Y)[0, 6] < 0
    assert X[0, third[0]] == 1 and (X[:, fourth[0]] == -1).all() and third[1] == fourth[1] == second[0]
    assert [re.match(r"\w+\[(\d+), (\d+)\]", text).groups() for text in (steepest, other, ink, corner)] == [
        tuple(map(str, index)) for index in (first, second, third, fourth)]


# -- the step -----------------------------------------------------------------------------------------

STEPS = 10.0 ** np.arange(-14, 1)
STEEPEST = "w_out", (80, 6), N


def noise(h):
    """How far rounding may move a difference of two costs that is divided by h."""
    return 20 * ULP / h


def exact_slope():
    X, _, Y = digits()
    a_h, a_out = outputs(weights(0), X)
    return (a_h.T @ (a_out - Y))[80, 6]


def measured_slope(h, difference):
    back = h if difference == "central" else 0.0
    return (cost(*STEEPEST, h) - cost(*STEEPEST, -back)) / (h + back)


def check_step(explorer):
    h, difference = 10.0 ** -explorer.state["power"], explorer.state["difference"]
    x, y = explorer.curve.get_data()
    assert_allclose(x, np.linspace(-2, 2, 41), atol=1e-12)
    assert_allclose(y, [(cost(*STEEPEST, at * h) - cost(*STEEPEST, 0.0)) / h for at in x], rtol=0, atol=noise(h))
    start, end = explorer.ends.get_xdata()
    assert (start, end) == ((-1, 1) if difference == "central" else (0, 1))
    assert explorer.ends.get_ydata() == pytest.approx([y[np.isclose(x, start)][0], y[np.isclose(x, end)][0]], abs=1e-9)
    slope = measured_slope(h, difference)
    passes(explorer.secant, 1, explorer.ends.get_ydata()[1], slope, tolerance=noise(h))
    passes(explorer.secant, start, explorer.ends.get_ydata()[0], slope, tolerance=noise(h))
    (secant_x, secant_y), (marked,), (error,) = explorer.secant.get_data(), *explorer.mark.get_data()
    drawn = np.ptp(secant_y) / np.ptp(secant_x)
    step, kind, *_ = explorer.sentence.removeprefix("Step ").replace(":", ",").split(", ")
    assert float(step) == pytest.approx(h) and kind == difference and marked == pytest.approx(h)
    assert numbers(explorer.sentence)[:2] == pytest.approx([drawn, exact_slope()], abs=0.00006)
    assert error == pytest.approx(max(abs(drawn / exact_slope() - 1), 1e-12), rel=1e-6, abs=1e-14)
    assert error == pytest.approx(abs(slope / exact_slope() - 1), rel=1e-6, abs=noise(h) / exact_slope() + 1e-12)
    said = re.search(r"relative error (.+)\.$", explorer.sentence).group(1)
    assert said == "below 1e-7" if error < 1e-7 else float(said) == pytest.approx(error, rel=0.06)


@functools.cache
def step_size():
    return StepSize()


def test_step_size():
    drive(step_size(), check_step)


def error_lines(explorer):
    """What the right-hand picture shows: for each difference its colour, the steps and the errors."""
    for difference, color in (("one-sided", style.PURPLE), ("central", style.BLUE)):
        lines = [line for line in explorer.picture.fig.axes[1].lines if to_hex(line.get_color()) == color.lower()]
        points = {x: y for line in lines for x, y in zip(*line.get_data())}
        assert [line.get_label() for line in lines if not line.get_label().startswith("_")] == [difference]
        yield difference, np.array(sorted(points)), np.array([points[x] for x in sorted(points)])


def test_the_error_has_two_branches():
    explorer = step_size()
    found = {}
    for difference, steps, errors in error_lines(explorer):
        assert steps == pytest.approx(STEPS)
        expected = [abs(measured_slope(h, difference) / exact_slope() - 1) for h in STEPS]
        for h, error, own in zip(STEPS, errors, expected):
            assert error == pytest.approx(own, rel=1e-6, abs=noise(h) / exact_slope() + 1e-12)
        found[difference] = dict(zip(np.arange(-14, 1), errors))
    central, one_sided = found["central"], found["one-sided"]
    assert central[-1] / central[-2] == pytest.approx(100, rel=0.01)  # the error falls with the square of h
    assert one_sided[-2] / one_sided[-3] == pytest.approx(10, rel=0.01)  # and here with h
    assert min(central, key=central.get) in range(-7, -3) and min(one_sided, key=one_sided.get) in range(-9, -5)
    tangent = next(line for line in explorer.picture.fig.axes[0].lines if line.get_label() == "Tangent")
    passes(tangent, 0, 0, exact_slope(), tolerance=1e-12)


def test_the_picture_as_saved_holds_no_rounding_noise(monkeypatch):
    """Costs that differ in their last digits, as those of another computer do, leave its text as it is."""
    plain, cost_here, random = shown(step_size())[0]["text/plain"], backprop.cost, np.random.RandomState(1)
    monkeypatch.setattr(backprop, "cost", lambda *args: cost_here(*args) + random.randint(-4, 5) * ULP)
    assert shown(StepSize())[0]["text/plain"] == plain
    assert "rounding level" in plain


# -- deltas -------------------------------------------------------------------------------------------


def check_deltas(explorer):
    row, unit, epochs = explorer.state["digit"], explorer.state["unit"], explorer.state["epochs"]
    X, y, Y = digits()
    w = weights(epochs)
    a_h, a_out = outputs(w, X[row])
    delta_out = a_out - Y[row]
    delta_h = (w["w_out"] @ delta_out) * a_h * (1 - a_h)
    digit, hidden, gradient = explorer.images
    assert np.array_equal(digit.get_array(), X[row].reshape(28, 28))
    assert_allclose([bar.get_height() for bar in explorer.bars], delta_out, rtol=1e-6, atol=1e-9)
    assert [k for k, bar in enumerate(explorer.bars) if to_hex(bar.get_facecolor()) == style.ORANGE.lower()] == [y[row]]
    assert_allclose(np.ravel(hidden.get_array()), delta_h, rtol=1e-6, atol=1e-9)
    assert_allclose(gradient.get_array(), delta_h[unit] * X[row].reshape(28, 28), rtol=1e-6, atol=1e-9)
    (column,), (line,) = explorer.frame.get_data()
    assert_allclose(hidden.get_array()[line, column], delta_h[unit], rtol=1e-6, atol=1e-9)
    assert 10 * line + column == unit
    assert [title.get_text() for title in explorer.titles] == [f"A {y[row]}", f"Gradient of unit {unit}"]
    rival = max(set(range(10)) - {y[row]}, key=lambda k: delta_out[k])
    named = delta_out[y[row]], delta_out[rival], delta_h[unit]
    assert numbers(explorer.sentence) == pytest.approx(named, abs=0.00006)
    assert f"output {y[row]}, the right one" in explorer.sentence and f"of output {rival}." in explorer.sentence
    assert f"Delta of unit {unit}:" in explorer.sentence and "-0.0000" not in explorer.sentence


@pytest.mark.slow
def test_deltas():
    drive(Deltas(), check_deltas)


def test_one_scale_of_colours_for_all_derivatives():
    assert {image.get_clim() for image in Deltas().images[1:]} == {(-0.05, 0.05)}
