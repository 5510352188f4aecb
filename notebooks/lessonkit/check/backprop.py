"""The checks of the exercises of lesson 3."""

import numpy as np

from ..words import N_, _
from .functions import Mistake, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, right, wrong  # noqa: F401  `demand` is for graders

# -- 1 a change of the cost -------------------------------------------------------------------------


def change(submitted):
    """A weight with the derivative 12.5 is changed by -0.002: by how much the cost changes, about."""
    if bad := demand_number(submitted):
        return bad
    if abs(submitted + 0.025) < 1e-6:
        return right(_("The derivative times the change. The tangent promises that, and for so small a change it keeps "
                       "its word, nearly."))
    for key, value, message in (
            ("sign", 0.025, _("The size is right. The weight goes down, and the derivative is positive: what does the "
                              "cost do?")),
            ("divided", -6250, _("That is the derivative divided by the change. It is the other way round: derivative "
                                 "= change of the cost / change of the weight.")),
            ("divided", 6250, _("That is the derivative divided by the change. It is the other way round: derivative = "
                                "change of the cost / change of the weight.")),
            ("added", 12.498, _("That adds the change to the derivative. The derivative is a rate: multiply.")),
            ("weight only", -0.002, _("That is the change of the weight, not of the cost.")),
            ("derivative only", 12.5, _("That is the change of the cost for a whole unit of the weight, if the curve "
                                        "were a straight line.")),
            ("decimal point", -0.25, _("The decimal point is one place off.")),
            ("decimal point", -0.0025, _("The decimal point is one place off."))):
        if np.isclose(submitted, value, rtol=1e-6):
            return wrong(key, message)
    return wrong("value", _("Change of the cost = derivative times change of the weight, about."))


# -- 2 the deltas of the outputs --------------------------------------------------------------------


def _delta_out(a_out, y_enc):
    return a_out - y_enc


def _answers(random):
    for n, n_classes in ((5, 10), (8, 3), (6, 4)):
        a_out = random.uniform(0.02, 0.98, (n, n_classes))
        a_out[0, :2] = 0, 1  # outputs that have rounded
        yield a_out, np.eye(n_classes)[random.integers(0, n_classes, n)]


def delta_out(submitted):
    return judge(submitted, reference=_delta_out, cases=_answers,
                 size=lambda n, random: (random.uniform(0.02, 0.98, (n, 10)), np.eye(10)[random.integers(0, 10, n)]),
                 well_done=_("Output minus label. The division by a (1 - a) and the slope a (1 - a) have cancelled, "
                             "also where an output has rounded to 0 or 1."), mistakes=[
        Mistake("slope kept", _("The slope of the sigmoid is still there: with this cost it cancels."),
                lambda a, y: (a - y) * a * (1 - a)),
        Mistake("slope kept", _("The slope of the sigmoid is still there: with this cost it cancels."),
                lambda a, y: 2 * (a - y) * a * (1 - a)),
        Mistake("true class only", _("Only the output of the true class has a delta. The others are wrong, too, where "
                                     "they are not 0."), lambda a, y: (a - y) * y),
        Mistake("label missing", _("The label is missing: an output that is right must have a delta of 0."),
                lambda a, y: a + 0 * y),
        Mistake("absolute value", _("The sign is lost: it says whether an output must rise or fall."),
                lambda a, y: np.abs(a - y)),
        Mistake("squared", _("That is the squared error, not its derivative."), lambda a, y: (a - y) ** 2)])


# -- 3 the deltas of the hidden units ---------------------------------------------------------------


def _delta_h(delta_out, w_out, a_h):
    return (delta_out @ w_out.T) * a_h * (1 - a_h)


def _hidden(random):
    for n, hidden, classes in ((5, 6, 3), (4, 3, 3), (7, 2, 5)):
        yield (random.normal(size=(n, classes)), random.normal(size=(hidden, classes)),
               random.uniform(0.05, 0.95, (n, hidden)))


def delta_h(submitted):
    return judge(submitted, reference=_delta_h, cases=_hidden,
                 size=lambda n, random: (random.normal(size=(n, 3)), random.normal(size=(5, 3)),
                                         random.uniform(size=(n, 5))),
                 well_done=_("Back through the weights, then times the slope of each unit."), mistakes=[
        Mistake("slope missing", _("The way back through the weights is right. Each hidden unit also has a slope."),
                lambda d, w, a: d @ w.T),
        Mistake("slope squared", _("The slope is there twice."), lambda d, w, a: (d @ w.T) * (a * (1 - a)) ** 2),
        Mistake("slope by a alone", _("The slope of the sigmoid is a (1 - a), not a."), lambda d, w, a: (d @ w.T) * a),
        Mistake("slope by 1 - a alone", _("The slope of the sigmoid is a (1 - a), not 1 - a."),
                lambda d, w, a: (d @ w.T) * (1 - a)),
        Mistake("slope of tanh", _("1 - a**2 is the slope of tanh. These are sigmoid units."),
                lambda d, w, a: (d @ w.T) * (1 - a ** 2)),
        Mistake("slope of a", _("That takes the sigmoid of an activation again: a_h is one already."),
                lambda d, w, a: (d @ w.T) / (1 + np.exp(-a)) * (1 - 1 / (1 + np.exp(-a)))),
        Mistake("weights squared", _("The weights are squared on the way back: in the derivative each stands once."),
                lambda d, w, a: (d @ w.T ** 2) * a * (1 - a))])


