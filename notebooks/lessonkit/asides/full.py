"""Lesson 7: the tables, sentences and special figures around the published run and the best run."""

import numpy as np

from .. import figures, style
from ..tables import table
from ..words import N_, _

PUBLISHED = {N_("cost"): 5065.78, N_("training"): 99.28, N_("validation"): 97.98,
             N_("test"): 97.54}  # as the document prints them


def last(nn):
    """The last training and validation accuracy of a network in per cent."""
    return [100 * nn.eval_[name][-1] for name in ("train_acc", "valid_acc")]


# -- tables and sentences ---------------------------------------------------------------------------


def print_sets(digits):
    """The three sets of an `MNIST` tuple: how many digits, in which dtype, and the range of their pixels."""
    sets = {_("training"): digits.X_train, _("validation"): digits.X_valid, _("test"): digits.X_test}
    table({_("set"): list(sets), _("digits"): [len(X) for X in sets.values()],
           "dtype": [str(X.dtype) for X in sets.values()],
           _("pixels"): [_("{low:.0f} to {high:.0f}").format(low=X.min(), high=X.max()) for X in sets.values()]},
          "{}", "{:,}")


def print_beside_published(nn, test_acc):
    """The last cost and the accuracies in per cent of a run, above those of the document."""
    here = dict(zip(PUBLISHED, (nn.eval_["cost"][-1], *last(nn), test_acc)))
    table({_("run"): [_("here"), _("published")]} | {_(name): [here[name], PUBLISHED[name]] for name in PUBLISHED},
          "{}", "{:.2f}", "{:.2f} %", "{:.2f} %", "{:.2f} %")


def print_epochs(eval_, epochs):
    """Cost, accuracies and their gap after some `epochs`, counted from 1."""
    cost, train, valid = (np.array(eval_[name])[np.array(epochs) - 1] for name in ("cost", "train_acc", "valid_acc"))
    table({_("epoch"): epochs, _("cost"): cost, _("training"): 100 * train, _("validation"): 100 * valid,
           _("gap"): 100 * (train - valid)}, "{}", "{:.0f}", "{:.2f} %", "{:.2f} %", "{:.2f}")


def print_provenance(nn):
    """What a kept network says about itself: its settings, and where it comes from."""
    print(nn)
    for name, value in nn.provenance.items():
        if name == "sha256":
            value = ", ".join(f"{file} {checksum[:8]}..." for file, checksum in value.items())
        print(f"{name}: {value}")


def print_penalties(runs):
    """Both accuracies and their gap for each of `runs`, a dict label -> trained network."""
    train, valid = np.transpose([last(nn) for nn in runs.values()])
    table({_("penalty"): list(runs), _("training"): train, _("validation"): valid, _("gap"): train - valid},
          "{}", "{:.2f} %", "{:.2f} %", "{:.2f}")


def penalty_sentence(before, after):
    """How gap and validation accuracy differ between two networks."""
    (train_1, valid_1), (train_2, valid_2) = last(before), last(after)
    return _("the gap goes from {gap_1:.2f} to {gap_2:.2f} points, validation from {valid_1:.2f} to {valid_2:.2f} "
             "%").format(
        gap_1=train_1 - valid_1, gap_2=train_2 - valid_2, valid_1=valid_1, valid_2=valid_2)


def means_sentence(before, after):
    """How mean accuracies differ.

    Each argument is a dict "training", "validation" -> values in per cent, one a seed.
    """
    changes = ", ".join(_("{name} {change:+.1f} points").format(name=name,
                                                                change=np.mean(after[name]) - np.mean(before[name]))
                        for name in before)
    return _("{changes} (means)").format(changes=changes)


def print_trials(names, accuracies, differences, half_widths):
    """The trials of the best run: accuracy in per cent, difference from the recipe, half of that one's interval."""
    table({_("trial"): [_(name) for name in names], _("validation"): accuracies, _("from the recipe"): differences,
           "+/-": half_widths},
          "{}", "{:.2f} %", "{:+.2f}", "{:.2f}")


# -- figures ----------------------------------------------------------------------------------------


def compare_penalties(runs):
    """A new figure: accuracies and weights of `runs`, a dict label -> trained network."""
    fig = figures.compare_networks(runs)
    for ax in fig.axes[:len(runs)]:
        ax.set_ylim(94, 100)
    return fig


@style.course()
def best_curves(best):
    """A new figure: the accuracies of the best network, and the level that the published run ended on."""
    fig = figures.new((6.4, 3.4))
    ax = figures.plot_accuracy(fig.subplots(), best.eval_, _("The best network"))
    ax.axhline(PUBLISHED["validation"], color="grey", linestyle=":", label=_("Validation, published run"))
    ax.set_ylim(94, 100)
    ax.legend()
    return fig


@style.course()
def schedule_curve(eta, schedule):
    """A new figure: the learning rate from the first epoch to the last."""
    fig = figures.new((6.4, 2.6))
    done = np.linspace(0, 1, 101)
    figures.plot_lines(fig.subplots(), 100 * done, {"eta": eta * schedule(done)}, _("Share of epochs done (%)"),
                       _("Learning rate"))
    return fig
