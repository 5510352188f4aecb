"""Lesson 6: the tables, sentences and special figures around the mistakes of one network."""

import numpy as np

from .. import figures, style
from ..tables import table
from ..words import _


# -- sentences --------------------------------------------------------------------------------------


def in_fives(labels):
    """The `labels` (n,) as a sentence, five together, as the class wrote its answers down."""
    digits = "".join(map(str, labels))
    fives = " ".join(digits[start:start + 5] for start in range(0, len(digits), 5))
    return _("The labels are {labels}").format(labels=fives)


def most_confused(both_ways):
    """The pair with the largest count in `both_ways` (10, 10), as a sentence."""
    one, other = np.unravel_index(both_ways.argmax(), both_ways.shape)
    return _("{one} and {other}, {n} times in both directions together").format(one=one, other=other,
                                                                                n=both_ways[one, other])


def changes(before, after):
    """How mean accuracies change: `before` and `after` are dicts name -> values in per cent, one a seed."""
    means = {name: (np.mean(before[name]), np.mean(after[name])) for name in before}
    said = "; ".join((_("{name} rises from {old:.1f} to {new:.1f} %") if new > old else
                      _("{name} falls from {old:.1f} to {new:.1f} %")).format(name=name, old=old, new=new)
                     for name, (old, new) in means.items())
    return _("{changes} (means)").format(changes=said)


# -- tables -----------------------------------------------------------------------------------------


def print_groups(groups, confidence, hit):
    """A row for each of `groups`, pairs (low, high): how many digits, hits and mistakes, how sure, how often right."""
    inside = [(confidence > low) & (confidence <= high) for low, high in groups]
    table({_("confidence"): [_("{low} to {high}").format(low=low, high=high) for low, high in groups],
           _("hits"): [np.sum(hit[chosen]) for chosen in inside],
           _("mistakes"): [np.sum(~hit[chosen]) for chosen in inside],
           _("mean confidence"): [confidence[chosen].mean() for chosen in inside],
           _("share right"): [hit[chosen].mean() for chosen in inside]}, "{}", "{}", "{}", "{:.2f}", "{:.2f}")


# -- figures ----------------------------------------------------------------------------------------


@style.course()
def two_heat_maps(confusion, only_mistakes):
    """A new figure: the whole confusion matrix, and beside it the one whose diagonal is 0."""
    fig = figures.new((9, 4.7))
    for ax, counts, title in zip(fig.subplots(1, 2), (confusion, only_mistakes), (_("All digits"), _("Mistakes only"))):
        figures.draw_matrix(ax, counts, range(10), range(10), _("True class"), _("Predicted class"), title,
                            cmap="Greys")
    return fig


def plot_reliability(ax, stated, share, half_width):
    """What the outputs stated, `stated` (bins,), and how often it was so, `share`, with its 95 % interval."""
    ax.plot([0, 1], [0, 1], color=style.GREY, linestyle=":", label=_("as often as stated"))
    ax.errorbar(stated, share, half_width, color=style.BLUE, marker="o", linestyle="none", label=_("the network"))
    ax.set(xlabel=_("Mean output"), ylabel=_("Share of digits of the class"), xlim=(-0.03, 1.03), ylim=(-0.03, 1.03))
    ax.legend()
    return ax


@style.course()
def units_as_images(w_h, units, limit=0.5):
    """A new figure: the incoming weights of 25 hidden `units`, columns of `w_h` (784, n_hidden), as images."""
    fig = figures.new((6.2, 6.9))
    for ax, unit in zip(fig.subplots(5, 5).flat, units):
        figures.draw_signed(ax, w_h[:, unit], _("unit {unit}").format(unit=unit), limit).title.set_fontsize("small")
    return fig


def plot_weights_over_start(ax, before, after, blank, title):
    """The weights of one unit, `after` training over `before` (784,); those of `blank` pixels (784,) stand out."""
    for pixels, label, color, marker in ((~blank, _("pixels with ink"), style.GREY, "."),
                                         (blank, _("blank pixels"), style.ORANGE, "x")):
        ax.scatter(before[pixels], after[pixels], s=12, color=color, marker=marker, label=label)
    ax.set(xlabel=_("Weight before training"), ylabel=_("Weight after training"), title=title)
    ax.legend()
    return ax


@style.course()
def crossing(steps, outputs, classes, images, answers):
    """A new figure: the outputs (k, 10) of two `classes` over the `steps` (k,), and the digits at both ends."""
    fig = figures.new((9, 3))
    left, *ends = fig.subplots(1, 3, width_ratios=(2.4, 1, 1))
    figures.plot_lines(left, steps, {_("output {digit}").format(digit=k): outputs[:, k] for k in classes},
                       _("Step s"), _("Output"))
    left.set_xticks(np.linspace(steps[0], steps[-1], 5))
    for ax, pixels, s, answer in zip(ends, images, steps[[0, -1]], answers):
        figures.draw_digit(ax, pixels, f"s = {s}: {answer}")
    return fig
