"""Lesson 5: its tables, its sentences beside a guess, and the figures that it alone needs.

A *summary* is what the lesson's `summary(nn)` gives: training and validation accuracy in per cent, norm of w_h.
"""

import numpy as np

from .. import figures, style
from ..tables import table
from ..words import _


def count_digits(digits):
    """Print the sizes of the three sets of `load_mnist`."""
    print(_("{train:,} digits to train, {valid} to validate, {test} to test").format(
        train=len(digits.X_train), valid=len(digits.X_valid), test=len(digits.X_test)))


# -- tables -----------------------------------------------------------------------------------------


def print_epochs(numbers, eval_, costs):
    """Accuracies, their gap and the validation cost after the epochs `numbers`; `eval_` and `costs` have all epochs."""
    place = np.array(numbers) - 1
    train, valid = (100 * np.array(eval_[name])[place] for name in ("train_acc", "valid_acc"))
    table({_("epoch"): numbers, _("training"): train, _("validation"): valid, _("gap"): train - valid,
           _("cost of a validation digit"): np.array(costs)[place]}, "{}", "{:.1f} %", "{:.1f} %", "{:.1f}", "{:.2f}")


def compare(headings, summaries):
    """A line for each network, with its gap; `headings` is heading -> values, what tells the networks apart."""
    train, valid, norm = np.transpose(list(summaries))
    table({name: list(values) for name, values in headings.items()}
          | {_("training"): train, _("validation"): valid, _("gap"): train - valid, _("norm of w_h"): norm},
          *["{:,}"] * len(headings), "{:.1f} %", "{:.1f} %", "{:.1f}", "{:.1f}")


def print_spread(summaries):
    """By how much the networks differ, in one sentence."""
    train, valid, _norm = np.transpose(list(summaries))
    print(_("highest minus lowest: training {train:.1f} points, validation {valid:.1f}, gap {gap:.1f}").format(
        train=np.ptp(train), valid=np.ptp(valid), gap=np.ptp(train - valid)))


def print_published(accuracies):
    """The runs on the full MNIST, and the interval of a difference; l2 -> (training, validation, test) in per cent."""
    train, valid, test = np.transpose(list(accuracies.values()))
    table({"l2": list(accuracies), _("training"): train, _("validation"): valid, _("gap"): train - valid,
           _("test"): test},
          "{}", "{:.2f} %", "{:.2f} %", "{:.2f}", "{:.2f} %")
    first, last = test[0], test[-1]
    half = 1.96 * np.sqrt((first * (100 - first) + last * (100 - last)) / 10_000)
    print(_("test, from l2 = 0 to {l2}: {change:+.2f} points, 95 % interval of a difference +/- {half:.2f}").format(
        l2=list(accuracies)[-1], change=last - first, half=half))


