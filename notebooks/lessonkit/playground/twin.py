"""The still picture of the playground, for where no widget runs: curves, weights, mistakes."""

import numpy as np

from .. import figures, style
from ..explorers.training import LOOKS
from ..words import _
from . import views
from .scene import GALLERY, columns

ACROSS = 4  # digits in a row of the gallery


class Twin:
    """A figure and the axes in it."""

    def __init__(self):
        self.fig = figures.new((9, 6.4))
        above, below = self.fig.subfigures(2, 1, height_ratios=[1, 1.5])
        self.axes = (above.subplot_mosaic([["cost", "accuracy", "spread"]])
                     | below.subplot_mosaic([["units", "mistakes", "confusion"]], width_ratios=[1.7, 1, 1.2]))

    def draw(self, runs, nn, X, passed):
        """Draw the network `nn`, the digits `X` (n, 784) that `passed` through it, and the last of the `runs`."""
        for ax in self.axes.values():
            ax.clear()
        self._curves(runs)
        counts = views.spread(nn.w_h)
        self.axes["spread"].plot(np.repeat(views.BINS, 2)[1:-1], np.repeat(counts, 2), "-", color=style.BLUE)
        self.axes["spread"].set(xlabel=_("Weight in w_h"), ylabel=_("Number of weights"), yscale="log",
                                title=_("Spread of the weights"))
        tiles = views.tiles(nn.w_h)
        self._mosaic("units", tiles, columns(len(tiles)), views.ZERO, cmap="RdBu_r", vmin=1, vmax=255)
        self.axes["units"].set_title(_("Weights of {n} units").format(n=len(tiles)))
        wrong = views.mistakes(passed)
        if len(wrong):
            self._mosaic("mistakes", X[wrong[:GALLERY]].reshape(-1, views.SIDE, views.SIDE), ACROSS, -1,
                         cmap="Greys", vmin=-1, vmax=1)
        self.axes["mistakes"].set_axis_off()
        self.axes["mistakes"].set_title(_("{wrong} of {n} digits wrong").format(wrong=len(wrong), n=len(passed.y)))
        figures.draw_matrix(self.axes["confusion"], views.confusion(passed.y, passed.answers), range(10), range(10),
                            _("True class t"), _("Answer p"), _("How many, by class and answer"), cmap="Greys")

    def _curves(self, runs):
        costs, accuracies = self.axes["cost"], self.axes["accuracy"]
        for run in runs[-len(LOOKS):]:
            colour, marker = LOOKS[(run.number - 1) % len(LOOKS)]
            numbers, cost, train, valid = np.transpose(run.epochs)
            costs.plot(numbers, cost, "-", color=colour, marker=marker, markersize=4)
            accuracies.plot(numbers, 100 * train, "-", color=colour, marker=marker, markersize=4)
            accuracies.plot(numbers, 100 * valid, "--", color=colour, marker=marker, markersize=4)
        last = max((len(run.epochs) for run in runs), default=0)
        costs.set(xlabel=_("Epoch"), ylabel=_("Cost"), title=_("Cost of the training digits"), xlim=(0, last + 1))
        accuracies.set(xlabel=_("Epoch"), ylabel=_("Accuracy (%)"), title=_("Training solid, validation dashed"),
                       xlim=(0, last + 1), ylim=(0, 101))
        if last:
            costs.set_yscale("log")

    def _mosaic(self, name, images, columns, between, **look):
        """`images` (n, 28, 28) side by side, as one image, with a line of the value `between` around each."""
        n, side, _side = images.shape
        rows = -(-n // columns)
        whole = np.full((rows * columns, side + 1, side + 1), float(between))
        whole[:n, 1:, 1:] = images
        whole = whole.reshape(rows, columns, side + 1, side + 1).transpose(0, 2, 1, 3)
        self.axes[name].imshow(whole.reshape(rows * (side + 1), -1), **look)
        self.axes[name].set_axis_off()