# -- 4 the four gradients ---------------------------------------------------------------------------


def _gradients(X, a_h, delta_h, delta_out):
    return X.T @ delta_h, delta_h.sum(axis=0), a_h.T @ delta_out, delta_out.sum(axis=0)


def _passes(random):
    for n, features, hidden, classes in ((5, 7, 4, 3), (3, 6, 2, 4), (8, 4, 5, 2)):
        yield tuple(random.normal(size=(n, width)) for width in (features, hidden, hidden, classes))


def gradients(submitted):
    def made(change):
        return lambda *given: tuple(change(list(_gradients(*given)), *given))

    def biases(function):
        return made(lambda g, X, a_h, d_h, d_out: (g[0], function(d_h), g[2], function(d_out)))

    return judge(submitted, reference=_gradients, cases=_passes,
                 size=lambda n, random: tuple(random.normal(size=(n, width)) for width in (4, 3, 3, 2)),
                 well_done=_("Each has the shape of its weight, summed over the minibatch, not averaged."), mistakes=[
        Mistake("averaged", _("Everything is divided by n. In this course gradients are summed over the minibatch."),
                made(lambda g, X, *rest: (part / len(X) for part in g))),
        Mistake("biases averaged", _("The two weights are right. The gradients of the biases are means, and should be "
                                     "sums, as those of the weights are."), biases(lambda d: d.mean(axis=0))),
        Mistake("weights averaged", _("The biases are right. The gradients of the weights are divided by n, and should "
                                      "not be."), made(lambda g, X, *rest: (g[0] / len(X), g[1], g[2] / len(X), g[3]))),
        Mistake("biases not summed", _("The gradient of a bias must be summed over the examples: its shape is that of "
                                       "the bias."), biases(lambda d: d)),
        Mistake("biases over units", _("The gradients of the biases are summed over the units, axis 1, and should be "
                                       "summed over the examples."), biases(lambda d: d.sum(axis=1))),
        Mistake("first example only", _("That is the gradient of the first example. Sum over all of them."),
                lambda *given: _gradients(*(part[:1] for part in given))),
        Mistake("last example only", _("That is the gradient of the last example. Sum over all of them."),
                lambda *given: _gradients(*(part[-1:] for part in given))),
        Mistake("last example lost", _("The last example of the minibatch is missing in the sum."),
                lambda *given: _gradients(*(part[:-1] for part in given))),
        Mistake("signs", _("All four are negated: the update subtracts them, the gradient itself has no minus."),
                made(lambda g, *rest: (-part for part in g))),
        Mistake("hidden weights transposed", _("The first gradient lies on its side: it must have the shape of w_h."),
                made(lambda g, *rest: (g[0].T, *g[1:]))),
        Mistake("output weights transposed", _("The third gradient lies on its side: it must have the shape of w_out."),
                made(lambda g, *rest: (g[0], g[1], g[2].T, g[3]))),
        Mistake("both transposed", _("The gradients of the weights lie on their side: each must have the shape of its "
                                     "weight."), made(lambda g, *rest: (g[0].T, g[1], g[2].T, g[3]))),
        Mistake("biases missing", _("The gradients of the biases are 0. A bias is a weight whose input is always 1."),
                made(lambda g, *rest: (g[0], 0 * g[1], g[2], 0 * g[3]))),
        Mistake("layers mixed up", _("The two layers have changed places: w_h comes first."),
                made(lambda g, *rest: (g[2], g[3], g[0], g[1])))])


# -- 5 a gradient check of one's own ----------------------------------------------------------------


def _surfaces(random):
    """Functions of an array, as `cost`, and places to ask for their gradient."""
    for shape in ((3,), (2, 4), (5, 1)):
        c = random.normal(1, 0.3, shape)
        yield (lambda w, c=c: float(np.sum(c * np.sin(w)) + np.sum(w) ** 3 / 6)), random.normal(0.5, 0.5, shape), 1e-4


def _gradient_of(cost, w, h):
    """By central differences, as the exercise asks."""
    gradient = np.zeros_like(w)
    for place in np.ndindex(w.shape):
        moved = [w.copy(), w.copy()]
        moved[0][place] -= h
        moved[1][place] += h
        gradient[place] = (cost(moved[1]) - cost(moved[0])) / (2 * h)
    return gradient


