"""The checks of the exercises of lesson 5."""

import numpy as np

from ..words import N_, _
from .functions import Mistake, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, right, wrong  # noqa: F401  `demand` is for graders

# -- 1 how often a weight is shrunk -----------------------------------------------------------------


def shrinkings(submitted):
    """How many times an epoch of 4,000 digits in minibatches of 20 shrinks a weight by L2."""
    if bad := demand_number(submitted, 0):
        return bad
    if submitted == 200:
        return right(_("Once in every minibatch. With minibatches of 100 it would be 40 times: the same l2 acts less."))
    for key, value, message in (
            ("once", 1, _("It is in every update, not in every epoch.")),
            ("minibatch size", 20, _("That is the size of a minibatch. How many are there?")),
            ("each digit", 4000, _("The gradient is summed over the digits of a minibatch; L2 is added once to that "
                                   "sum.")),
            ("product", 80_000, _("Divide, do not multiply: how many minibatches of 20 are in 4,000?")),
            ("all epochs", 12_000, _("That is for 60 epochs. One is asked."))):
        if submitted == value:
            return wrong(key, message)
    return wrong("value", _("How many updates has an epoch, and how often is L2 in an update?"))


# -- 2 L2 as a change of the update -----------------------------------------------------------------


def _update(w, b, grad_w, grad_b, eta, l2):
    return w - eta * (grad_w + l2 * w), b - eta * grad_b


def _layers(random):
    for shape in ((5, 3), (2, 4)):
        yield (random.normal(size=shape), random.normal(size=shape[1]), random.normal(size=shape),
               random.normal(size=shape[1]), float(random.uniform(0.1, 0.4)), float(random.uniform(0.2, 0.8)))


def update(submitted):
    def made(weights, biases=lambda w, b, gw, gb, eta, l2: b - eta * gb):
        return lambda *given: (weights(*given), biases(*given))

    return judge(submitted, reference=_update, cases=_layers,
                 well_done=_("Every update shrinks the weights by the factor 1 - eta l2, and leaves the biases alone."),
                 mistakes=[
        Mistake("bias regularised", _("The weights are right. The bias is shrunk, too, and should not be: it draws no "
                                      "wild curves."),
                lambda w, b, gw, gb, eta, l2: (w - eta * (gw + l2 * w), b - eta * (gb + l2 * b))),
        Mistake("twice the penalty", _("That adds 2 l2 w, the derivative of the penalty as it is printed. The course's "
                                       "update adds l2 w."),
                made(lambda w, b, gw, gb, eta, l2: w - eta * (gw + 2 * l2 * w))),
        Mistake("eta missing", _("l2 w is subtracted without eta: it belongs to the gradient, and eta multiplies "
                                 "both."), made(lambda w, b, gw, gb, eta, l2: w - eta * gw - l2 * w)),
        Mistake("weights grow", _("The sign of the penalty is wrong: these weights grow."),
                made(lambda w, b, gw, gb, eta, l2: w - eta * (gw - l2 * w))),
        Mistake("penalty missing", _("l2 is not used."), made(lambda w, b, gw, gb, eta, l2: w - eta * gw)),
        Mistake("l2 without w", _("That subtracts the same from every weight. Large weights must shrink by more: l2 "
                                  "times w."), made(lambda w, b, gw, gb, eta, l2: w - eta * (gw + l2))),
        Mistake("l2 of the square", _("That adds the penalty itself, l2 w**2, and not its derivative."),
                made(lambda w, b, gw, gb, eta, l2: w - eta * (gw + l2 * w ** 2))),
        Mistake("l1", _("That is L1: it takes the sign of each weight. L2 takes the weight itself."),
                made(lambda w, b, gw, gb, eta, l2: w - eta * (gw + l2 * np.sign(w)))),
        Mistake("climbs", _("The update climbs: the gradient must be subtracted."),
                lambda w, b, gw, gb, eta, l2: (w + eta * (gw + l2 * w), b + eta * gb))])


