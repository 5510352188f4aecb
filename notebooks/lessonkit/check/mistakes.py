"""The checks of the exercises of lesson 6."""

import numpy as np

from ..words import N_, _
from .functions import Mistake, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, right, wrong  # noqa: F401  `demand` is for graders

# -- 1 how wide an interval is ----------------------------------------------------------------------


def half_width(submitted):
    """Half the 95 % interval of 93 % right of 500 digits, in percentage points, to one digit."""
    if bad := demand_number(submitted):
        return bad
    rate, n = 0.93, 500
    spread = 100 * np.sqrt(rate * (1 - rate) / n)
    width = 1.96 * spread
    if abs(submitted - width) < 0.06:
        return right(_("So two networks that differ by a point on these 500 digits may well be equally good."))
    for key, value, message in (
            ("one standard deviation", spread, _("That is one standard deviation. 95 of 100 cases lie within 1.96 of "
                                                 "them.")),
            ("whole width", 2 * width, _("That is the whole width. Half of it is asked: up, or down.")),
            ("share, not points", width / 100, _("That is a share. In percentage points it is a hundred times as "
                                                 "much.")),
            ("no root", 196 * rate * (1 - rate) / n, _("The root is missing: the spread falls with the root of the "
                                                       "number.")),
            ("root of the number missing", 196 * np.sqrt(rate * (1 - rate)), _(
                "It must become smaller with more digits: divide by their number, under the root.")),
            ("number of mistakes", 35, _("That is the number of mistakes, 7 % of 500.")),
            ("ten times the digits", 196 * np.sqrt(rate * (1 - rate) / 5000), _("That would be for 5,000 digits."))):
        if abs(submitted - value) < 0.01 * max(abs(value), 0.1):
            return wrong(key, message)
    return wrong("value", _("1.96 times the root of r (1 - r) / N, in percentage points."))


# -- 2 the confusion matrix -------------------------------------------------------------------------


def _confusion(y, y_pred, n_classes):
    counts = np.zeros((n_classes, n_classes), int)
    np.add.at(counts, (y, y_pred), 1)
    return counts


def _predictions(random):
    for n, n_classes in ((200, 10), (60, 4), (90, 12)):
        y = random.integers(0, n_classes - 1, n)  # the last class is missing among the labels
        y_pred = np.where(random.uniform(size=n) < 0.6, y, random.integers(0, n_classes - 1, n))
        y_pred[:3], y[:3] = 1, 0  # the same confusion several times
        yield y, y_pred, n_classes


def confusion(submitted):
    def once(y, y_pred, n_classes):
        return np.minimum(_confusion(y, y_pred, n_classes), 1)

    def wide(y, y_pred, n_classes):
        counts = np.zeros((max(10, n_classes),) * 2, int)
        np.add.at(counts, (y, y_pred), 1)
        return counts[:10, :10]

    return judge(submitted, reference=_confusion, cases=_predictions,
                 size=lambda n, random: (random.integers(0, 5, n), random.integers(0, 5, n), 5),
                 well_done=_("Rows are true classes, columns are answers, and every digit is counted once."), mistakes=[
        Mistake("axes swapped", _("Rows and columns have changed places: a row is a true class."),
                lambda y, p, k: _confusion(y, p, k).T),
        Mistake("counted once", _("A confusion that comes several times is counted once: counts[y, y_pred] += 1 reads "
                                  "all places first and writes them once. np.add.at or np.bincount counts every one."),
                once),
        Mistake("hits only", _("The mistakes are missing: only the diagonal is filled."),
                lambda y, p, k: np.diag(np.diag(_confusion(y, p, k)))),
        Mistake("mistakes only", _("The hits are missing: the diagonal is empty."),
                lambda y, p, k: _confusion(y, p, k) - np.diag(np.diag(_confusion(y, p, k)))),
        Mistake("shares of all", _("Those are shares of all digits. Counts are asked."),
                lambda y, p, k: _confusion(y, p, k) / len(y)),
        Mistake("shares of the row", _("Those are shares of each row. Counts are asked."),
                lambda y, p, k: _confusion(y, p, k) / np.maximum(1, _confusion(y, p, k).sum(axis=1, keepdims=True))),
        Mistake("ten only", _("That is right for ten classes only. The number of classes is an argument."), wide),
        Mistake("classes seen", _("A class that does not occur still needs its row and its column."),
                lambda y, p, k: _confusion(y, p, max(y.max(), p.max()) + 1))])


