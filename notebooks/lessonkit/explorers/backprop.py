"""Lesson 3: the cost over one weight, the step of the numerical gradient, and the deltas of a digit.

All three look at the lesson's own network and minibatch: 100 hidden units from seed 1, the first 50 training digits. No
layer has 50 units, so a shape says which of its axes counts the digits.
"""

import copy
import functools

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from mlp_core import NeuralNetMLP

from .. import figures, reading, style
from ..words import N_, _, pgettext
from . import sample
from .base import Explorer, choices, menu, slider

N = 50  # digits in the minibatch
NAMES = "w_h", "b_h", "w_out", "b_out"  # in the order of the core's gradients
STEEPEST = "w_out", (80, 6)  # of all weights of output 6, the one with the largest derivative


@functools.cache
def minibatch():
    """The lesson's digits: pixels (50, 784), labels (50,) and one-hot labels (50, 10), as float64."""
    y = sample.labels("train", slice(N))
    return sample.pixels("train", slice(N)), y, NeuralNetMLP()._onehot(y, 10)


@functools.cache
def untrained():
    """The lesson's network."""
    nn = NeuralNetMLP(n_hidden=100, eta=0.005, minibatch_size=N, seed=1)
    nn._init_weights(n_features=784, n_classes=10)
    return nn


@functools.cache
def trained(*epochs):
    """The lesson's network after each number of `epochs` on the 4,000 training digits, as a dict."""
    X, y = sample.training_and_validation()[:2]
    nn, y_enc, networks = copy.deepcopy(untrained()), untrained()._onehot(y, 10), {0: untrained()}
    for number in range(1, max(epochs) + 1):
        nn._train_epoch(X, y_enc, nn.eta)  # nobody asks for its figures, which `fit` computes after each
        if number in epochs:
            networks[number] = copy.deepcopy(nn)
    return networks


def turned(name, index, change):
    """The lesson's network with one weight changed, all others kept."""
    nn = copy.copy(untrained())
    weight = getattr(nn, name).copy()
    weight[index] += change
    setattr(nn, name, weight)
    return nn


def cost(nn, n=N):
    """The logistic cost of the first `n` digits of the minibatch."""
    X, _y, y_enc = minibatch()
    return nn._data_cost(y_enc[:n], nn._forward(X[:n])[2])


def slope(nn, name, index, n=N):
    """The derivative of that cost by one weight, from the core's gradient."""
    X, _y, y_enc = minibatch()
    return nn._gradients(X[:n], y_enc[:n])[NAMES.index(name)][index]


def written(number):
    """With four decimals, and never -0.0000."""
    return f"{round(float(number), 4) + 0.0:.4f}"


