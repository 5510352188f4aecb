"""Lesson 1: the digits of a class, page by page, and one digit with other pixel values."""

from functools import cache

import numpy as np
from matplotlib.patches import Patch

from mlp_core import NeuralNetMLP

from .. import figures, style
from ..figures import SIDE
from ..words import N_, _
from . import sample
from .base import Explorer, choices, menu, slider

PALE = "#cccccc"


@cache
def class_means():
    """The means (10, 784) of the classes of the sample's training set."""
    y = sample.labels("train")
    return np.stack([sample.pixels("train", y == digit).mean(axis=0) for digit in range(10)])


# -- leafing through --------------------------------------------------------------------------------

ROWS, COLUMNS = 5, 4  # of a page
PAGE = ROWS * COLUMNS
AS_STORED, BY_DISTANCE = N_("as in the sample"), N_("nearest the mean first")


@cache
def rows_of_class(digit, order):
    """Which rows of the training set show `digit`, in one of the two orders."""
    rows = np.flatnonzero(sample.labels("train") == digit)
    if order == BY_DISTANCE:
        X = sample.pixels("train", rows)
        rows = rows[((X - class_means()[digit]) ** 2).sum(axis=1).argsort(kind="stable")]
    return rows


class LeafThrough(Explorer):
    """The training digits of a class, a page at a time, and one of them minus the mean of its class.

    The squares of that difference add up to the digit's squared distance to the mean. The class whose mean is nearest
    is the answer of the lesson's first classifier, right or wrong.
    """

    name = N_("Leaf through")
    alt = N_("A page of digits of one class, one of them framed; that digit, the mean of its class and the difference; "
             "bars of its squared distances to the means of all ten classes.")

    def controls(self):
        each = int(np.bincount(sample.labels("train")).min())
        return {"digit": slider(_("Class"), 0, 9, 1, 7, _("The class whose digits are shown")),
                "number": slider(_("Which one"), 1, each, 1, 1,
                                 _("The digit of the class that is framed and shown large")),
                "order": menu(_("Order"), [(_(order), order) for order in (AS_STORED, BY_DISTANCE)], AS_STORED,
                              _("How the digits of the class are sorted: as the sample holds them, or from the most to "
                                "the least typical"))}

    def figure(self):
        fig = figures.new((9, 4.2))
        grid = fig.add_gridspec(2, 4, width_ratios=[1.9, 1, 1, 1], height_ratios=[1, 0.85])
        left, below = fig.add_subplot(grid[:, 0]), fig.add_subplot(grid[1, 1:])
        digit, mean, difference = (fig.add_subplot(grid[0, column]) for column in (1, 2, 3))

        self.page = left.imshow(np.zeros((ROWS * SIDE, COLUMNS * SIDE)), cmap="Greys", vmin=-1, vmax=1)
        self.frame, = left.plot([], [], color=style.ORANGE, linewidth=3)
        left.set_axis_off()
        blank = np.zeros(SIDE * SIDE)
        for ax in digit, mean:
            figures.draw_digit(ax, blank).images[0].set_clim(-1, 1)
        figures.draw_signed(difference, blank, _("Difference"), limit=2)
        for ax, sign in (mean, "−"), (difference, "="):
            ax.text(-0.1, 0.5, sign, transform=ax.transAxes, ha="center", va="center", fontsize="xx-large")
        self.images = [ax.images[0] for ax in (digit, mean, difference)]

        self.bars = below.bar(range(10), np.zeros(10), width=0.7)
        below.set(xlabel=_("Class"), ylabel=_("Squared distance"), xlim=(-0.6, 9.6), ylim=(0, 720), xticks=range(10))
        below.set_title(_("To the ten means"), loc="left")
        below.legend(handles=[Patch(color=style.BLUE, label=_("its class")),
                              Patch(color=style.RED, label=_("the nearest, if it is another"))],
                     ncol=2, loc="lower right", bbox_to_anchor=(1, 0.97), borderaxespad=0)
        mean.set_title(_("Mean of its class"))
        self.titles = [ax.set_title(" ") for ax in (left, digit)]  # the space keeps their room
        return fig, [self.page, self.frame, *self.images, *self.bars, *self.titles]

    def compute(self, digit, number, order):
        means = class_means()
        rows, place = rows_of_class(digit, order), number - 1
        first = place - place % PAGE
        x = sample.pixels("train", rows[place])
        return {"digit": digit, "x": x, "row": rows[place], "mean": means[digit],
                "distances": ((x - means) ** 2).sum(axis=1), "page": sample.pixels("train", rows[first:first + PAGE]),
                "on_page": place - first, "first": first + 1, "n": len(rows)}

    def draw(self, digit, x, row, mean, distances, page, on_page, first, n):
        # (20, 784) -> (5, 4, 28, 28) -> (5, 28, 4, 28) -> (140, 112): the digits of a page side by side
        self.page.set_data(page.reshape(ROWS, COLUMNS, SIDE, SIDE).swapaxes(1, 2).reshape(ROWS * SIDE, -1))
        down, across = divmod(on_page, COLUMNS)
        self.frame.set_data(SIDE * np.array([0, 1, 1, 0, 0]) + SIDE * across - 0.5,
                            SIDE * np.array([0, 0, 1, 1, 0]) + SIDE * down - 0.5)
        for image, pixels in zip(self.images, (x, mean, x - mean)):
            image.set_data(pixels.reshape(SIDE, SIDE))
        nearest = int(distances.argmin())
        for k, (bar, distance) in enumerate(zip(self.bars, distances)):
            bar.set_height(distance)
            bar.set_color(style.BLUE if k == digit else style.RED if k == nearest else PALE)
        self.titles[0].set_text(_("Class {digit}: {first} to {last} of {n}").format(
            digit=digit, first=first, last=first + PAGE - 1, n=n))
        self.titles[1].set_text(f"X_train[{row}]")
        said = (_("Squared distance of X_train[{row}] to the mean of its class, {digit}: {own:.1f}; no other mean is "
                  "nearer.")
                if nearest == digit else
                _("Squared distance of X_train[{row}] to the mean of its class, {digit}: {own:.1f}; to that of class "
                  "{nearest}: {other:.1f}, so the nearest mean answers {nearest}."))
        return said.format(row=row, digit=digit, own=distances[digit], nearest=nearest, other=distances[nearest])


