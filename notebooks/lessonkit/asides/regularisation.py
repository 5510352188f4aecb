"""Lesson 5: its tables, its sentences beside a guess, and the figures that it alone needs.

A *summary* is what the lesson's `summary(nn)` gives: training and validation accuracy in per cent, norm of w_h.
"""

import numpy as np

from .. import figures, style
from ..tables import table


def count_digits(digits):
    """Print the sizes of the three sets of `load_mnist`."""
    print(f"{len(digits.X_train):,} digits to train, {len(digits.X_valid)} to validate, {len(digits.X_test)} to test")


# -- tables -----------------------------------------------------------------------------------------


def print_epochs(numbers, eval_, costs):
    """Accuracies, their gap and the validation cost after the epochs `numbers`; `eval_` and `costs` have all epochs."""
    place = np.array(numbers) - 1
    train, valid = (100 * np.array(eval_[name])[place] for name in ("train_acc", "valid_acc"))
    table({"epoch": numbers, "training": train, "validation": valid, "gap": train - valid,
           "cost of a validation digit": np.array(costs)[place]}, "{}", "{:.1f} %", "{:.1f} %", "{:.1f}", "{:.2f}")


def compare(headings, summaries):
    """A line for each network, with its gap; `headings` is heading -> values, what tells the networks apart."""
    train, valid, norm = np.transpose(list(summaries))
    table({name: list(values) for name, values in headings.items()}
          | {"training": train, "validation": valid, "gap": train - valid, "norm of w_h": norm},
          *["{:,}"] * len(headings), "{:.1f} %", "{:.1f} %", "{:.1f}", "{:.1f}")


def print_spread(summaries):
    """By how much the networks differ, in one sentence."""
    train, valid, _ = np.transpose(list(summaries))
    print(f"highest minus lowest: training {np.ptp(train):.1f} points, validation {np.ptp(valid):.1f}, "
          f"gap {np.ptp(train - valid):.1f}")


def print_published(accuracies):
    """The runs on the full MNIST, and the interval of a difference; l2 -> (training, validation, test) in per cent."""
    train, valid, test = np.transpose(list(accuracies.values()))
    table({"l2": list(accuracies), "training": train, "validation": valid, "gap": train - valid, "test": test},
          "{}", "{:.2f} %", "{:.2f} %", "{:.2f}", "{:.2f} %")
    first, last = test[0], test[-1]
    half = 1.96 * np.sqrt((first * (100 - first) + last * (100 - last)) / 10_000)
    print(f"test, from l2 = 0 to {list(accuracies)[-1]}: {last - first:+.2f} points, "
          f"95 % interval of a difference +/- {half:.2f}")


