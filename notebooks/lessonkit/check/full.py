"""The checks of the exercises of lesson 7."""

import numpy as np

from ..words import N_, _
from .functions import Mistake, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, right, wrong  # noqa: F401  `demand` is for graders

SIDE, PAPER = 28, -1.0

# -- 1 count the parameters -------------------------------------------------------------------------


def parameters(submitted):
    """How many numbers a network of 784 pixels, 500 hidden units and 10 classes learns."""
    if bad := demand_number(submitted, 0):
        return bad
    if submitted == 784 * 500 + 500 + 500 * 10 + 10:
        return right(_("About seven for each training digit of the full set, and still it generalises."))
    for key, value, message in (
            ("no biases", 784 * 500 + 500 * 10, _("The biases are missing: one for each hidden unit, one for each "
                                                  "output.")),
            ("no output layer", 784 * 500 + 500, _("The second layer is missing.")),
            ("no output bias", 784 * 500 + 500 + 500 * 10, _("The biases of the outputs are missing.")),
            ("no hidden bias", 784 * 500 + 500 * 10 + 10, _("The biases of the hidden units are missing.")),
            ("biases of the pixels", 784 * 500 + 784 + 500 * 10 + 500, _("Pixels have no bias. Units that compute have "
                                                                         "one.")),
            ("units", 784 + 500 + 10, _("Those are the units. Each connection between them has a weight.")),
            ("product of all", 784 * 500 * 10, _("The layers follow one another: their weights add up."))):
        if submitted == value:
            return wrong(key, message)
    return wrong("value", _("Two layers; each has a weight for every pair of an input and a unit, and a bias for every "
                            "unit."))


# -- 2 shift an image -------------------------------------------------------------------------------


def _shift(X, down, right_):
    images = X.reshape(-1, SIDE, SIDE)
    moved = np.full_like(images, PAPER)
    rows, columns = SIDE - abs(down), SIDE - abs(right_)
    to_row, to_column = max(down, 0), max(right_, 0)
    from_row, from_column = max(-down, 0), max(-right_, 0)
    moved[:, to_row:to_row + rows, to_column:to_column + columns] = images[:, from_row:from_row + rows,
                                                                           from_column:from_column + columns]
    return moved.reshape(X.shape)


def _moves(random):
    for down, right_ in ((1, 0), (0, -2), (-3, 2), (2, 1)):
        yield random.uniform(-1, 1, (int(random.integers(2, 6)), SIDE * SIDE)), down, right_


def shift(submitted):
    def rolled(X, down, right_):
        return np.roll(X.reshape(-1, SIDE, SIDE), (down, right_), axis=(1, 2)).reshape(X.shape)

    def grey(X, down, right_):
        from_inside = _shift(np.ones_like(X), down, right_) == 1
        return np.where(from_inside, _shift(X, down, right_), 0.0)

    def rows_only(X, down, right_):
        return _shift(X, down, 0)

    def columns_only(X, down, right_):
        return _shift(X, 0, right_)

    return judge(submitted, reference=_shift, cases=_moves,
                 size=lambda n, random: (random.uniform(-1, 1, (n, 784)), 1, 2),
                 well_done=_("What leaves the field is gone, and white paper comes in."), mistakes=[
        Mistake("comes in again", _("What leaves on one side comes in on the other: np.roll turns the image like a "
                                    "drum. White paper must come in."), rolled),
        Mistake("grey margin", _("The margin that comes in is 0, a middle grey. White paper is -1."), grey),
        Mistake("axes swapped", _("Rows and columns have changed places: down is the first."),
                lambda X, down, right_: _shift(X, right_, down)),
        Mistake("other way", _("It moves the other way: a positive number is down, or to the right."),
                lambda X, down, right_: _shift(X, -down, -right_)),
        Mistake("columns lost", _("It moves up and down alone."), rows_only),
        Mistake("rows lost", _("It moves left and right alone."), columns_only),
        Mistake("not moved", _("Nothing has moved."), lambda X, down, right_: X),
        Mistake("flat", _("The rows of 784 are rolled as they are: a pixel that leaves on the right comes in one row "
                          "lower. Make them 28 x 28 first."),
                lambda X, down, right_: np.roll(X, down * SIDE + right_, axis=1)),
        Mistake("images kept square", _("Right, but the images must become rows of 784 again."),
                lambda X, down, right_: _shift(X, down, right_).reshape(-1, SIDE, SIDE))])


