"""The checks of the exercises of lesson 2."""

import numpy as np

from ..words import N_, _
from .functions import Mistake, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, right, wrong  # noqa: F401  `demand` is for graders

# -- 1 the cost of one digit ------------------------------------------------------------------------

LABEL, OUTPUTS = 0, np.array([0.9, 0.2, 0.1])  # as the exercise states them
Y_ENC = np.array([1.0, 0.0, 0.0])


def cost_by_hand(submitted):
    """The cost of a digit of class 0 with the outputs 0.9, 0.2, 0.1: to three digits."""
    if bad := demand_number(submitted):
        return bad
    terms = Y_ENC * np.log(OUTPUTS) + (1 - Y_ENC) * np.log(1 - OUTPUTS)
    cost = -terms.sum()
    if abs(submitted - cost) <= 0.0005:
        return right(_("Three outputs, three terms. Each asks how near its output is to what it should be."))
    for key, value, message in (
            ("sign", -cost, _("The size is right. Can a cost be negative? The logarithm of a number below 1 is.")),
            ("true class only", -np.log(0.9), _("That is the term of the true class. The other two outputs cost "
                                                "something, too: they should be 0.")),
            ("base 10", cost / np.log(10), _("That is the logarithm with base 10. The cost takes the natural one.")),
            ("base 2", cost / np.log(2), _("That is the logarithm with base 2. The cost takes the natural one.")),
            ("mean", cost / 3, _("That is the mean of the three terms. The cost is their sum.")),
            ("not 1 - a", -np.log(OUTPUTS).sum(), _("Where the label is 0, it is the logarithm of 1 - a that counts.")),
            ("squared error", np.sum((Y_ENC - OUTPUTS) ** 2), _("That is the squared error. This cost takes "
                                                                "logarithms."))):
        if abs(submitted - value) <= 0.0006:
            return wrong(key, message)
    if abs(submitted - cost) < 0.06:
        return wrong("rounded", _("Close, but rounded too early or too far: three digits after the point are asked."))
    return wrong("value", _("One term for each output: -ln(a) where the label is 1, -ln(1 - a) where it is 0. Add "
                            "them."))


# -- 2 a sigmoid ------------------------------------------------------------------------------------


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


SMALL = 1e-26


def _net_inputs(random):
    for shape in ((40,), (3, 5)):
        z = random.normal(0, 3, shape)
        z.flat[:7] = -1000, 1000, -59, -30, 0, 30, 60
        yield (z,)  # at -59 it is 2e-26: 0 is wrong there, by more than SMALL; at -1000 exp(-60) is right


def sigmoid(submitted):
    def clipped(bound):
        return lambda z: _sigmoid(np.clip(z, -bound, bound))

    lost = _("Large inputs are fine, but the small end is lost: sigmoid(-60) is about 9e-27, not 0. A difference of "
             "two numbers near 1 cannot hold it.")
    cut = _("Nothing overflows, but your bound is too near: sigmoid(-60) is about 9e-27, and your function answers as "
            "for the bound.")
    return judge(submitted, reference=_sigmoid, cases=_net_inputs, close={"rtol": 1e-9, "atol": SMALL},
                 size=lambda n, random: (random.normal(0, 3, n),),
                 well_done=_("It holds from -1000 to 1000, and keeps the small end."), mistakes=[
        Mistake("mirrored", _("It falls where it should rise: look at the sign in the exponent."),
                lambda z: _sigmoid(-z)),
        Mistake("small end lost", lost, lambda z: 1 - _sigmoid(-z)),
        Mistake("small end lost", lost, lambda z: 0.5 * (1 + np.tanh(z / 2))),
        Mistake("small end lost", lost, lambda z: 0.5 + 0.5 * np.tanh(0.5 * z)),
        *(Mistake("bound too near", cut, clipped(bound))
          for bound in range(5, 59)),
        Mistake("tanh", _("That is the hyperbolic tangent: it runs from -1 to 1, the sigmoid from 0 to 1."), np.tanh),
        Mistake("exponential", _("exp(-z) alone is not the sigmoid: what stands around it?"),
                lambda z: np.exp(-np.clip(z, -250, 250)))])


# -- 3 a layer --------------------------------------------------------------------------------------


def _layer(a, w, b):
    return a @ w + b