# -- 3 recall and precision -------------------------------------------------------------------------


def _recall_precision(counts, k):
    return counts[k, k] / counts[k].sum(), counts[k, k] / counts[:, k].sum()


def _matrices(random):
    for n in (10, 4):
        yield random.integers(1, 20, (n, n)) + np.diag(random.integers(40, 90, n)), int(random.integers(0, n))


def recall_precision(submitted):
    def made(first, second):
        return lambda c, k: (first(c, k), second(c, k))

    def hits_of(total):
        return lambda c, k: c[k, k] / total(c, k)

    rows, columns = hits_of(lambda c, k: c[k].sum()), hits_of(lambda c, k: c[:, k].sum())
    everything = hits_of(lambda c, k: c.sum())
    return judge(submitted, reference=_recall_precision, cases=_matrices, well_done=_(
        "Recall looks along the row, at all digits of the class; precision down the column, at all answers of that "
        "class."),
        mistakes=[
        Mistake("swapped", _("They have changed places: recall asks how many of the digits of the class were found, "
                             "precision how many of the answers are right."), made(columns, rows)),
        Mistake("recall twice", _("Both are the recall. Precision divides by the answers, the column."),
                made(rows, rows)),
        Mistake("precision twice", _("Both are the precision. Recall divides by the digits of the class, the row."),
                made(columns, columns)),
        Mistake("of all digits", _("Both are divided by all digits. Recall has the row below the line, precision the "
                                   "column."), made(everything, everything)),
        Mistake("accuracy", _("That is the accuracy over all classes. One class is asked."),
                lambda c, k: (np.trace(c) / c.sum(),) * 2),
        Mistake("hits left out", _("The hits are missing below the line: they are part of the row and of the column."),
                made(hits_of(lambda c, k: c[k].sum() - c[k, k]), hits_of(lambda c, k: c[:, k].sum() - c[k, k]))),
        Mistake("shares of mistakes", _("Those are the shares of the mistakes. Recall and precision are 1 minus them."),
                lambda c, k: tuple(1 - part for part in _recall_precision(c, k))),
        Mistake("all classes", _("Those are the values of all classes. One class is asked: k."),
                lambda c, k: (np.diag(c) / c.sum(axis=1), np.diag(c) / c.sum(axis=0)))])


# -- 4 the surest mistakes --------------------------------------------------------------------------


def _surest(y, a_out, count):
    mistakes = np.flatnonzero(a_out.argmax(axis=1) != y)
    return mistakes[np.argsort(-a_out[mistakes].max(axis=1), kind="stable")][:count]


def _outputs(random):
    for n, n_classes, count in ((120, 10, 25), (40, 4, 6), (30, 3, 5)):
        a_out = random.uniform(0.01, 0.9, (n, n_classes))
        y = np.where(random.uniform(size=n) < 0.4, a_out.argmax(axis=1), random.integers(0, n_classes, n))
        yield y, a_out, count


