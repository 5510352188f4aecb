"""Lesson 3: the picture of the chain, the table of a gradient check, and training with gradients of one's own."""

import numpy as np

from mlp_core import WEIGHTS, NeuralNetMLP, load_mnist

from .. import figures, style
from ..tables import table
from ..words import _

SEEDS = 1, 2, 3
EPOCHS = 20
SHOWN = 1, 5, 20  # the epochs that `show_runs` prints


def show_chain():
    """The chain from the pixels to the cost, with the derivatives that the lesson works out on the way back."""
    with figures.picture(_("The chain from the pixels over two layers to the cost, and the derivatives back."),
                         size=(9, 2.6)) as ax:
        _draw_chain(
            ax,
            boxes=["$X$", r"$Z_\mathrm{h}$", r"$A_\mathrm{h}$", r"$Z_\mathrm{out}$", r"$A_\mathrm{out}$", "$J$"],
            forward=[_("weighted sum"), r"$\sigma$", _("weighted sum"), r"$\sigma$", _("cost")],
            backward=[None, r"$\partial a_j / \partial z_j$", r"$\partial z_k / \partial a_j$",
                      r"$\partial a_k / \partial z_k$", r"$\partial J / \partial a_k$"],
            feeds={1: r"$W_\mathrm{h}, b_\mathrm{h}$", 3: r"$W_\mathrm{out}, b_\mathrm{out}$"})


def _draw_chain(ax, boxes, forward, backward, feeds):
    """Boxes in a row, forward arrows above and backward ones below; a label or None (no arrow) for each gap.

    `feeds` is position -> text: a box under that one, which feeds it and gets a derivative back.
    """
    def arrow(start, end, colour):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.5})

    box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": style.GREY}
    for column, text in enumerate(boxes):
        ax.text(column, 0, text, ha="center", va="center", color="black", bbox=box)
    for labels, height, colour, way in (forward, 0.13, style.BLUE, 1), (backward, -0.13, style.RED, -1):
        for gap, label in enumerate(labels):
            if label is not None:
                arrow((gap + 0.5 - 0.2 * way, height), (gap + 0.5 + 0.2 * way, height), colour)
                ax.text(gap + 0.5, 2.8 * height, label, ha="center", va="center", color=colour)
    for column, text in feeds.items():
        ax.text(column, -1.1, text, ha="center", va="center", color="black", bbox=box)
        arrow((column - 0.06, -0.85), (column - 0.06, -0.25), style.BLUE)
        arrow((column + 0.06, -0.25), (column + 0.06, -0.85), style.RED)
    ax.set(xlim=(-0.4, len(boxes) - 0.6), ylim=(-1.4, 0.6))
    ax.set_axis_off()


# -- the check ----------------------------------------------------------------------------------------


def random_entries(weights, count):
    """For each of `weights`, a dict name -> array, the indices of `count` random entries (of all, if it has fewer)."""
    random = np.random.RandomState(1)
    entries = {}
    for name, weight in weights.items():
        places = list(np.ndindex(weight.shape))
        entries[name] = [places[place] for place in random.permutation(weight.size)[:count]]
    return entries


def compare(mine, reference):
    """Print how far each array of `mine`, a dict name -> gradient, is from the one of that name in `reference`.

    The largest difference is relative to the largest entry of the reference. Below 1e-7 it is rounding noise of the
    measurement, whose digits differ between computers.
    """
    differences = [np.abs(mine[name] - reference[name]).max() / np.abs(reference[name]).max() for name in mine]
    table({_("gradient"): list(mine),
           _("exact"): [str(np.array_equal(mine[name], reference[name])) for name in mine],
           _("approximate"): [str(np.allclose(mine[name], reference[name])) for name in mine],
           _("largest difference"): ["0" if difference == 0 else _("below 1e-7") if difference < 1e-7 else
                                     f"{difference:.2g}" for difference in differences]})


# -- training -----------------------------------------------------------------------------------------


def train(gradients, eta, b_out=0.0, dtype=np.float32):
    """Validation accuracy in per cent, (3, 20): of the seeds 1 to 3 after each of 20 epochs on the 4,000 digits.

    `gradients(nn, X, y_enc)` gives a dict name -> gradient for a minibatch, here of 50 digits. `eta` is the learning
    rate, `b_out` the first value of all biases of the outputs, `dtype` the type to compute in. All else is as in the
    lesson: 100 hidden units, no L2.

    In float64, the lesson's own, the accuracies are the same; float32 takes half the time. But from a bad start it is
    the rounding that decides when the squared cost begins to learn, and in float32 the rounding differs by processor.
    """
    digits = load_mnist("sample", dtype)
    return np.array([list(_accuracies(gradients, eta, b_out, seed, digits)) for seed in SEEDS])


def _accuracies(gradients, eta, b_out, seed, digits):
    nn = NeuralNetMLP(n_hidden=100, eta=eta, minibatch_size=50, seed=seed)
    nn._init_weights(n_features=784, n_classes=10, dtype=digits.X_train.dtype)
    nn.b_out += nn.b_out.dtype.type(b_out)

    def scaled(X, y_enc, scale):
        found = gradients(nn, X, y_enc)
        return [scale * found[name] for name in WEIGHTS]

    nn._gradients = scaled
    y_enc = nn._onehot(digits.y_train, 10).astype(digits.X_train.dtype)
    for _epoch in range(EPOCHS):
        nn._train_epoch(digits.X_train, y_enc, eta)
        yield 100 * nn._evaluate(digits.X_valid, digits.y_valid)[1]


def show_runs(runs):
    """Print a row for each of `runs`, name -> what `train` returned: the accuracies of the seeds after some epochs."""
    def cell(accuracies):
        return " ".join(f"{accuracy:4.1f}" for accuracy in accuracies)

    print(_("validation accuracy in %, seeds {seeds}").format(seeds=", ".join(map(str, SEEDS))))
    table({"": list(runs)} | {_("epoch {epoch}").format(epoch=epoch): [cell(accuracies[:, epoch - 1])
                                                                       for accuracies in runs.values()]
                              for epoch in SHOWN})