# -- 3 a larger training set ------------------------------------------------------------------------

STEPS = (0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)


def _enlarge(X, y, shift):
    return np.concatenate([shift(X, *step) for step in STEPS]), np.tile(y, len(STEPS))


def _sets(random):
    for n in (4, 7):
        yield random.uniform(-1, 1, (n, SIDE * SIDE)), random.permutation(np.arange(n) % 10), _shift


def enlarge(submitted):
    def made(steps, labels=np.tile):
        def answer(X, y, shift):
            return np.concatenate([shift(X, *step) for step in steps]), labels(y, len(steps))
        return answer

    return judge(submitted, reference=_enlarge, cases=_sets, may_use_core=True,
                 well_done=_("Five times the digits, and each copy has the label of its original."), mistakes=[
        Mistake("labels apart", _("Digits and labels have different orders: all digits stand once, then all shifted "
                                  "ones, but your labels repeat each one five times in a row. np.tile repeats the "
                                  "whole."),
                made(STEPS, np.repeat)),
        Mistake("originals lost", _("The digits as they were are missing: they come first."), made(STEPS[1:])),
        Mistake("one direction", _("Only some of the four directions are there: up, down, left and right are asked."),
                made(STEPS[:2])),
        Mistake("one direction", _("Only some of the four directions are there: up, down, left and right are asked."),
                made(STEPS[:3])),
        Mistake("one direction", _("Only some of the four directions are there: up, down, left and right are asked."),
                made((STEPS[0], *STEPS[3:]))),
        Mistake("labels not repeated", _("There are five times as many digits, but the labels are as few as before."),
                lambda X, y, shift: (_enlarge(X, y, shift)[0], y)),
        Mistake("labels once too often", _("There are more labels than digits."),
                lambda X, y, shift: (_enlarge(X, y, shift)[0], np.tile(y, len(STEPS) + 1))),
        Mistake("shifted again", _("The copies are shifted one after the other, each from the one before."),
                lambda X, y, shift: (np.concatenate([
                    X, (a := shift(X, 1, 0)), (b := shift(a, -1, 0)), (c := shift(b, 0, 1)), shift(c, 0, -1)]),
                    np.tile(y, 5))),
        Mistake("two pixels", _("Those steps are two pixels long; one is asked."),
                made(tuple((2 * down, 2 * right_) for down, right_ in STEPS)))])


# -- 4 data of one's own ----------------------------------------------------------------------------


def _prepare(images, labels):
    return images.reshape(len(images), -1) / 255 * 2 - 1, np.asarray(labels).astype(int)


def _idx_data(random):
    for shape in ((12, 28, 28), (9, 16, 12), (7, 5, 5)):
        images = random.integers(0, 256, shape, np.uint8)
        images[0, 0, :2] = 0, 255
        labels = random.integers(0, 4, shape[0], np.uint8)
        labels[:2] = 0, 3
        yield images, labels