def surest(submitted):
    def sort(key, which=None, reverse=True):
        def answer(y, a_out, count):
            places = np.flatnonzero(a_out.argmax(axis=1) != y) if which is None else which(y, a_out)
            return places[np.argsort((-1 if reverse else 1) * key(y, a_out)[places], kind="stable")][:count]
        return answer

    def confidence(y, a_out):
        return a_out.max(axis=1)

    def of_label(y, a_out):
        return a_out[np.arange(len(y)), y]

    def margin(y, a_out):
        return np.ptp(np.sort(a_out, axis=1)[:, -2:], axis=1)

    def among_mistakes(y, a_out, count):
        mistakes = np.flatnonzero(a_out.argmax(axis=1) != y)
        return np.argsort(-a_out[mistakes].max(axis=1), kind="stable")[:count]

    return judge(submitted, reference=_surest, cases=_outputs, well_done=_(
        "The mistakes alone, the surest first, by their places in the set."), mistakes=[
        Mistake("least sure", _("Those are the least sure mistakes: the order is turned round."),
                sort(confidence, reverse=False)),
        Mistake("hits too", _("Hits are among them. First pick the mistakes, then sort."),
                sort(confidence, lambda y, a_out: np.arange(len(y)))),
        Mistake("hits only", _("Those are the surest hits. The mistakes are asked."),
                sort(confidence, lambda y, a_out: np.flatnonzero(a_out.argmax(axis=1) == y))),
        Mistake("not sorted", _("Those are the first mistakes in the order of the set. Sort them by confidence."),
                lambda y, a, count: np.flatnonzero(a.argmax(axis=1) != y)[:count]),
        Mistake("sorted too late", _("The first mistakes were taken, then sorted. Sort all mistakes, then take."),
                lambda y, a, count: (lambda first: first[np.argsort(-a[first].max(axis=1), kind="stable")])(
                    np.flatnonzero(a.argmax(axis=1) != y)[:count])),
        Mistake("places among the mistakes", _("Those are places in the list of mistakes. Which digits of the set are "
                                               "they?"), among_mistakes),
        Mistake("by the label's output", _("Sorted by the output of the true class. How sure the network was of its "
                                           "answer is the largest output."), sort(of_label)),
        Mistake("by margin", _("Sorted by the margin to the second largest output. The confidence is the largest "
                               "output itself."), sort(margin)),
        Mistake("all of them", _("Sorted rightly, but all mistakes are returned. Keep the first `count`."),
                lambda y, a, count: _surest(y, a, len(y))),
        Mistake("confidences", _("Those are the confidences. The places of the digits are asked."),
                lambda y, a, count: a[_surest(y, a, count)].max(axis=1))])


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("The recall of class 5 is 0.78. What does that say?"), {
        N_("of 100 fives, about 78 are found"): N_("Recall looks at the digits of a class."),
        N_("of 100 answers 5, about 78 are right"): N_("That is the precision."),
        N_("78 % of all digits are right"): N_("That is the accuracy."),
        N_("the network is 78 % sure of its fives"): N_("Confidence is another thing than being right.")},
        N_("of 100 fives, about 78 are found")),
    Question(N_("39 of 50 fives are found, 47 of 50 sevens. Is the network worse at fives?"), {
        N_("the interval of the difference must be looked at"): N_(
            "Two numbers of 50 digits each both vary by chance."),
        N_("certainly, 39 is less than 47"): N_("With other 50 digits it could be closer, or turned round."),
        N_("it cannot be known at all"): N_("The difference and its interval say how well it is known."),
        N_("no, both are above 50 %"): N_("Half is no limit that matters here.")},
        N_("the interval of the difference must be looked at")),
    Question(N_("What do the ten outputs of a digit add up to?"), {
        N_("to anything from 0 to 10"): N_("Each is a sigmoid of its own."),
        "1": N_("That is so with softmax. Ten sigmoids are free."),
        "0": N_("Each output is above 0."),
        "10": N_("Only if all were 1.")},
        N_("to anything from 0 to 10")),
    Question(N_("You look at 25 mistakes and find the network stupid. What is unfair about that?"), {
        N_("they were chosen because it failed; its many hits are not shown"): N_(
            "So show hits of the same kind, too."),
        N_("25 are too many"): N_("The number is not the fault."),
        N_("mistakes must not be looked at"): N_("They teach most; but they are a choice."),
        N_("they are from the training set"): N_("They are from the test set.")},
        N_("they were chosen because it failed; its many hits are not shown")),
    Question(N_("The network may refuse the digits it is least sure of. What follows for the rest?"), {
        N_("its accuracy rises, and fewer digits are answered"): N_(
            "The threshold is chosen on validation, not on the test set."),
        N_("its accuracy stays: confidence means nothing"): N_("Mistakes are less sure on average, so they go first."),
        N_("it becomes 100 % at once"): N_("Some mistakes are very sure."),
        N_("it falls, since hard digits are left out"): N_("Leaving out hard digits makes the rest easier.")},
        N_("its accuracy rises, and fewer digits are answered"))])