# -- 3 dropout --------------------------------------------------------------------------------------


def _dropout(a_h, kept, p):
    return a_h * kept / (1 - p)


def _activations(random):
    for shape, p in (((6, 5), 0.37), ((4, 8), 0.71), ((3, 3), 0.0)):  # no minibatch has exactly these shares
        yield random.uniform(0.1, 0.9, shape), random.uniform(size=shape) >= p, p


def dropout(submitted):
    return judge(submitted, reference=_dropout, cases=_activations, size=lambda n, random: (
        random.uniform(size=(n, 5)), random.uniform(size=(n, 5)) >= 0.3, 0.3),
        well_done=_("The silenced units answer 0, and the others speak up, so that the sum stays the same on average."),
        mistakes=[
        Mistake("not scaled up", _("The right units are silenced. But the sum that the outputs get is now smaller than "
                                   "in use, where all units answer: scale the others up."),
                lambda a, kept, p: a * kept),
        Mistake("scaled down", _("The units that are left must become larger, not smaller."),
                lambda a, kept, p: a * kept * (1 - p)),
        Mistake("divided by p", _("Divide by the share that is kept, not by the share that is silenced."),
                lambda a, kept, p: a * kept / p),
        Mistake("wrong units", _("The units that should stay are silenced: `kept` is True where a unit stays."),
                lambda a, kept, p: a * ~kept / (1 - p)),
        Mistake("nobody silenced", _("No unit is silenced: where `kept` is False the answer must be 0."),
                lambda a, kept, p: a / (1 - p)),
        Mistake("silenced to one half", _("A silenced unit must answer 0. The sigmoid of 0 is 0.5."),
                lambda a, kept, p: np.where(kept, a / (1 - p), 0.5)),
        Mistake("scaled twice", _("It is scaled up twice."), lambda a, kept, p: a * kept / (1 - p) ** 2),
        Mistake("share of this minibatch", _("That scales by the share that happens to be kept in this minibatch. "
                                             "Divide by 1 - p, the share on average."),
                lambda a, kept, p: a * kept / kept.mean())])


# -- 4 stop early -----------------------------------------------------------------------------------


def _stop_early(valid_cost, patience):
    """The place of the best cost so far, and how many epochs were run.

    It stops when no better one has come for `patience` epochs.
    """
    best = 0
    for epoch, cost in enumerate(valid_cost):
        if cost < valid_cost[best]:
            best = epoch
        elif epoch - best >= patience:
            return best, epoch + 1
    return best, len(valid_cost)


def _stop_loosely(valid_cost, patience, late=0, equal=False, keep_last=False, count_rises=False):
    best, rises = 0, 0
    for epoch, cost in enumerate(valid_cost):
        if cost < valid_cost[best] or (equal and cost == valid_cost[best]):
            best, rises = epoch, 0
        elif count_rises and epoch and cost <= valid_cost[epoch - 1]:
            rises = 0
        else:
            rises += 1
        waited = rises if count_rises else epoch - best
        if waited >= patience + late:
            return (epoch if keep_last else best), epoch + 1
    return (len(valid_cost) - 1 if keep_last else best), len(valid_cost)


def _histories(random):
    for patience in (1, 2, 4):
        for length in (12, 30):
            falls = 0.9 ** np.arange(length) + 0.02 * np.arange(length)
            yield [round(float(cost), 2) for cost in falls + random.normal(0, 0.1, length)], patience
    yield [5.0, 4.0, 4.5, 4.2, 4.1, 4.05, 3.0, 3.5, 3.5, 3.5, 3.5, 3.5], 3
    yield [3.0, 2.0, 2.0, 2.0, 2.0, 1.0], 2
    yield [3.0, 2.5, 2.0, 1.5], 2


