"""Lesson 2: the figures and tables around one forward pass, its cost and five moments of training."""

import numpy as np

from .. import figures
from ..tables import table
from ..words import _


# -- one unit ---------------------------------------------------------------------------------------


def show_steps(x_axis, weights, biases):
    """Sigmoid curves over one input: for several weights, then for several biases; dicts label -> activations."""
    with figures.picture(_("Two panels of sigmoid curves: on the left a larger weight makes the step steeper "
                           "and a negative one turns it round; on the right a bias moves the step sideways."),
                         1, 2, size=(9, 3.2), sharey=True) as (left, right):
        figures.plot_lines(left, x_axis, weights, _("Input x"), _("Activation"), _("Three weights (b = 0)"))
        figures.plot_lines(right, x_axis, biases, _("Input x"), _("Activation"), _("Three biases (w = 2)"))


def show_products(x, w):
    """A digit `x` (784,), the weights `w` (784,) of a unit and their products, as three images."""
    with figures.picture(_("Three images of 28 by 28: the digit 2, the random weights of one hidden unit, "
                           "and their products, which look as random as the weights."),
                         1, 3, size=(8, 2.9)) as (digit, weights, products):
        figures.draw_digit(digit, x, _("Inputs x"))
        figures.draw_signed(weights, w, _("Weights w (red > 0)"))
        figures.draw_signed(products, x * w, _("Products (red > 0)"))


def show_slope(z_axis, activation, slope, at):
    """The sigmoid and its slope over the net input; the slope is also printed `at` some of its whole numbers."""
    with figures.picture(_("The sigmoid and its slope: the slope is a hill, highest at zero "
                           "and almost nothing beyond 5 on both sides."), size=(6.4, 2.9)) as ax:
        figures.plot_lines(ax, z_axis, {_("Activation a"): activation, _("Slope a (1 - a)"): slope},
                           _("Net input z"), _("Value"))
    table({"z": at, _("slope"): [slope[np.abs(z_axis - z).argmin()] for z in at]}, "{}", "{:.5f}")


# -- a layer ----------------------------------------------------------------------------------------


def compare_parts(labels, ink, ink_adds, paper_adds, rows):
    """For a few `rows`: how many pixels are `ink` (n, 784) and paper, and the typical size of what each adds (n,)."""
    ink_pixels = ink[rows].sum(axis=1)
    table({_("row"): rows, _("label"): labels[rows], _("ink pixels"): ink_pixels, _("ink adds"): ink_adds[rows],
           _("paper pixels"): ink.shape[1] - ink_pixels, _("paper adds"): paper_adds[rows]},
          "{}", "{}", "{}", "{:.2f}", "{}", "{:.2f}")


# -- answers and their cost -------------------------------------------------------------------------


def name_counts(counts):
    """How often each class was said, without those that never were: "194 times 1, 306 times 8"."""
    return ", ".join(_("{count} times {digit}").format(count=count, digit=k) for k, count in enumerate(counts) if count)


def show_guesses(counts, right):
    """Bars of how often each class is said, `counts` (10,); `right` is the share of right answers."""
    with figures.picture(_("Bars of how often the untrained network guesses each class: {counts}.").format(
            counts=name_counts(counts)), size=(6.4, 2.8)) as ax:
        figures.plot_bars(ax, range(10), counts, _("Class"), _("Guesses"),
                          _("Untrained: {right:.1%} right").format(right=right))


def show_costs(a_axis, costs):
    """The cost of one output over the output, for both labels; `costs` is a dict label -> values."""
    with figures.picture(_("Two mirrored curves: the cost of an output is near zero where it agrees with the label "
                           "and grows without bound where it is surely wrong."), size=(6.4, 2.9)) as ax:
        figures.plot_lines(ax, a_axis, costs, _("Output a"), _("Cost of one output")).set_xlim(0, 1)


# -- training ---------------------------------------------------------------------------------------


def show_passes(X, passes, row):
    """The forward pass of one `row` of `X` after some epochs; `passes` is a dict epoch -> what `_forward(X)` gave."""
    with figures.picture(_("The forward pass of a handwritten 2 after epochs 0, 1, 5, 20 and 60: the digit, "
                           "its 100 hidden activations, and ten bars, all middling at first, then all low, "
                           "at last one high bar at class 2."),
                         len(passes), 3, size=(8, 10), width_ratios=(1, 1, 1.8)) as rows:
        for axes, (epoch, (_z_h, a_h, _z_out, a_out)) in zip(rows, passes.items()):
            figures.draw_forward(axes, X[row], a_h[row], a_out[row], _("After epoch {epoch}").format(epoch=epoch))


def print_passes(epochs, outputs, costs, sums):
    """A line for each of `epochs`: one digit's ten `outputs` and its cost, and the mean sum over all digits."""
    table({_("epoch"): epochs, **{str(k): [row[k] for row in outputs] for k in range(10)}, _("cost"): costs,
           _("sum, all digits"): sums}, "{}", *["{:.2f}"] * 12)