def print_slopes(sizes, measured):
    """Slopes beside N / n * l2, for N = 1,000 and l2 = 0.3; `sizes` of minibatches, `measured` heading -> slopes."""
    table({"n": sizes, "updates an epoch": [1000 // n for n in sizes]} | measured
          | {"N / n * l2": [1000 / n * 0.3 for n in sizes]}, "{}", "{}", *["{:.1f}"] * (len(measured) + 1))


def print_stops(stopped, percent_right):
    """A line for each patience; `stopped` is patience -> (kept network, epochs trained), a pair a seed."""
    def one_line(form, values):
        return ", ".join(form.format(value) for value in values)

    table({"patience": [str(patience) for patience in stopped],
           "epochs trained": [one_line("{}", (epochs for _, epochs in pairs)) for pairs in stopped.values()],
           "epoch kept": [one_line("{}", (len(nn.eval_["cost"]) for nn, _ in pairs)) for pairs in stopped.values()],
           "right": [one_line("{:.1f}", (percent_right(nn) for nn, _ in pairs)) + " %"
                                          for pairs in stopped.values()]})


def print_trials(trials):
    """A line for each (right answers in all, right answers of each seed, setting, networks) of the search."""
    settings = [setting for *_, setting, _ in trials]
    accuracies = _accuracies(trials)
    table({name: [setting[name] for setting in settings] for name in settings[0]}
          | {f"seed {seed}": one for seed, one in enumerate(accuracies.T, 1)}
          | {"mean": accuracies.mean(axis=1), "spread": np.ptp(accuracies, axis=1)},
          "{}", "{}", "{}", *["{:.1f} %"] * 4, "{:.1f}")


def _accuracies(trials):
    """Validation accuracies in per cent, (settings, seeds)."""
    return np.array([counts for _, counts, *_ in trials]) / 500 * 100


def print_guessers(best, on_test, on_valid):
    """The best of the first guessers on both sets, and the mean of all; `best` is how many -> which one."""
    table({"guessers": [f"best of {n:,}" for n in best] + [f"mean of {len(on_test):,}"],
           "test digits": [*on_test[list(best.values())], on_test.mean()],
           "validation digits": [*on_valid[list(best.values())], on_valid.mean()]}, "{}", "{:.1f} %", "{:.1f} %")


def print_halves(choices):
    """Mean accuracy on the half of a choice and on the other; `choices` is label -> pairs in per cent, one a split."""
    this, other = np.mean(list(choices.values()), axis=1).T
    table({f"mean of {len(next(iter(choices.values()))):,} splits": list(choices), "this half": this,
           "other half": other, "difference": this - other}, "{}", "{:.1f} %", "{:.1f} %", "{:.1f}")


# -- sentences beside a guess -----------------------------------------------------------------------


def describe_digits(sizes):
    """What changes from the fewest digits to 1,000 and from there to the most; `sizes` is digits -> summary."""
    ends = min(sizes), 1000, max(sizes)
    changes = []
    for a, b in zip(ends, ends[1:]):
        train, valid, _ = np.subtract(sizes[b], sizes[a])
        changes.append(f"From {a:,} to {b:,} digits: training {train:+.1f} points, validation {valid:+.1f}.")
    return " ".join(changes)


def describe_penalties(summaries):
    """What a small penalty changes, and validation under each; `summaries` is l2 -> summary, with 0 and 0.1."""
    norm = 1 - summaries[0.1][2] / summaries[0][2]
    valid = ", ".join(f"{accuracy:.1f}" for _, accuracy, _ in summaries.values())
    return (f"At l2 = 0.1 the norm has lost {norm:.0%} and training {summaries[0][0] - summaries[0.1][0]:.1f} points. "
            f"Validation: {valid} %.")


def describe_batches(summaries):
    """The norms with and without a penalty; `summaries` is (l2, n) -> summary."""
    norms = [", ".join(f"{summaries[l2, n][2]:.1f}" for n in (10, 20, 50)) for l2 in (0.3, 0)]
    return f"The norms for n = 10, 20, 50: {norms[0]} with l2 = 0.3; {norms[1]} with l2 = 0."


def describe_dropout(summaries):
    """What the strongest dropout changes; `summaries` is p -> summary, p = 0 first."""
    (train, valid, norm), *_, (train_p, valid_p, norm_p) = summaries.values()
    return (f"From p = 0 to {max(summaries)}: training {train_p - train:+.1f} points, "
            f"validation {valid_p - valid:+.1f}; norm {norm:.1f} and {norm_p:.1f}.")


# -- figures ----------------------------------------------------------------------------------------


def gap(summary):
    """Training minus validation accuracy, in points."""
    return summary[0] - summary[1]


def mark_equal_epochs(ax, n_digits, summaries):
    """Add the networks of equal epochs, as dots (training) and squares (validation), to accuracies against digits."""
    train, valid, _ = np.transpose(list(summaries))
    ax.plot(n_digits, train, "o:", color=style.BLUE, label="Training, 40 epochs")
    ax.plot(n_digits, valid, "s:", color=style.ORANGE, label="Validation, 40 epochs")
    ax.set_xscale("log")
    ax.set_xticks([250, 500, 1000, 2000, 4000], ["250", "500", "1,000", "2,000", "4,000"])
    ax.minorticks_off()
    ax.legend(loc="lower right", fontsize="small")


def show_trials(trials):
    """The search as a figure: a column a setting, a sign for each seed, a bar for their mean."""
    with figures.picture("Validation accuracy of ten settings, three seeds each, sorted by their mean: the seeds of the "
                         "best settings overlap.", size=(9, 3.4)) as ax:
        columns = np.arange(1, len(trials) + 1)
        accuracies = _accuracies(trials)
        for seed, marker in enumerate("os^"):
            ax.plot(columns, accuracies[:, seed], marker, color=style.BLUE, label=f"Seed {seed + 1}")
        ax.plot(columns, accuracies.mean(axis=1), "_", color=style.ORANGE, markersize=22, markeredgewidth=2.5, label="Mean")
        ax.set_xticks(columns, [f"η {s['eta']}\nλ {s['l2']}\n{s['n_hidden']} units" for *_, s, _ in trials],
                      fontsize="small")
        ax.set(ylabel="Validation accuracy (%)", xlabel="Setting")
        ax.legend(loc="lower left")