# -- scaling ----------------------------------------------------------------------------------------

CONTRASTS = [(f"1/{n}", 1 / n) for n in (16, 8, 4, 2)] + [(f"{n}", float(n)) for n in (1, 2, 4, 8, 16)]
RANGES = {N_("-1 to 1"): (-1, 1), N_("0 to 1"): (0, 1), N_("0 to 255"): (0, 255)}
BINS = np.linspace(-1, 1, 24)
SATURATED = 0.01  # so near to 0 or 1
Z_END = 12  # of the axis; net inputs further out are drawn there


@cache
def untrained():
    """The course's network with its first weights."""
    nn = NeuralNetMLP(n_hidden=100, seed=1)
    nn._init_weights(n_features=784, n_classes=10)
    return nn


class Contrast(Explorer):
    """The first digit with other pixel values, and where they put the hidden units of the untrained network.

    Its pixels, scaled to [-1, 1], are multiplied by the contrast, then the shift is added, and what leaves [-1, 1] is
    cut off. That is the picture, from white at -1 to black at 1. Last, these two ends get the numbers of the range.
    """

    name = N_("Contrast")
    alt = N_("A six; the histogram of its pixel values; its hundred hidden units as points on the sigmoid curve, "
             "activation over net input, the flat ends of the curve shaded.")

    def controls(self):
        return {"contrast": choices(_("Contrast"), CONTRASTS, 1.0,
                                    _("Multiplies the pixels; what goes beyond white or black is cut off")),
                "shift": slider(_("Shift"), -1.0, 1.0, 0.1, 0.0,
                                _("Is added to the pixels: they turn darker above 0, lighter below")),
                "scale": menu(_("White to black"), [(_(name), name) for name in RANGES], "-1 to 1",
                              _("The numbers for white and for black that the network gets"))}

    def figure(self):
        fig = figures.new((9, 3.4))
        picture, histogram, units = fig.subplots(1, 3, width_ratios=[0.9, 1, 1.4])
        digit = sample.pixels("train", 0)
        figures.draw_digit(picture, digit, "X_train[0]").images[0].set_clim(-1, 1)
        frame, = picture.plot([-0.5, 27.5, 27.5, -0.5, -0.5], [-0.5, -0.5, 27.5, 27.5, -0.5], color=style.GREY)

        figures.plot_histogram(histogram, digit, BINS, _("Pixel value"), _("Pixels (log scale)"),
                               title=_("Its 784 pixels"))
        histogram.set(yscale="log", ylim=(0.7, 1000), xticks=[-1, 0, 1])
        # The scale changes the numbers at the ticks. As texts of our own they move without a new background.
        histogram.tick_params(labelbottom=False)
        histogram.xaxis.labelpad = 18
        self.ticks = [histogram.text(x, -0.03, "", transform=histogram.get_xaxis_transform(), ha="center", va="top")
                      for x in (-1, 0, 1)]

        end, flat = 1.05 * Z_END, np.log(1 / SATURATED - 1)  # sigmoid(-flat) = SATURATED
        units.bar([-(end + flat) / 2, (end + flat) / 2], 1.12, end - flat, -0.06, color=style.ORANGE, alpha=0.15)
        z = np.linspace(-Z_END, Z_END, 241)
        units.plot(z, untrained()._sigmoid(z), color=style.GREY, linewidth=1)
        units.set(xlabel=_("Net input"), ylabel=_("Activation"), title=_("Its 100 hidden units"), xlim=(-end, end),
                  ylim=(-0.06, 1.06))
        units.set_xticks([-Z_END, -6, 0, 6, Z_END], [f"≤ −{Z_END}", "−6", "0", "6", f"≥ {Z_END}"])
        self.steep, self.flat = (units.plot([], [], "o", color=color, alpha=0.5, markeredgewidth=0)[0]
                                 for color in (style.BLUE, style.RED))
        self.counts = [units.text(side * (end + flat) / 2, y, "", ha="center", va="center", color=style.RED,
                                  fontweight="bold") for side, y in ((-1, 0.15), (1, 0.85))]
        self.image, self.pixels = picture.images[0], histogram.lines[0]
        return fig, [self.image, frame, self.pixels, *self.ticks, self.steep, self.flat, *self.counts]

    def compute(self, contrast, shift, scale):
        digit = sample.pixels("train", 0)
        ink = np.clip(contrast * digit + shift, -1, 1)
        white, black = RANGES[scale]
        x = white + (black - white) * (ink + 1) / 2
        z_h, a_h, *_out = untrained()._forward(x[np.newaxis])   # (1, 784) -> (1, 100)
        return {"ink": ink, "x": x, "ends": (white, black), "z_h": z_h[0], "a_h": a_h[0],
                "levels": (len(np.unique(ink.round(9))), len(np.unique(digit)))}

    def draw(self, ink, x, ends, z_h, a_h, levels):
        self.image.set_data(ink.reshape(SIDE, SIDE))
        self.pixels.set_ydata(np.repeat(np.histogram(ink, BINS)[0], 2))
        for tick, value in zip(self.ticks, (ends[0], np.mean(ends), ends[1])):
            tick.set_text(f"{value:g}")
        low, high = a_h < SATURATED, a_h > 1 - SATURATED
        for points, which in (self.steep, ~(low | high)), (self.flat, low | high):
            points.set_data(z_h[which].clip(-Z_END, Z_END), a_h[which])
        for text, count in zip(self.counts, (low.sum(), high.sum())):
            text.set_text(_("{count}\nsaturated").format(count=count) if count else "")
        lightest, darkest = (round(value, 2) + 0.0 for value in (x.min(), x.max()))  # + 0.0: never -0.00
        return _("Pixels from {lightest:.2f} to {darkest:.2f}, {left} of {levels} grey levels left; {saturated} of "
                 "{n} hidden "
                 "units saturated, mean slope {slope:.4f} (at most 0.25).").format(
            lightest=lightest, darkest=darkest, left=levels[0], levels=levels[1], saturated=low.sum() + high.sum(),
            n=len(a_h), slope=np.mean(a_h * (1 - a_h)))
