"""Lesson 2: one sigmoid unit, and one digit on its way through the network."""

import functools
from typing import NamedTuple

import numpy as np
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Rectangle

from mlp_core import NeuralNetMLP

from .. import figures, style
from ..figures import SIDE
from ..words import N_, _
from . import sample
from .base import Explorer, menu, slider

LOW, HIGH = 0.01, 0.99  # an activation beyond these is saturated, as lessons 1 and 2 have it
GREY_GROUND = {"color": style.GREY, "alpha": 0.25, "linewidth": 0}


# -- one unit ---------------------------------------------------------------------------------------

REACH, BIAS_REACH = 4.0, 6.0  # weight and input run from -REACH to REACH; the bias alone can saturate the unit
Z_LIMIT = REACH * REACH + BIAS_REACH
SATURATION = np.log(HIGH / LOW)  # the net input whose activation is HIGH
sigmoid = NeuralNetMLP()._sigmoid


class SigmoidUnit(Explorer):
    """A unit with one input: its net input, a straight line, and its activation, a step where that line is zero."""

    name = N_("Sigmoid unit")
    alt = N_("Two panels over the input x: the net input, a straight line, and the activation, a sigmoid step where "
             "the "
             "line crosses zero; where the unit is saturated the ground is grey.")

    def controls(self):
        # Quarters are exact in binary: no rounding noise in what is printed, and a weight of 0 is 0.
        return {"weight": slider(_("Weight w"), -REACH, REACH, 0.25, 1.0,
                                 _("How steep the step is, and which way it goes")),
                "bias": slider(_("Bias b"), -BIAS_REACH, BIAS_REACH, 0.25, 0.0,
                               _("Moves the step sideways, to x = -b / w")),
                "x": slider(_("Input x"), -REACH, REACH, 0.25, 1.0, _("Moves the orange point along the curve"))}

    def figure(self):
        fig = figures.new((8.6, 3.6))
        left, right = fig.subplots(1, 2)
        left.set(title=_("Net input z = w x + b"), xlabel=_("Input x"), ylabel="z", ylim=(-Z_LIMIT, Z_LIMIT))
        right.set(title=_("Activation a = sigmoid(z)"), xlabel=_("Input x"), ylabel="a", ylim=(-0.05, 1.05))
        for ax in (left, right):
            ax.set_xlim(-REACH, REACH)
        for bottom in (-Z_LIMIT, SATURATION):
            left.add_patch(Rectangle((-REACH, bottom), 2 * REACH, Z_LIMIT - SATURATION, **GREY_GROUND))
        left.axhline(0, color=style.GREY, linewidth=1)

        self.grounds = [right.add_patch(Rectangle((0, -0.05), 0, 1.1, **GREY_GROUND)) for _ in range(2)]
        self.line, self.curve = (ax.plot([], [], color=style.BLUE, linewidth=2)[0] for ax in (left, right))
        self.tangent, = right.plot([], [], "--", color=style.GREEN)
        self.steps, self.units = (
            [ax.plot([], [], markersize=9, **look)[0] for ax in (left, right)]
            for look in ({"marker": "D", "color": style.GREEN, "fillstyle": "none", "linestyle": ""},
                         {"marker": "o", "color": style.ORANGE, "clip_on": False, "linestyle": ""}))
        fig.legend([self.units[0], self.steps[0], self.tangent, self.grounds[0]],
                   [_("the unit at x"), _("the step: z = 0"), _("slope w / 4"),
                    _("saturated: a < {low} or a > {high}").format(low=LOW, high=HIGH)],
                   loc="outside lower center", ncols=4)
        return fig, [*self.grounds, self.line, self.curve, self.tangent, *self.steps, *self.units]

    def compute(self, weight, bias, x):
        z, axis = weight * x + bias, np.linspace(-REACH, REACH, 161)
        if weight:
            step, ends = -bias / weight, np.sort((np.array([-SATURATION, SATURATION]) - bias) / weight)
        else:  # the same activation everywhere: all of the axis is saturated, or nothing is
            step, ends = None, np.array([REACH, REACH] if abs(bias) > SATURATION else [-REACH, REACH])
        return {"weight": weight, "bias": bias, "x": x, "z": z, "a": float(sigmoid(z)), "step": step,
                "axis": axis, "z_axis": weight * axis + bias, "a_axis": sigmoid(weight * axis + bias),
                "unsaturated": np.clip(ends, -REACH, REACH)}

    def draw(self, weight, bias, x, z, a, step, axis, z_axis, a_axis, unsaturated):
        self.line.set_data(axis, z_axis)
        self.curve.set_data(axis, a_axis)
        for ground, start, end in zip(self.grounds, (-REACH, unsaturated[1]), (unsaturated[0], REACH)):
            ground.set(x=start, width=end - start)
        for unit, height in zip(self.units, (z, a)):
            unit.set_data([x], [height])
        for mark, height in zip(self.steps, (0, 0.5)):
            mark.set_data(*([], []) if step is None else ([step], [height]))
        # A slope of w / 4 climbs from 0 to 1 within 4 / w.
        self.tangent.set_data(*([], []) if step is None else (step + np.array([-2, 2]) / weight, [0, 1]))
        z_sum = f"{weight:.2f} × {_factor(x)} + {_factor(bias)} = {_plain(z)}"
        return _("w x + b = {z_sum}, so a is {a}; {where}.").format(z_sum=z_sum, a=_activation(a),
                                                                    where=_where(step, weight))