def _layers(random):
    for n, inputs, units in ((5, 4, 3), (6, 3, 3), (2, 7, 2)):
        yield random.normal(size=(n, inputs)), random.normal(size=(inputs, units)), random.normal(size=units)


def layer(submitted):
    return judge(submitted, reference=_layer, cases=_layers,
                 size=lambda n, random: (random.normal(size=(n, 4)), random.normal(size=(4, 3)), random.normal(size=3)),
                 well_done=_("One product for all examples and all units; the bias is added to every row."), mistakes=[
        Mistake("bias missing", _("The products are right. The bias is missing."), lambda a, w, b: a @ w),
        Mistake("bias subtracted", _("The products are right. The bias is subtracted, and should be added."),
                lambda a, w, b: a @ w - b),
        Mistake("bias summed", _("The products are right. Each unit has its own bias: do not add them up."),
                lambda a, w, b: a @ w + b.sum()),
        Mistake("bias weighted", _("The bias is multiplied by the weights: bracket the product alone."),
                lambda a, w, b: (a @ w) * b),
        Mistake("sigmoid too early", _("The net input is asked: no sigmoid yet."),
                lambda a, w, b: _sigmoid(a @ w + b))])


# -- 4 the forward pass -----------------------------------------------------------------------------


def _forward(X, w_h, b_h, w_out, b_out):
    a_h = _sigmoid(X @ w_h + b_h)
    return a_h, _sigmoid(a_h @ w_out + b_out)


def _networks(random):
    for n, features, hidden, classes in ((5, 8, 4, 3), (3, 6, 3, 5), (7, 4, 6, 2)):
        yield (random.normal(size=(n, features)), random.normal(size=(features, hidden)), random.normal(size=hidden),
               random.normal(size=(hidden, classes)), random.normal(size=classes))