def numerical_gradient(submitted):
    def one_sided(way):
        def answer(cost, w, h):
            gradient = np.zeros_like(w)
            for place in np.ndindex(w.shape):
                moved = w.copy()
                moved[place] += way * h
                gradient[place] = way * (cost(moved) - cost(w)) / h
            return gradient
        return answer

    def all_at_once(cost, w, h):
        return np.full_like(w, (cost(w + h) - cost(w - h)) / (2 * h))

    def walks_off(cost, w, h):
        """Each entry stays moved when the next one is."""
        gradient, w = np.zeros_like(w), w.copy()
        for place in np.ndindex(w.shape):
            w[place] += h
            up = cost(w)
            w[place] -= 2 * h
            gradient[place] = (up - cost(w)) / (2 * h)
        return gradient

    def first_axis(cost, w, h):
        gradient = np.zeros_like(w)
        for row in range(len(w)):
            moved = [w.copy(), w.copy()]
            moved[0][row] -= h
            moved[1][row] += h
            gradient[row] = (cost(moved[1]) - cost(moved[0])) / (2 * h)
        return gradient

    sided = _("Nearly right, but the error is of the size of h: you look to one side only. Take the costs on both "
              "sides of w, 2 h apart, and the error falls to the size of h squared.")
    return judge(submitted, reference=_gradient_of, cases=_surfaces, close={"rtol": 1e-8, "atol": 1e-8},
                 may_use_core=True,
                 well_done=_("Both sides, one entry at a time, and w as it was: this checks any gradient."), mistakes=[
        Mistake("one-sided", sided, one_sided(1)), Mistake("one-sided", sided, one_sided(-1)),
        Mistake("all at once", _("All entries were moved together. One at a time: the others must stay."), all_at_once),
        Mistake("not put back", _("An entry is not put back before the next one is moved."), walks_off),
        Mistake("rows at once", _("Whole rows were moved together: go through every entry, with np.ndindex(w.shape)."),
                first_axis),
        Mistake("not divided", _("The difference of the costs is not divided by the distance, 2 h."),
                lambda cost, w, h: _gradient_of(cost, w, h) * 2 * h)])


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("Why is no division left in delta_out?"), {
        N_("the a (1 - a) of the cost's derivative and the sigmoid's slope cancel"): N_(
            "So the delta stays exact where an output has rounded to 0 or 1."),
        N_("dividing is slow"): N_("It would be right all the same; but it is not needed."),
        N_("the mean over the minibatch is taken later"): N_("No mean is taken at all; that is another division."),
        N_("outputs are never exactly 0 or 1"): N_("They round to 0 and 1, and then the long form gives nan.")},
        N_("the a (1 - a) of the cost's derivative and the sigmoid's slope cancel")),
    Question(N_("A hidden unit is saturated: a_h is 0.999. What becomes of its delta?"), {
        N_("it is almost 0, so that the unit hardly learns"): N_("The slope a (1 - a) is 0.001."),
        N_("it is large, since the unit is sure"): N_(
            "The delta has the slope as a factor, and the slope is almost 0."),
        N_("it is 0.999 times the delta of the output"): N_(
            "Not the activation, but the slope a (1 - a) is the factor."),
        N_("it changes its sign"): N_("The slope of the sigmoid is never negative.")},
        N_("it is almost 0, so that the unit hardly learns")),
    Question(N_("Why does delta_h take a sum over the ten outputs?"), {
        N_("a hidden unit acts on the cost through all ten"): N_("The chain rule adds up the ways."),
        N_("there are ten digits in the minibatch"): N_("The sum over the minibatch comes later, in the gradient."),
        N_("each output knows a tenth of the truth"): N_("It is no matter of shares: the effects add up."),
        N_("only the true class counts, and the others are 0"): N_(
            "Their deltas are not 0: they should be low and are not.")},
        N_("a hidden unit acts on the cost through all ten")),
    Question(N_("A gradient agrees with the numerical check on one minibatch. What is proved?"), {
        N_("that it is the derivative of the cost that was checked"): N_(
            "Not that this cost is the right one, nor that the update uses it well."),
        N_("that the network will learn"): N_("The learning rate, the update and the labels can still be wrong."),
        N_("that the cost is right"): N_("Cost and gradient can share a mistake."),
        N_("nothing, since the difference is never 0"): N_(
            "Rounding leaves a small difference; a mistake leaves a large one.")},
        N_("that it is the derivative of the cost that was checked")),
    Question(N_("What has the gradient of w_out to do with a hidden unit that answers 0 for a digit?"), {
        N_("its weights get no gradient from that digit"): N_("The gradient is a_h times delta_out, and a_h is 0."),
        N_("its weights get a large gradient, to wake it up"): N_("What answers 0 has had no part in the mistake."),
        N_("its bias gets no gradient"): N_("delta_h has a slope as its factor; w_out has the activation."),
        N_("the digit is left out of the minibatch"): N_("All other units still learn from it.")},
        N_("its weights get no gradient from that digit"))])