class TurnOneWeight(Explorer):
    """The cost over one weight, all others kept; where the weight stands, the tangent with the derived slope."""

    name = N_("Turn one weight")
    alt = N_("The cost over the change of one weight, and the tangent whose slope is the derived gradient.")
    CHANGES = np.arange(-40, 41) / 10
    WEIGHTS = [(N_("w_out[80, 6]: unit 80 to output 6"), STEEPEST),
               (N_("w_out[26, 6]: unit 26 to output 6"), ("w_out", (26, 6))),
               (N_("w_h[314, 26]: ink to unit 26"), ("w_h", (314, 26))),
               (N_("w_h[0, 26]: paper to unit 26"), ("w_h", (0, 26)))]
    SETS = [(N_("the minibatch of 50 digits"), N), (N_("its first digit, a 6, alone"), 1)]

    def __init__(self):
        self.curves = {(weight, n): np.array([cost(turned(*weight, change), n) for change in self.CHANGES])
                       for _, weight in self.WEIGHTS for _, n in self.SETS}
        super().__init__()

    def controls(self):
        return {"change": slider(_("Turn the weight by"), -4.0, 4.0, 0.1, 0.0,
                                 _("Added to this weight; all others stay")),
                "weight": menu(_("Weight"), [(_(text), weight) for text, weight in self.WEIGHTS], STEEPEST,
                               _("Which of the network's weights is turned")),
                "n": menu(_("Cost of"), [(_(text), n) for text, n in self.SETS], N,
                          _("The digits whose cost is measured"))}

    def figure(self):
        fig = figures.new((8, 3.6))
        self.ax = fig.subplots()
        self.ax.set(xlabel=_("Change of the weight"), ylabel=_("Cost J"), xlim=(-4.1, 4.1))
        self.ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))  # never wider labels than the first
        self.curve, = self.ax.plot([], [], color=style.BLUE, label=_("Cost"))
        self.tangent, = self.ax.plot([], [], "--", color=style.ORANGE, label=_("Tangent"))
        self.before, = self.ax.plot([], [], "o", color="black", markerfacecolor="white", label=_("Weight untouched"))
        self.now, = self.ax.plot([], [], "o", color="black", label=_("Weight turned"))
        self.ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4)
        self.title = self.ax.set_title(_("Slope"), loc="left")
        return fig, [self.curve, self.tangent, self.before, self.now, self.title]

    def compute(self, change, weight, n):
        name, (row, column) = weight
        nn = turned(*weight, change)
        return {"costs": self.curves[weight, n], "change": change, "cost_now": cost(nn, n),
                "slope_now": slope(nn, *weight, n), "label": f"{name}[{row}, {column}]",
                "value": getattr(nn, name)[row, column]}

    def draw(self, costs, change, cost_now, slope_now, label, value):
        margin = 0.1 * np.ptp(costs)  # an axis for each curve; it stands still while the weight is turned
        self.ax.set_ylim(costs.min() - margin, costs.max() + margin)
        self.picture.turn_to(self.ax.get_ylim())  # eight in all
        ends = np.array([-5, 5])
        self.curve.set_data(self.CHANGES, costs)
        self.tangent.set_data(ends, cost_now + slope_now * (ends - change))
        self.before.set_data([0], [costs[len(costs) // 2]])
        self.now.set_data([change], [cost_now])
        self.title.set_text(_("Slope {slope}").format(slope=written(slope_now)))
        said = (_("{name} is {value}: cost {cost}, slope {slope}. A smaller weight costs less.") if slope_now > 0 else
                _("{name} is {value}: cost {cost}, slope {slope}. A larger weight costs less."))
        return said.format(name=label, value=written(value), cost=written(cost_now), slope=written(slope_now))


class StepSize(Explorer):
    """The secant that measures a slope with a step h, seen at the scale of the step, and its error over h."""

    name = N_("Step size")
    alt = N_("On the left the cost around one weight, at the scale of the step, with secant and tangent; on the right "
             "the error of the measured slope over the step.")
    POWERS = range(14, -1, -1)  # the steps are 10 ** -power
    DISTANCES = np.arange(-20, 21) / 10  # from the weight, in steps
    ENDS = {N_("central"): [10, 30], N_("one-sided"): [20, 30]}  # of the secant: the places of -1, 0 and 1 in DISTANCES
    FLOOR = 1e-12  # of the picture of the error; by chance rounding can cancel out below it

    def __init__(self):
        self.cost, self.exact = cost(untrained()), slope(untrained(), *STEEPEST)
        self.rises = {power: np.array([cost(turned(*STEEPEST, distance * 10.0 ** -power)) - self.cost
                                       for distance in self.DISTANCES]) / 10.0 ** -power for power in self.POWERS}
        self.errors = {ends: np.array([abs(self.measured(power, ends) / self.exact - 1) for power in self.POWERS])
                       for ends in self.ENDS}
        super().__init__()

    def measured(self, power, difference):
        """The slope of the secant."""
        start, end = self.ENDS[difference]
        return (self.rises[power][end] - self.rises[power][start]) / (self.DISTANCES[end] - self.DISTANCES[start])

    @staticmethod
    def named(power):
        return f"1e-{power}" if power else "1"

    def controls(self):
        return {"power": choices(_("Step h"), [(self.named(power), power) for power in self.POWERS], 4,
                                 _("How far the weight is moved to measure the slope")),
                "difference": menu(pgettext("how a slope is measured", "Difference"),
                                   [(_("central, from w - h to w + h"), "central"),
                                                     (_("one-sided, from w to w + h"), "one-sided")], "central",
                                   _("Which two costs the secant joins"))}

    def figure(self):
        fig = figures.new((9, 3.6))
        left, right = fig.subplots(1, 2)
        left.set(xlabel=_("Distance from the weight, in steps h"), ylabel=_("Rise of the cost, divided by h"),
                 xlim=(-2, 2), ylim=(-40, 60))
        self.curve, = left.plot([], [], color=style.BLUE, label=_("Cost"))
        left.plot([-2, 2], [-2 * self.exact, 2 * self.exact], ":", color="black", label=_("Tangent"))
        self.secant, = left.plot([], [], "--", color=style.ORANGE, label=_("Secant"))
        self.ends, = left.plot([], [], "o", color=style.ORANGE)
        left.legend(loc="upper left")
        self.plot_error(right, "one-sided", style.PURPLE, "s", 3)
        self.plot_error(right, "central", style.BLUE, "o", 2)
        right.set(xlabel=_("Step h"), ylabel=_("Relative error of the slope"), ylim=(self.FLOOR / 3, 3))
        right.legend(loc="upper center")
        self.mark, = right.plot([], [], "o", color=style.ORANGE, markersize=12, markerfacecolor="none",
                                markeredgewidth=2, gid=reading.ROUNDING)
        return fig, [self.curve, self.secant, self.ends, self.mark]

    def plot_error(self, ax, difference, color, marker, power):
        """From the step 10 ** -power upward the error is the formula's; below, rounding has a part in it."""
        steps, errors = 10.0 ** -np.array(self.POWERS), np.maximum(self.errors[difference], self.FLOOR)
        smallest = self.POWERS.index(power)
        ax.loglog(steps[smallest:], errors[smallest:], f"{marker}-", color=color, label=_(difference))
        ax.loglog(steps[:smallest + 1], errors[:smallest + 1], f"{marker}:", color=color, gid=reading.ROUNDING)

    def compute(self, power, difference):
        return {"rises": self.rises[power], "ends": self.ENDS[difference], "measured": self.measured(power, difference),
                "error": self.errors[difference][self.POWERS.index(power)], "h": 10.0 ** -power,
                "power": power, "difference": difference}

    def draw(self, rises, ends, measured, error, h, power, difference):
        self.curve.set_data(self.DISTANCES, rises)
        self.ends.set_data(self.DISTANCES[ends], rises[ends])
        across = np.array([-2, 2])
        self.secant.set_data(across, rises[ends[1]] + measured * (across - 1))
        self.mark.set_data([h], [max(error, self.FLOOR)])
        said = _("Step {h}, {difference}: measured slope {measured}, exact slope {exact}, relative error {error}.")
        return said.format(h=self.named(power), difference=_(difference), measured=written(measured),
                           exact=written(self.exact), error=_("below 1e-7") if error < 1e-7 else f"{error:.1e}")


class Deltas(Explorer):
    """One digit's deltas at the outputs and the hidden units, and the gradient of one hidden unit's weights."""

    name = N_("Deltas")
    alt = N_("A digit, its deltas at the ten outputs and the hundred hidden units, and the gradient of one unit's "
             "weights.")
    EPOCHS = 0, 1, 2, 5, 10
    DEEPEST = 0.05  # a derivative that gets the deepest colour, as do all beyond

    def __init__(self):
        self.networks = trained(*self.EPOCHS)
        super().__init__()

    def controls(self):
        return {"digit": slider(_("Digit"), 0, N - 1, 1, 0, _("A row of the minibatch")),
                "unit": slider(_("Hidden unit"), 0, 99, 1, 26, _("Whose gradient is shown; a frame marks its delta")),
                "epochs": choices(_("Epochs of training"), self.EPOCHS, 0, _("How long the network has learned"))}

    def figure(self):
        fig = figures.new((9, 3))
        digit, outputs, hidden, gradient = fig.subplots(1, 4, width_ratios=[1, 1.2, 1.1, 1.1])
        figures.draw_digit(digit, minibatch()[0][0], _("A digit"))
        self.bars = outputs.bar(range(10), np.zeros(10))
        outputs.axhline(0, color="black", linewidth=0.8)
        outputs.set(xlabel=_("Output"), ylabel=_("Delta"), ylim=(-1, 1), xticks=range(10),
                    title=_("{delta} of 10 outputs").format(delta=r"$\delta_\mathrm{out}$"))
        style.with_formula(outputs.title)
        figures.draw_signed(hidden, np.zeros((10, 10)), _("{delta} of 100 units").format(delta=r"$\delta_\mathrm{h}$"),
                            self.DEEPEST)
        style.with_formula(hidden.title)
        figures.draw_signed(gradient, np.zeros((28, 28)), _("Gradient"), self.DEEPEST)
        outline = [withStroke(linewidth=4, foreground="white")]  # black alone would not show on the deepest colours
        self.frame, = hidden.plot([], [], "s", color="black", markerfacecolor="none", markersize=11,
                                  path_effects=outline)
        self.images = [ax.images[0] for ax in (digit, hidden, gradient)]
        self.titles = [digit.title, gradient.title]
        fig.colorbar(self.images[1], ax=gradient, shrink=0.6, ticks=[-self.DEEPEST, 0, self.DEEPEST])
        return fig, [*self.images, *self.bars, self.frame, *self.titles]

    def compute(self, digit, unit, epochs):
        X, y, y_enc = (part[digit:digit + 1] for part in minibatch())
        # Of a single digit the gradients of the biases are its deltas.
        grad_w_h, delta_h, _grad_w_out, delta_out = self.networks[epochs]._gradients(X, y_enc)
        return {"pixels": X[0], "label": y[0], "delta_out": delta_out, "delta_h": delta_h, "unit": unit,
                "gradient": grad_w_h[:, unit]}

    def draw(self, pixels, label, delta_out, delta_h, unit, gradient):
        for image, values in zip(self.images, (pixels, delta_h, gradient)):
            image.set_data(values.reshape(image.get_array().shape))
        for k, (bar, delta) in enumerate(zip(self.bars, delta_out)):
            bar.set_height(delta)
            bar.set_facecolor(style.ORANGE if k == label else style.BLUE)
        self.frame.set_data([unit % 10], [unit // 10])
        self.titles[0].set_text(_("A {digit}").format(digit=label))
        self.titles[1].set_text(_("Gradient of unit {unit}").format(unit=unit))
        rival = np.delete(np.arange(10), label)[np.delete(delta_out, label).argmax()]
        return _("Delta of output {label}, the right one: {delta}; largest of the others: {other} of output {rival}. "
                 "Delta "
                 "of unit {unit}: {delta_h}; its gradient is the digit times that.").format(
            label=label, delta=written(delta_out[label]), other=written(delta_out[rival]), rival=rival, unit=unit,
            delta_h=written(delta_h[unit]))