def prepare(submitted):
    def made(pixels, labels=lambda y: y.astype(int)):
        return lambda images, y: (pixels(images.reshape(len(images), -1)), labels(y))

    def scaled(pixels):
        return pixels / 255 * 2 - 1

    return judge(submitted, reference=_prepare, cases=_idx_data, close={"atol": 1e-5}, whole=True, well_done=_(
        "Images of any size become rows from -1 to 1, and labels stay whole numbers: the class will take them."),
        mistakes=[
        Mistake("uint8 overflow", _("Some pixels have run over: a byte holds 0 to 255 only. Divide first."),
                made(lambda p: (p * np.uint8(2) - np.uint8(255)) / 255)),
        Mistake("uint8 overflow", _("Some pixels have run over: a byte holds 0 to 255 only. Divide first."),
                made(lambda p: p * np.uint8(2) / 255 - 1)),
        Mistake("not scaled", _("The rows are right, but the pixels still run from 0 to 255."), made(lambda p: p)),
        Mistake("0 to 1", _("The pixels run from 0 to 1. The course's network wants -1 to 1."),
                made(lambda p: p / 255)),
        Mistake("labels scaled", _("The labels are scaled, too. They are the names of the classes: leave them whole."),
                made(scaled, lambda y: y / 255 * 2 - 1)),
        Mistake("one-hot", _("The labels are one-hot. The class does that by itself: it takes whole numbers."),
                made(scaled, lambda y: np.eye(int(y.max()) + 1)[y])),
        Mistake("not flat", _("The images are still square. The class takes a row for each."),
                lambda images, y: (scaled(images), y.astype(int))),
        Mistake("columns first", _("Each image was turned on its side before it became a row: the pixels of a row come "
                                   "one after the other."),
                lambda images, y: (scaled(images.transpose(0, 2, 1).reshape(len(images), -1)), y.astype(int)))])


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("Which of these need not be stated so that somebody else repeats a run to the last printed digit?"), {
        N_("the speed of the computer"): N_("It changes the time alone."),
        N_("the seed"): N_("It decides the first weights and the order of the digits."),
        N_("how the pixels were scaled"): N_("Other inputs make another network."),
        N_("which digits are for validation"): N_("They are taken out of the training digits.")},
        N_("the speed of the computer")),
    Question(N_("Two networks have 97.5 and 97.4 % of 10,000 test digits right. Which is better?"), {
        N_("that cannot be told from this"): N_("The interval of each is about 0.3 points up or down."),
        N_("the first, by 0.1 points"): N_("By chance alone it could be the other way round."),
        N_("the second, since it overfits less"): N_("Nothing is said of training accuracy."),
        N_("the first, since 10,000 digits are enough for any difference"): N_(
            "They tell differences of about half a point.")},
        N_("that cannot be told from this")),
    Question(N_("Why do distorted digits help?"), {
        N_("they show what may change in a digit without changing its class"): N_(
            "It learns that a moved two is a two."),
        N_("they make training faster"): N_("Each epoch takes longer."),
        N_("they correct wrong labels"): N_("A distorted digit keeps its label, right or wrong."),
        N_("the test digits are distorted, too"): N_("They are as they were written; nobody distorts them.")},
        N_("they show what may change in a digit without changing its class")),
    Question(N_("Nine trials, chosen among on validation. The best has 99.2 % there and 99.1 % on the test set. Why "
                "may the second be lower?"), {
        N_("the best of nine was also a little lucky on validation"): N_(
            "The test set has chosen nothing, so luck is not on its side."),
        N_("the test digits have no labels"): N_("They have; else nothing could be counted."),
        N_("the network was changed in between"): N_("It is the same network."),
        N_("the test set is smaller"): N_("It is twice as large as the validation set.")},
        N_("the best of nine was also a little lucky on validation")),
    Question(N_("Fashion-MNIST has 28 x 28 images of ten kinds of clothes in IDX files. What must be changed in the "
                "class?"), {
        N_("nothing"): N_("It learns from rows of numbers and whole-number labels, whatever they show."),
        N_("the number of outputs"): N_("It is counted from the labels, and is ten again."),
        N_("the sigmoid"): N_("No unit knows that it looks at clothes."),
        N_("the cost"): N_("It prices ten outputs, whatever the classes are called.")},
        N_("nothing"))])
