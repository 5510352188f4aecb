"""The checks of the exercises of lesson 4."""

import functools
import itertools

import numpy as np

from mlp_core import NeuralNetMLP, load_mnist

from ..words import N_, _
from .functions import Mistake, Stop, _call, describe, is_blank, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, not_yet, right, wrong  # noqa: F401  `demand` is for graders

# -- 1 the largest learning rate --------------------------------------------------------------------

RATES = (0.0001, 0.001, 0.01, 0.1, 1.0)
CONSTANT = -np.log(0.1) - 9 * np.log(0.9)  # what a digit costs if all ten outputs say 0.1


@functools.cache
def _last_cost(eta):
    """Cost a digit after ten epochs on 1,000 digits, as the exercise trains."""
    digits = load_mnist("sample", np.float64)
    nn = NeuralNetMLP(n_hidden=30, epochs=10, eta=eta, minibatch_size=100, seed=1)
    try:
        nn.fit(digits.X_train[:1000], digits.y_train[:1000], digits.X_valid[:10], digits.y_valid[:10], progress=False)
    except FloatingPointError:
        return np.inf
    return nn.eval_["cost"][-1] / 1000


def largest_rate(submitted):
    if bad := demand_number(submitted, 0):
        return bad
    if submitted not in RATES:
        return wrong("not in the list", _("{eta:g} is not one of the rates that are to be tried.").format(
            eta=submitted))
    if _last_cost(submitted) >= CONSTANT:
        if submitted == RATES[0]:
            return wrong("too small", _("With it ten epochs are not enough: a digit still costs more than saying 0.1 "
                                        "everywhere. Steps can be too short, too."))
        return wrong("too large", _("With it the network does not learn: after ten epochs a digit costs more than "
                                    "saying 0.1 everywhere. The steps are too long."))
    larger = RATES[RATES.index(submitted) + 1]
    if _last_cost(larger) < CONSTANT:
        return wrong("a larger one learns", _("With it the network learns, but a larger rate of the list does, too."))
    return right(_("With the next one, ten times as large, the cost stays above that of saying 0.1 everywhere."))


# -- 2 minibatch and learning rate ------------------------------------------------------------------


def same_updates(submitted):
    """The eta that makes the same updates as 0.16 with gradients averaged over minibatches of 64."""
    if bad := demand_number(submitted):
        return bad
    if np.isclose(submitted, 0.16 / 64):
        return right(_("A sum over 64 digits is 64 times their mean, so the rate is a 64th."))
    for key, value, message in (
            ("multiplied", 0.16 * 64, _("The other way round: the sum is larger than the mean, so the rate must be "
                                        "smaller.")),
            ("unchanged", 0.16, _("With the same rate each update of the course's class is 64 times as long.")),
            ("square root", 0.16 / 8, _("No square root: the update is exactly linear in the gradient.")),
            ("sign", -0.16 / 64, _("The size is right. A negative rate would climb.")),
            ("whole set", 0.16 / 4000, _("The sum runs over one minibatch, not over the training set.")),
            ("twice", 0.16 / 128, _("There is no factor 2 between a sum and a mean."))):
        if np.isclose(submitted, value):
            return wrong(key, message)
    return wrong("value", _("By which factor do the sum and the mean of 64 gradients differ?"))


# -- 3 minibatches ----------------------------------------------------------------------------------

SIZES = (1000, 100), (250, 60), (90, 30)  # examples, minibatch size
EPOCHS = 30  # in each of them a place of 250 is left out with a chance of one in 25


def minibatches(submitted):
    """Property by property, since any order may come out."""
    if submitted is ...:
        return not_yet()
    if not callable(submitted):
        return wrong("no function", _("This is a {kind}. Expected a function: pass its name without brackets.").format(
            kind=type(submitted).__name__))
    try:
        for n, size in SIZES:
            epochs = [_epoch_of(submitted, n, size, np.random.RandomState(seed)) for seed in (1, 1, 2)]
            if found := _fault_of_epochs(epochs, n, size):
                return found
            if _never_drawn(submitted, n, size):
                return wrong("never drawn", _("Some digits are in no minibatch of any epoch. Shuffle all n places "
                                              "first, and leave out afterwards what fills no minibatch."))
    except Stop as stop:
        return stop.verdict
    return right(_("Every digit at most once, in a new order each time, and all minibatches full."))