def stop_early(submitted):
    def whole(valid_cost, patience):
        return int(np.argmin(valid_cost)), len(valid_cost)

    return judge(submitted, reference=_stop_early, cases=_histories, well_done=_(
        "It looks at nothing that comes later, and keeps the best epoch that it has seen."), mistakes=[
        Mistake("looks ahead", _("That is the best epoch of the whole history. Who stops early has not seen the rest."),
                whole),
        Mistake("looks ahead", _("That is the best epoch of the whole history. Who stops early has not seen the rest."),
                lambda valid_cost, patience: (int(np.argmin(valid_cost)), _stop_early(valid_cost, patience)[1])),
        Mistake("keeps the last", _("It stops in time, but the epoch to keep is the best one, not the one that it "
                                    "stops at."), lambda v, p: _stop_loosely(v, p, keep_last=True)),
        Mistake("one epoch late", _("It waits one epoch too long."), lambda v, p: _stop_loosely(v, p, late=1)),
        Mistake("one epoch early", _("It stops one epoch too early."), lambda v, p: _stop_loosely(v, p, late=-1)),
        Mistake("equal counts as better", _("An equal cost is not a better one: the wait goes on."),
                lambda v, p: _stop_loosely(v, p, equal=True)),
        Mistake("counts rises", _("It counts rises from epoch to epoch. The wait counts from the best epoch so far, "
                                  "also while the cost falls back."),
                lambda v, p: _stop_loosely(v, p, count_rises=True)),
        Mistake("counted from 0", _("The epoch to keep is right. How many epochs were run is one more than the place "
                                    "of the last."), lambda v, p: (_stop_early(v, p)[0], _stop_early(v, p)[1] - 1)),
        Mistake("counted from 1", _("The number of epochs is right. Places count from 0: the first epoch stands at 0."),
                lambda v, p: (_stop_early(v, p)[0] + 1, _stop_early(v, p)[1]))])


# -- 5 choose the penalty ---------------------------------------------------------------------------


def _choose(results):
    return max(results, key=lambda l2: np.mean(results[l2]["valid"]))


def _results(random):
    """Accuracies of penalties over seeds, in which every wrong way of choosing leads to a penalty of its own."""
    for _unused in range(3):
        values = [float(value) for value in random.permutation([0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0])]
        by_valid, by_train, by_test, by_luck, by_gap, by_median, by_worst, poor, plain = values

        def run(train, valid, test):
            return {"train": train, "valid": valid, "test": test}

        results = {by_valid: run([96.0, 96.0, 96.0], [95.2, 93.0, 92.4], [92.0, 91.8, 92.0]),
                   by_train: run([100.0, 100.0, 99.9], [91.0, 91.5, 91.2], [91.0, 91.0, 91.2]),
                   by_test: run([97.0, 97.2, 97.1], [91.9, 92.0, 92.1], [96.0, 96.2, 96.1]),
                   by_luck: run([98.0, 97.8, 97.9], [97.0, 89.0, 90.0], [92.2, 92.1, 92.0]),
                   by_gap: run([80.0, 80.2, 80.1], [79.9, 80.1, 80.0], [79.0, 79.5, 79.2]),
                   by_median: run([95.0, 95.1, 95.2], [93.3, 93.2, 88.0], [91.5, 91.4, 91.6]),
                   by_worst: run([94.0, 94.1, 94.2], [92.9, 92.8, 92.7], [91.0, 91.1, 91.3]),
                   poor: run([60.0, 61.0, 62.0], [50.0, 51.0, 52.0], [50.5, 51.0, 51.5])}
        order = [plain, *map(float, random.permutation(list(results)))]  # no way of choosing leads to the first
        results[plain] = run([90.0, 90.1, 90.2], [85.0, 85.1, 85.2], [85.0, 85.5, 85.2])
        yield ({l2: results[l2] for l2 in order},)