def _plain(value):
    """Two decimals, and no minus before 0.00."""
    return f"{round(value, 2) + 0.0:.2f}"


def _factor(value):
    """Two decimals, a negative number in brackets."""
    return f"({value:.2f})" if value < 0 else f"{value:.2f}"


def _activation(a):
    digits = f"{a:.4f}" if 0.0001 <= a <= 0.9999 else _("above 0.9999") if a > 0.5 else _("below 0.0001")
    return _("{a}, saturated").format(a=digits) if not LOW <= a <= HIGH else digits


def _where(step, weight):
    if step is None:
        return _("with w = 0 there is no step, and a is the same for every input")
    said = (_("the step is at x = {step}, with slope {slope:.2f}") if abs(step) <= REACH else
            _("the step is at x = {step}, outside the picture, with slope {slope:.2f}"))
    return said.format(step=_plain(step), slope=weight / 4)


# -- one digit --------------------------------------------------------------------------------------

EPOCHS = 20  # of the 60 of the lesson's last section: a second of training, and the answers have formed
DIGITS = {16: N_("2, the lesson's own"), 139: N_("0, plain"), 373: N_("2, in heavy strokes"),
          273: N_("4, in thin strokes"), 457: N_("8, not quite closed"), 109: N_("7, with a long hook"),
          397: N_("1, with a foot"), 269: N_("6, leaning over")}


ROW = 1.13  # height of the row of answers, in units of the outputs below it


class Passes(NamedTuple):
    """The forward passes of the digits in DIGITS (d of them), after epochs 0 (untrained) to EPOCHS (e in all)."""

    X: np.ndarray      # (d, 784)
    y: np.ndarray      # (d,)
    a_h: np.ndarray    # (e, d, 100)
    z_out: np.ndarray  # (e, d, 10)
    a_out: np.ndarray  # (e, d, 10)
    cost: np.ndarray   # (e, d), without the penalty


@functools.cache
def passes():
    """Train the lesson's network, once in a kernel; takes about a second. Keeps 0.2 MB; all weights would be 13."""
    chosen = list(DIGITS)
    X, y = sample.pixels("valid", chosen), sample.labels("valid", chosen)
    X_train, y_train = sample.training_and_validation()[:2]
    nn = NeuralNetMLP(n_hidden=100, l2=0.01, eta=0.005, minibatch_size=100, seed=1)
    nn._init_weights(X.shape[1], 10)
    forward, learned = [nn._forward(X)], nn._onehot(y_train, 10)
    for _epoch in range(EPOCHS):
        nn._train_epoch(X_train, learned, nn.eta)  # unlike `fit`, which evaluates 4,500 digits after each
        forward.append(nn._forward(X))
    _z_h, a_h, z_out, a_out = map(np.array, zip(*forward))
    y_enc = nn._onehot(y, 10)
    cost = [[nn._data_cost(*one) for one in zip(y_enc, z)] for z in z_out]
    return Passes(X, y, a_h, z_out, a_out, np.array(cost))