def _epoch_of(submitted, n, size, random):
    answer = _call(submitted, (n, size, random), may_change=True, spy=True)
    if answer is None or answer is ...:
        raise Stop(not_yet() if is_blank(submitted) or answer is ... else wrong(
            "nothing returned", _("Your function returns nothing. Does it end with return?")))
    try:
        batches = [np.asarray(batch) for batch in answer]
    except TypeError:
        batches = []
    if not batches or any(batch.ndim != 1 or batch.dtype.kind not in "iu" for batch in batches):
        raise Stop(wrong("kind", _("Expected a list of arrays of whole numbers, each the places of a minibatch's "
                                   "digits; this is {kind}.").format(kind=describe(answer))))
    return batches


def _never_drawn(submitted, n, size):
    """Whether some places never come, in so many epochs that by chance each does."""
    drawn = [_epoch_of(submitted, n, size, np.random.RandomState(seed)) for seed in range(EPOCHS)]
    return len(np.unique(np.concatenate([batch for epoch in drawn for batch in epoch]))) < n


def _fault_of_epochs(epochs, n, size):
    first, again, other = epochs
    together = np.concatenate(first)
    if any(len(batch) > size for batch in first) or all(len(batch) < size for batch in first):
        return wrong("size", _("The minibatches have not the size that is asked for."))
    if len(first[-1]) < size:
        return wrong("remainder kept", _("The last minibatch is smaller than the others. The course leaves a remainder "
                                         "out."))
    if len(first) == n // size - 1:
        return wrong("last one lost", _("A full minibatch is missing at the end: look at where your range stops."))
    if together.min() < 0 or together.max() >= n:
        return wrong("out of range", _("A place lies outside of the training set: places run from 0 to n - 1."))
    if len(np.unique(together)) < len(together):
        return wrong("repeats", _("Some digits come twice in an epoch. Shuffle all places once, then cut them into "
                                  "pieces."))
    if len(first) != n // size:
        return wrong("number", _("The number of minibatches is wrong: as many full ones as fit."))
    if all((np.diff(batch) == 1).all() for batch in first):
        return wrong("not shuffled", _("The digits come in their own order. Shuffle their places first."))
    if all(np.ptp(batch) == size - 1 for batch in first):
        return wrong("same company", _("Only the order within each minibatch is shuffled: the same digits are always "
                                       "together. Shuffle all places before you cut."))
    if not all(map(np.array_equal, first, again)):
        return wrong("another stream", _("Two epochs from the same random stream differ. Draw from the argument "
                                         "`random`, so that a run can be repeated."))
    if all(map(np.array_equal, first, other)):
        return wrong("always the same", _("Another random stream gives the same order. Draw from the argument "
                                          "`random`."))
    return None


# -- 4 a bug hunt -----------------------------------------------------------------------------------

BUGS = {
    "factor two": N_("A factor 2 that the derivative of this cost does not have."),
    "not transposed": N_("A product whose shape is right only because there are as many hidden units as classes."),
    "bias regularised": N_("A bias that is shrunk by L2. Only weights are."),
    "last minibatch lost": N_("The last minibatch never takes part."),
    "wrong sign": N_("An update that climbs: one of the four goes the wrong way."),
    "labels apart": N_("Digits and labels in different orders: a digit learns the label of another."),
}


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _one_epoch(w, X, y_enc, eta, l2, batches, bugs=()):
    w = dict(w)
    for batch in batches[:-1] if "last minibatch lost" in bugs else batches:
        X_batch, y_batch = X[batch], y_enc[np.sort(batch) if "labels apart" in bugs else batch]
        a_h = _sigmoid(X_batch @ w["w_h"] + w["b_h"])
        a_out = _sigmoid(a_h @ w["w_out"] + w["b_out"])
        delta_out = (2 if "factor two" in bugs else 1) * (a_out - y_batch)
        back = delta_out @ (w["w_out"] if "not transposed" in bugs else w["w_out"].T)
        delta_h = back * a_h * (1 - a_h)
        steps = {"w_h": X_batch.T @ delta_h + l2 * w["w_h"],
                 "b_h": delta_h.sum(axis=0) + (l2 * w["b_h"] if "bias regularised" in bugs else 0),
                 "w_out": a_h.T @ delta_out + l2 * w["w_out"],
                 "b_out": (-1 if "wrong sign" in bugs else 1) * delta_out.sum(axis=0)}
        w = {name: w[name] - eta * steps[name] for name in w}
    return w