def choose(submitted):
    def by(function):
        return lambda results: max(results, key=lambda l2: function(results[l2]))

    def gap(run):
        return -abs(np.mean(run["train"]) - np.mean(run["valid"]))

    return judge(submitted, reference=_choose, cases=_results, well_done=_(
        "Chosen on validation, by the mean over the seeds. The test set is then asked once, for the chosen one alone."),
        mistakes=[
        Mistake("uses the test set", _("That chooses with the test set. What has chosen cannot judge any more: nothing "
                                       "honest is left to report."), by(lambda run: np.mean(run["test"]))),
        Mistake("uses the test set", _("That chooses with the test set. What has chosen cannot judge any more: nothing "
                                       "honest is left to report."), by(lambda run: np.max(run["test"]))),
        Mistake("uses the training set", _("That is the best on the training digits: the network that has learned them "
                                           "by heart."), by(lambda run: np.mean(run["train"]))),
        Mistake("luckiest seed", _("That takes the best single seed. One lucky run decides; take the mean over the "
                                   "seeds."), by(lambda run: np.max(run["valid"]))),
        Mistake("smallest gap", _("The smallest gap is not the best network: who guesses has no gap at all."), by(gap)),
        Mistake("worst seed", _("That compares the worst seeds. A cautious choice, but the mean over the seeds is "
                                "asked."), by(lambda run: np.min(run["valid"]))),
        Mistake("median", _("That compares the medians. The mean over the seeds is asked."),
                by(lambda run: np.median(run["valid"]))),
        Mistake("worst", _("That is the worst on validation: higher accuracy is better."),
                by(lambda run: -np.mean(run["valid"]))),
        Mistake("first one", _("That is the first penalty of the dict, whatever its results."),
                lambda results: next(iter(results)))])


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("Training accuracy 100 %, validation accuracy 88 %. What does the gap say?"), {
        N_("the network knows the training digits better than it knows digits"): N_("In a word: it overfits."),
        N_("the training is not finished"): N_("More training of the same digits does not close it."),
        N_("the validation digits are mislabelled"): N_(
            "Nothing points to that. What was learned by heart is easier than what is new."),
        N_("the network is too small"): N_("A network that is too small cannot reach 100 % on the training digits.")},
        N_("the network knows the training digits better than it knows digits")),
    Question(N_("With a large L2 the gap is almost 0. Is that the best network?"), {
        N_("no: both accuracies may have fallen"): N_("A small gap is no aim. Validation accuracy is."),
        N_("yes: it does not overfit"): N_("It may have learned hardly anything."),
        N_("yes: the test accuracy equals the training accuracy"): N_("Both can be bad together."),
        N_("no: L2 makes training slower"): N_("Its time is the same.")},
        N_("no: both accuracies may have fallen")),
    Question(N_("What may the test set be used for?"), {
        N_("to report the accuracy of the network that was chosen, once"): N_(
            "So long as it has had no part in any choice, it tells what fresh digits would."),
        N_("to choose between two settings that are equal on validation"): N_(
            "Then it has chosen, and looks too good."),
        N_("to decide when to stop training"): N_("That is a choice, too: the validation set's work."),
        N_("to look after every epoch how it goes"): N_("Whoever looks will choose by what is seen.")},
        N_("to report the accuracy of the network that was chosen, once")),
    Question(N_("In use, no unit is silenced. What makes up for dropout's scaling there?"), {
        N_("nothing: it was done while training"): N_("Dividing by 1 - p then keeps the sums the same on average."),
        N_("all activations are multiplied by p"): N_("Nothing is scaled in use with inverted dropout."),
        N_("the weights are halved"): N_("They stay as they are."),
        N_("the same units stay silenced"): N_("All units answer.")},
        N_("nothing: it was done while training")),
    Question(N_("You try 30 settings and keep the best on validation, with 94.0 %. What do you expect on fresh "
                "digits?"), {
        N_("somewhat less than 94.0 %"): N_("The best of many was also lucky."),
        N_("94.0 %"): N_("The choice favours the lucky ones."),
        N_("more than 94.0 %"): N_("Nothing makes fresh digits easier."),
        N_("nothing can be said"): N_("It will be near, and rather below.")},
        N_("somewhat less than 94.0 %"))])