def print_slopes(sizes, measured):
    """Slopes beside N / n * l2, for N = 1,000 and l2 = 0.3; `sizes` of minibatches, `measured` heading -> slopes."""
    table({"n": sizes, _("updates an epoch"): [1000 // n for n in sizes]} | measured
          | {"N / n * l2": [1000 / n * 0.3 for n in sizes]}, "{}", "{}", *["{:.1f}"] * (len(measured) + 1))


def print_stops(stopped, percent_right):
    """A line for each patience; `stopped` is patience -> (kept network, epochs trained), a pair a seed."""
    def one_line(form, values):
        return ", ".join(form.format(value) for value in values)

    table({_("patience"): [str(patience) for patience in stopped],
           _("epochs trained"): [one_line("{}", (epochs for _nn, epochs in pairs)) for pairs in stopped.values()],
           _("epoch kept"): [one_line("{}", (len(nn.eval_["cost"]) for nn, _epochs in pairs))
                             for pairs in stopped.values()],
           _("right"): [one_line("{:.1f}", (percent_right(nn) for nn, _epochs in pairs)) + " %"
                        for pairs in stopped.values()]})


def print_trials(trials):
    """A line for each (right answers in all, right answers of each seed, setting, networks) of the search."""
    settings = [setting for _right, _each, setting, _networks in trials]
    accuracies = _accuracies(trials)
    table({name: [setting[name] for setting in settings] for name in settings[0]}
          | {_("seed {seed}").format(seed=seed): one for seed, one in enumerate(accuracies.T, 1)}
          | {_("mean"): accuracies.mean(axis=1), _("spread"): np.ptp(accuracies, axis=1)},
          "{}", "{}", "{}", *["{:.1f} %"] * 4, "{:.1f}")


def _accuracies(trials):
    """Validation accuracies in per cent, (settings, seeds)."""
    return np.array([counts for _right, counts, *_more in trials]) / 500 * 100


def print_guessers(best, on_test, on_valid):
    """The best of the first guessers on both sets, and the mean of all; `best` is how many -> which one."""
    table({_("guessers"): [*(_("best of {n:,}").format(n=n) for n in best), _("mean of {n:,}").format(n=len(on_test))],
           _("test digits"): [*on_test[list(best.values())], on_test.mean()],
           _("validation digits"): [*on_valid[list(best.values())], on_valid.mean()]}, "{}", "{:.1f} %", "{:.1f} %")


def print_halves(choices):
    """Mean accuracy on the half of a choice and on the other; `choices` is label -> pairs in per cent, one a split."""
    this, other = np.mean(list(choices.values()), axis=1).T
    table({_("mean of {n:,} splits").format(n=len(next(iter(choices.values())))): list(choices), _("this half"): this,
           _("other half"): other, _("difference"): this - other}, "{}", "{:.1f} %", "{:.1f} %", "{:.1f}")


# -- sentences beside a guess -----------------------------------------------------------------------


def describe_digits(sizes):
    """What changes from the fewest digits to 1,000 and from there to the most; `sizes` is digits -> summary."""
    ends = min(sizes), 1000, max(sizes)
    changes = []
    for a, b in zip(ends, ends[1:]):
        train, valid, _norm = np.subtract(sizes[b], sizes[a])
        changes.append(_("From {a:,} to {b:,} digits: training {train:+.1f} points, validation {valid:+.1f}.").format(
            a=a, b=b, train=train, valid=valid))
    return " ".join(changes)


def describe_penalties(summaries):
    """What a small penalty changes, and validation under each; `summaries` is l2 -> summary, with 0 and 0.1."""
    norm = 1 - summaries[0.1][2] / summaries[0][2]
    valid = ", ".join(f"{accuracy:.1f}" for _train, accuracy, _norm in summaries.values())
    return _("At l2 = 0.1 the norm has lost {norm:.0%} and training {train:.1f} points. Validation: {valid} %.").format(
        norm=norm, train=summaries[0][0] - summaries[0.1][0], valid=valid)


def describe_batches(summaries):
    """The norms with and without a penalty; `summaries` is (l2, n) -> summary."""
    norms = [", ".join(f"{summaries[l2, n][2]:.1f}" for n in (10, 20, 50)) for l2 in (0.3, 0)]
    return _("The norms for n = 10, 20, 50: {with_l2} with l2 = 0.3; {without} with l2 = 0.").format(with_l2=norms[0],
                                                                                                  without=norms[1])


def describe_dropout(summaries):
    """What the strongest dropout changes; `summaries` is p -> summary, p = 0 first."""
    (train, valid, norm), *_between, (train_p, valid_p, norm_p) = summaries.values()
    return _("From p = 0 to {p}: training {train:+.1f} points, validation {valid:+.1f}; norm {norm:.1f} and "
             "{norm_p:.1f}."
             ).format(p=max(summaries), train=train_p - train, valid=valid_p - valid, norm=norm, norm_p=norm_p)


# -- figures ----------------------------------------------------------------------------------------


def gap(summary):
    """Training minus validation accuracy, in points."""
    return summary[0] - summary[1]


def mark_equal_epochs(ax, n_digits, summaries):
    """Add the networks of equal epochs, as dots (training) and squares (validation), to accuracies against digits."""
    train, valid, _norm = np.transpose(list(summaries))
    ax.plot(n_digits, train, "o:", color=style.BLUE, label=_("Training, 40 epochs"))
    ax.plot(n_digits, valid, "s:", color=style.ORANGE, label=_("Validation, 40 epochs"))
    ax.set_xscale("log")
    ax.set_xticks([250, 500, 1000, 2000, 4000], ["250", "500", "1,000", "2,000", "4,000"])
    ax.minorticks_off()
    ax.legend(loc="lower right", fontsize="small")


def show_trials(trials):
    """The search as a figure: a column a setting, a sign for each seed, a bar for their mean."""
    with figures.picture(_("Validation accuracy of ten settings, three seeds each, sorted by their mean: the seeds of "
                           "the "
                           "best settings overlap."), size=(9, 3.4)) as ax:
        columns = np.arange(1, len(trials) + 1)
        accuracies = _accuracies(trials)
        for seed, marker in enumerate("os^"):
            ax.plot(columns, accuracies[:, seed], marker, color=style.BLUE,
                    label=_("Seed {seed}").format(seed=seed + 1))
        ax.plot(columns, accuracies.mean(axis=1), "_", color=style.ORANGE, markersize=22, markeredgewidth=2.5,
                label=_("Mean"))
        ax.set_xticks(columns, [_("η {eta}\nλ {l2}\n{n_hidden} units").format(**setting) for *_right, setting,
                                _networks in trials],
                      fontsize="small")
        ax.set(ylabel=_("Validation accuracy (%)"), xlabel=_("Setting"))
        ax.legend(loc="lower left")