def forward(submitted):
    def softmax(z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def made(hidden=_sigmoid, output=_sigmoid, hidden_bias=1, output_bias=1):
        def answer(X, w_h, b_h, w_out, b_out):
            a_h = hidden(X @ w_h + hidden_bias * b_h)
            return a_h, output(a_h @ w_out + output_bias * b_out)
        return answer

    def same(z):
        return z

    return judge(submitted, reference=_forward, cases=_networks,
                 size=lambda n, random: tuple(random.normal(size=shape) for shape in ((n, 4), (4, 3), 3, (3, 2), 2)),
                 well_done=_("Two layers, and each ends with a sigmoid."), mistakes=[
        Mistake("hidden sigmoid missing", _("The hidden layer has no sigmoid. Two layers without one are a single "
                                            "layer."), made(hidden=same)),
        Mistake("output sigmoid missing", _("Your second answer is the net input of the outputs: the last sigmoid is "
                                            "missing."), made(output=same)),
        Mistake("no sigmoid", _("Neither layer has a sigmoid."), made(same, same)),
        Mistake("hidden bias missing", _("b_h is not used."), made(hidden_bias=0)),
        Mistake("output bias missing", _("b_out is not used."), made(output_bias=0)),
        Mistake("no bias", _("Neither bias is used."), made(hidden_bias=0, output_bias=0)),
        Mistake("softmax", _("Your outputs add up to 1: that is softmax. This network has a sigmoid at each output."),
                made(output=softmax)),
        Mistake("sigmoid twice", _("The sigmoid is taken twice on the way to a_h."),
                made(hidden=lambda z: _sigmoid(_sigmoid(z))))])


# -- 5 the cost of a minibatch ----------------------------------------------------------------------


def _cost(y_enc, a_out):
    return float(-np.sum(y_enc * np.log(a_out) + (1 - y_enc) * np.log(1 - a_out)))


def _outputs(random):
    for n, n_classes in ((6, 10), (9, 3), (4, 5)):
        yield np.eye(n_classes)[random.integers(0, n_classes, n)], random.uniform(0.02, 0.98, (n, n_classes))


def cost(submitted):
    def mean(y_enc, a_out):
        return _cost(y_enc, a_out) / y_enc.size

    return judge(submitted, reference=_cost, cases=_outputs,
                 size=lambda n, random: (np.eye(10)[random.integers(0, 10, n)], random.uniform(0.02, 0.98, (n, 10))),
                 well_done=_("The sum over all examples and all outputs, as the course prints it."), mistakes=[
        Mistake("true class only", _("Only the outputs of the true classes are counted. The others cost something, "
                                     "too."), lambda y, a: float(-np.sum(y * np.log(a)))),
        Mistake("other classes only", _("Only the outputs that should be 0 are counted."),
                lambda y, a: float(-np.sum((1 - y) * np.log(1 - a)))),
        Mistake("mean", _("That is the mean over all outputs. The cost is their sum."), mean),
        Mistake("terms subtracted", _("The two terms have different signs: both are added before the minus."),
                lambda y, a: float(-np.sum(y * np.log(a) - (1 - y) * np.log(1 - a)))),
        Mistake("label in the wrong place", _("y and 1 - y have changed places: a right answer would cost most."),
                lambda y, a: float(-np.sum((1 - y) * np.log(a) + y * np.log(1 - a)))),
        Mistake("base 10", _("That is the logarithm with base 10: np.log is the natural one."),
                lambda y, a: _cost(y, a) / np.log(10)),
        Mistake("base 2", _("That is the logarithm with base 2: np.log is the natural one."),
                lambda y, a: _cost(y, a) / np.log(2)),
        Mistake("squared error", _("That is the squared error. This cost takes logarithms."),
                lambda y, a: float(np.sum((y - a) ** 2))),
        Mistake("a cost each", _("That is a cost for each example. Add them up."),
                lambda y, a: -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a), axis=1)),
        Mistake("a cost each", _("That is a cost for each output. Add them up."),
                lambda y, a: -(y * np.log(a) + (1 - y) * np.log(1 - a)))])


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("X is (50, 784), w_h is (784, 30). What is the shape of X @ w_h + b_h, and of b_h?"), {
        N_("(50, 30), and b_h is (30,)"): N_("A row for each digit, a column for each unit; each unit has one bias."),
        N_("(30, 50), and b_h is (30,)"): N_("The first axis of X, the digits, stays the first."),
        N_("(50, 30), and b_h is (50,)"): N_("A bias belongs to a unit, not to a digit."),
        N_("(784, 30), and b_h is (784,)"): N_("The 784 pixels are summed over: that axis disappears.")},
        N_("(50, 30), and b_h is (30,)")),
    Question(N_("What does a hidden unit do when its net input is 20?"), {
        N_("it answers nearly 1, and its slope is almost 0"): N_(
            "It is saturated: small changes of its weights change nothing."),
        N_("it answers 20"): N_("The sigmoid turns every number into one between 0 and 1."),
        N_("it answers nearly 1, and learns fastest there"): N_(
            "It learns fastest at a net input of 0, where the slope is largest."),
        N_("it raises an overflow error"): N_("exp(-20) is small, not large.")},
        N_("it answers nearly 1, and its slope is almost 0")),
    Question(N_("Why may the answer be read from z_out instead of a_out?"), {
        N_("the sigmoid never changes which of them is the largest"): N_("It rises with z, so the order stays."),
        N_("z_out adds up to 1"): N_("Neither z_out nor a_out does."),
        N_("z_out is more accurate after training"): N_(
            "Both have the same largest entry, except where outputs round to 1."),
        N_("the cost is computed from z_out"): N_("That is a matter of rounding, not of the answer.")},
        N_("the sigmoid never changes which of them is the largest")),
    Question(N_("Ten outputs, all 0.5. About what does a digit cost?"), {
        "6.93": N_("Ten terms of ln 2 = 0.693. A fresh network begins near it."),
        "0.69": N_("That is one of ten terms."),
        "2.30": N_("ln 10: the cost of softmax for ten equal chances. Here are ten sigmoids."),
        "5": N_("That would be ten times 0.5; the cost takes logarithms.")},
        "6.93"),
    Question(N_("Two layers without a sigmoid between them. What can they do that one layer cannot?"), {
        N_("nothing"): N_("The product of two matrices is a matrix: one layer with those weights does the same."),
        N_("divide more classes"): N_("The number of classes is the width of the last layer."),
        N_("learn curved borders"): N_("That is what the sigmoid between them brings."),
        N_("learn faster"): N_("There may be more weights, but no function that one layer could not compute.")},
        N_("nothing"))])