def _epochs(random):
    for n, features, units, size in ((30, 6, 4, 10), (24, 5, 3, 6)):
        w = {"w_h": random.normal(size=(features, units)), "b_h": random.normal(size=units),
             "w_out": random.normal(size=(units, units)), "b_out": random.normal(size=units)}
        yield (w, random.normal(size=(n, features)), np.eye(units)[random.integers(0, units, n)], 0.05, 0.3,
               list(random.permutation(n).reshape(-1, size)))


def bug_hunt(submitted):
    def remaining(bugs):
        if len(bugs) == 1:
            return bugs[0], _("One of the six mistakes is left. {bug}").format(bug=_(BUGS[bugs[0]]))
        return "several", _("{number} of the six mistakes are left. One of them: {bug}").format(
            number=len(bugs), bug=_(BUGS[bugs[0]]))

    subsets = [bugs for number in range(1, len(BUGS) + 1) for bugs in itertools.combinations(BUGS, number)]
    mistakes = [Mistake(*remaining(bugs), functools.partial(_one_epoch, bugs=bugs)) for bugs in subsets[:-1]]
    mistakes.append(Mistake("untouched", "", functools.partial(_one_epoch, bugs=subsets[-1])))
    found = judge(submitted, reference=_one_epoch, cases=_epochs, mistakes=mistakes,
                  well_done=_("All six are found. With some of them alone the network learns almost as well, so its "
                              "accuracy would not show them. A check does."))
    return not_yet(_("All six mistakes are still there.")) if found.key == "untouched" else found


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("Why does a step ten times as long not lower the cost ten times as much?"), {
        N_("the slope holds only near the place where it was taken"): N_(
            "Further on the valley bends, and rises again."),
        N_("the cost cannot become negative"): N_("True, but a longer step can even raise it."),
        N_("the gradient is summed over the minibatch"): N_("That only sets the scale of eta."),
        N_("NumPy rounds long steps"): N_("Rounding is far too small to matter here.")},
        N_("the slope holds only near the place where it was taken")),
    Question(N_("4,000 digits, minibatches of 100, 60 epochs. How many updates?"), {
        "2400": N_("40 minibatches an epoch, 60 epochs."),
        "60": N_("One update for each minibatch, not for each epoch."),
        "4000": N_("An update learns from a whole minibatch."),
        "240000": N_("That is how often a digit is seen in all.")},
        "2400"),
    Question(N_("The training cost rises from one epoch to the next. What follows?"), {
        N_("nothing yet: a step can overshoot"): N_(
            "If it keeps rising, the learning rate is too large, or there is a bug."),
        N_("the gradient is certainly wrong"): N_("A right gradient with too large a rate rises as well."),
        N_("the network overfits"): N_(
            "Overfitting shows on the validation digits, not as a rise of the training cost."),
        N_("the seed was a bad one"): N_("A seed moves the curve a little; it does not explain a rise.")},
        N_("nothing yet: a step can overshoot")),
    Question(N_("Why is the order of the digits drawn anew in each epoch?"), {
        N_("each minibatch shall be a fair sample, in ever new company"): N_(
            "Sorted digits pull the network to one class after the other."),
        N_("to see more digits"): N_("The number stays the same."),
        N_("so that the run cannot be repeated"): N_("With the same seed it can, to the last bit."),
        N_("to separate training and validation"): N_("They were separated long before.")},
        N_("each minibatch shall be a fair sample, in ever new company")),
    Question(N_("A network answers 93 % of 500 test digits right. About how far may its accuracy on fresh digits of "
                "the same kind lie from that?"), {
        N_("about 2 points up or down"): N_("1.96 times the root of 0.93 * 0.07 / 500 is 2.2 points."),
        N_("not at all: it was measured"): N_("Measured on 500 digits, which chance has chosen."),
        N_("about 0.1 points"): N_("That would take some 250,000 test digits."),
        N_("about 20 points"): N_("500 digits tell more than that.")},
        N_("about 2 points up or down"))])
