"""Lesson 4: the figure of three learning rates, and a copy of the digits in which something is wrong."""

import numpy as np

from .. import figures, reading
from ..words import _


def show_rates(networks, leaping, alt):
    """Show the cost and the validation accuracy of `networks`, label -> trained network, over their epochs.

    `leaping` is the label of the one whose values jump about: they differ between processors, so none is compared.
    """
    costs = {label: network.eval_["cost"] for label, network in networks.items()}
    accuracies = {label: 100 * np.array(network.eval_["valid_acc"]) for label, network in networks.items()}
    epochs = np.arange(1, len(costs[leaping]) + 1)
    with figures.picture(alt, 1, 2, size=(9, 3.4)) as (left, right):
        figures.plot_cost(left, costs)
        left.set(yscale="log", ylim=(1_000, 2_000_000))
        figures.plot_lines(right, epochs, accuracies, _("Epoch"), _("Validation accuracy (%)"), _("Accuracy"))
        right.set(xlim=(0, len(epochs) + 1), ylim=(0, 100))
        for ax in (left, right):
            ax.lines[list(networks).index(leaping)].set_gid(reading.ROUNDING)


def faulty_copy(digits):
    """Training digits (4000, 784) and labels (4000,) with a fault, which the lesson finds step by step: see below."""
    # The fault: the images are put into a new order, and their labels are not.
    order = np.random.RandomState(5).permutation(len(digits.y_train))
    return digits.X_train[order], digits.y_train