class OneDigit(Explorer):
    """A digit on its way through the network, pixels, hidden activations, outputs, after each epoch of training."""

    name = N_("One digit")
    alt = N_("One digit's way through the network: its pixels, the 100 hidden activations as an image, ten bars for "
             "the "
             "outputs; below, epoch by epoch, the answers and the outputs behind them.")

    def __init__(self):
        self.passes = passes()
        super().__init__()

    def controls(self):
        return {"epoch": slider(_("Epoch"), 0, EPOCHS, 1, EPOCHS,
                                _("How long the network has trained; 0 is untrained")),
                "digit": menu(_("Digit"), [(_(text), position) for position, text in DIGITS.items()],
                              next(iter(DIGITS)),
                              _("Which digit of the validation set goes through the network"))}

    def figure(self):
        fig = figures.new((8.6, 4.2))
        grid = fig.add_gridspec(2, 3, width_ratios=(1, 1, 1.9), height_ratios=(1.6, 1), wspace=0.08)
        pixels, hidden, outputs = (fig.add_subplot(grid[0, column]) for column in range(3))
        return fig, [*self._draw_images(pixels, hidden), *self._draw_outputs(outputs),
                     *self._draw_history(fig.add_subplot(grid[1, :]))]

    def _draw_images(self, pixels, hidden):
        self.pixels = pixels.imshow(np.zeros((SIDE, SIDE)), cmap="Greys", vmin=-1, vmax=1)
        self.hidden = hidden.imshow(np.zeros((10, 10)), vmin=0, vmax=1)
        for ax, below in ((pixels, _("784 pixels")), (hidden, _("100 hidden units: 0 dark, 1 bright"))):
            ax.set(xticks=[], yticks=[], xlabel=below)
            ax.spines[:].set_visible(False)
        self.label, self.saturated = pixels.title, hidden.title
        return [self.pixels, self.hidden, self.label, self.saturated]

    def _draw_outputs(self, ax):
        self.bars = ax.bar(range(10), np.zeros(10))
        self.pointer, = ax.plot([], [], "v", color=style.GREEN, markersize=9)
        self.answer = ax.set_title("", fontsize="large", weight="bold")
        ax.set(xlabel=_("Class (triangle: the label)"), ylabel=_("Output"), xticks=range(10), xlim=(-0.6, 9.6),
               ylim=(0, 1.1))
        return [*self.bars, self.pointer, self.answer]

    def _draw_history(self, ax):
        self.of_label, = ax.plot([], [], ".-", color=style.GREEN, label=_("output of the label"))
        self.of_other, = ax.plot([], [], ".--", color=style.BLUE, label=_("largest other output"))
        # Digits as markers of eleven lines: 21 texts would take longer to draw than all the rest.
        row = {"linestyle": "", "markersize": 8, "markeredgewidth": 0, "clip_on": False, "in_layout": False}
        self.right, = ax.plot([], [], color=style.GREEN, label=_("right answers"), **row)
        self.bold = [MarkerStyle(rf"$\mathbf{{{k}}}$") for k in range(10)]
        self.wrong = [ax.plot([], [], color=style.RED, marker=f"${k}$",
                              label=_("wrong answers {digit}").format(digit=k), **row)[0]
                      for k in range(10)]
        ax.set(xlabel=_("Epoch"), ylabel=_("Output"), xticks=range(EPOCHS + 1), xlim=(-0.6, EPOCHS + 0.6), ylim=(0, 1))
        ax.set_title(_("The answer after each epoch (bold: right)"), x=0, ha="left", pad=22)
        ax.legend(handles=[self.of_label, self.of_other], loc="lower right", bbox_to_anchor=(1, 1.2), ncols=2,
                  borderaxespad=0)
        return [self.of_label, self.of_other, self.right, *self.wrong]

    def compute(self, epoch, digit):
        run, column = self.passes, list(DIGITS).index(digit)
        label, a_out, so_far = run.y[column], run.a_out[:, column], slice(epoch + 1)
        return {"epoch": epoch, "label": int(label), "cost": run.cost[epoch, column],
                "pixels": run.X[column], "a_h": run.a_h[epoch, column], "a_out": a_out[epoch],
                "answers": run.z_out[so_far, column].argmax(axis=1),
                "of_label": a_out[so_far, label], "of_other": np.delete(a_out[so_far], label, axis=1).max(axis=1)}

    def draw(self, epoch, label, cost, pixels, a_h, a_out, answers, of_label, of_other):
        answer = answers[epoch]
        self.pixels.set_data(pixels.reshape(SIDE, SIDE))
        self.label.set_text(_("Label: {label}").format(label=label))
        self.hidden.set_data(a_h.reshape(10, 10))
        self.saturated.set_text(_("{n} of 100 saturated").format(n=np.count_nonzero((a_h < LOW) | (a_h > HIGH))))
        for k, (bar, height) in enumerate(zip(self.bars, a_out)):
            bar.set(height=height, color=style.ORANGE if k == answer else style.BLUE)
        self.pointer.set_data([label], [1.03])
        self.answer.set_text(_("Answer: {answer}").format(answer=answer))
        self.of_label.set_data(range(epoch + 1), of_label)
        self.of_other.set_data(range(epoch + 1), of_other)
        self.right.set_marker(self.bold[label])
        for k, line in enumerate(self.wrong):
            said = np.flatnonzero(answers == k)
            (self.right if k == label else line).set_data(said, np.full(len(said), ROW))
        self.wrong[label].set_data([], [])
        numbers = {"epoch": epoch, "answer": answer, "output": a_out[answer], "label": label, "cost": cost,
                   "of_label": of_label[epoch], "other": of_other[epoch]}
        if epoch == 0:
            said = (_("Untrained, the answer is {answer}, with output {output:.2f}, which is right, and the largest "
                      "other "
                      "output is {other:.2f}; this digit costs {cost:.2f}.") if answer == label else
                    _("Untrained, the answer is {answer}, with output {output:.2f}, but the label is {label}, with "
                      "{of_label:.2f}; this digit costs {cost:.2f}."))
        else:
            said = (_("After epoch {epoch} the answer is {answer}, with output {output:.2f}, which is right, and the "
                      "largest "
                      "other output is {other:.2f}; this digit costs {cost:.2f}.") if answer == label else
                    _("After epoch {epoch} the answer is {answer}, with output {output:.2f}, but the label is "
                      "{label}, with "
                      "{of_label:.2f}; this digit costs {cost:.2f}."))
        return said.format(**numbers)
