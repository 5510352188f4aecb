"""The checks of the exercises of lesson 1."""

import struct

import numpy as np

from ..words import N_, _
from .functions import Mistake, judge
from .recall import Question, asker
from .values import demand_number
from .verdict import demand, right, wrong  # noqa: F401  `demand` is for graders

# -- 1 the size of a file ---------------------------------------------------------------------------


def file_size(submitted):
    """A prediction: how many bytes the file with the 10,000 labels of the test set has, unpacked."""
    if bad := demand_number(submitted, 0, 10**9):
        return bad
    n, header = 10_000, 8
    if submitted == n + header:
        return right(_("Two zero bytes, one for the dtype, one for the number of dimensions, four for the one size; "
                       "then a byte for each label."))
    for key, size, message in (
            ("no header", n, _("These are the labels alone. What stands before them?")),
            ("image header", n + 16, _("That would be the header of a file with three dimensions. How many do labels "
                                       "have?")),
            ("pixels", n * 784 + 16, _("That is the file of the images. A label is a single number.")),
            ("wide labels", 4 * n + header, _("Not every number in the file takes four bytes. What does the dtype 08 "
                                              "say?")),
            ("no size", n + 4, _("The magic number is there. After it comes the size of each dimension."))):
        if submitted == size:
            return wrong(key, message)
    return wrong("value", _("Add up: the magic number, the sizes, the labels."))


# -- 2 scaling --------------------------------------------------------------------------------------


def _scale(pixels):
    return pixels / 255 * 2 - 1


def _bytes(random):
    for n in (3, 7):
        pixels = random.integers(0, 256, (n, 784), np.uint8)
        pixels[0, :2] = 0, 255
        yield (pixels,)


def scale(submitted):
    return judge(submitted, reference=_scale, cases=_bytes, close={"atol": 1e-5},
                 well_done=_("White is -1, full ink is 1."),
                 size=lambda n, random: (random.integers(0, 256, (n, 784), np.uint8),),
                 mistakes=[
        Mistake("uint8 overflow", _("Some numbers have run over: a byte (uint8) holds 0 to 255 only, and begins again "
                                    "at 0 beyond. Divide first: the result of / is a float."),
                lambda p: (p * np.uint8(2) - np.uint8(255)) / 255),
        Mistake("uint8 overflow", _("Some numbers have run over: a byte (uint8) holds 0 to 255 only, and begins again "
                                    "at 0 beyond. Divide first: the result of / is a float."),
                lambda p: p * np.uint8(2) / 255 - 1),
        Mistake("not shifted", _("Your pixels run from 0 to 1. Stretch them to a width of 2, then shift them."),
                lambda p: p / 255),
        Mistake("stretched only", _("Your pixels run from 0 to 2: the shift is missing."), lambda p: p / 255 * 2),
        Mistake("256", _("Full ink is 255, not 256: it must become exactly 1."), lambda p: p / 256 * 2 - 1),
        Mistake("256", _("Full ink is 255, not 256: it must become exactly 1."), lambda p: (p - 128.0) / 128),
        Mistake("half width", _("Your pixels run from -0.5 to 0.5."), lambda p: p / 255 - 0.5),
        Mistake("inverted", _("White and ink have changed places: white paper must become -1."),
                lambda p: 1 - p / 255 * 2),
        Mistake("whole numbers", _("Your pixels are whole numbers: // drops what comes after the point. Use /."),
                lambda p: p // 255 * 2.0 - 1)])


# -- 3 a header -------------------------------------------------------------------------------------


def _header(raw):
    ndim = raw[3]
    return raw[2], struct.unpack(f">{ndim}I", raw[4:4 + 4 * ndim])


def _headers(random):
    for ndim in (3, 1, 2):
        shape = [int(size) for size in random.integers(300, 70_000, ndim)]
        dtype = int(random.choice([0x08, 0x09, 0x0B, 0x0D]))
        yield (struct.pack(f">BBBB{ndim}I", 0, 0, dtype, ndim, *shape) + random.bytes(40),)


def header(submitted):
    return judge(submitted, reference=_header, cases=_headers,
                 well_done=_("It reads headers of any dtype and with any number of dimensions."), mistakes=[
        Mistake("byte order", _("The sizes are read with the wrong byte first. IDX files are big-endian."),
                lambda raw: (raw[2], struct.unpack(f"<{raw[3]}I", raw[4:4 + 4 * raw[3]]))),
        Mistake("magic as a size", _("Your first size is the magic number. The sizes begin at byte 4."),
                lambda raw: (raw[2], struct.unpack(f">{raw[3]}I", raw[:4 * raw[3]]))),
        Mistake("last size lost", _("A size is missing at the end: there are as many sizes as byte 3 says."),
                lambda raw: (raw[2], struct.unpack(f">{raw[3] - 1}I", raw[4:4 * raw[3]]))),
        Mistake("always three", _("That reads three sizes whatever the file says. Labels have one dimension: byte 3 "
                                  "tells."), lambda raw: (raw[2], struct.unpack(">3I", raw[4:16]))),
        Mistake("one byte a size", _("A size takes four bytes, not one: one byte holds at most 255."),
                lambda raw: (raw[2], tuple(raw[4:4 + raw[3]]))),
        Mistake("dimensions as dtype", _("Your dtype is the number of dimensions. Which byte holds which?"),
                lambda raw: (raw[3], struct.unpack(f">{raw[3]}I", raw[4:4 + 4 * raw[3]])))])


# -- 4 one-hot --------------------------------------------------------------------------------------


def _onehot(y, n_classes):
    encoded = np.zeros((len(y), n_classes))
    encoded[np.arange(len(y)), y] = 1
    return encoded


def _labels(random):
    for n, n_classes in ((12, 10), (9, 7), (30, 13)):
        y = random.integers(0, n_classes - 1, n)  # the last class is missing
        y[0] = 0
        yield y, n_classes


def onehot(submitted):
    def class_0_lost(y, n_classes):
        return _onehot(y, n_classes) * (np.arange(n_classes) > 0)

    def ten(y, n_classes):
        encoded = np.zeros((len(y), max(10, n_classes)))
        encoded[np.arange(len(y)), y] = 1
        return encoded[:, :max(10, y.max() + 1)]

    return judge(submitted, reference=_onehot, cases=_labels, size=lambda n, random: (random.integers(0, 10, n), 10),
                 well_done=_("One step for all labels, and for any number of classes."), mistakes=[
        Mistake("every row", _("The ones fill whole columns. y[...] must choose one entry in each row: pair the row "
                               "numbers with the labels."),
                lambda y, n_classes: np.isin(np.arange(n_classes), y) * np.ones((len(y), 1))),
        Mistake("labels kept", _("The label itself stands where a 1 belongs."),
                lambda y, n_classes: _onehot(y, n_classes) * y[:, np.newaxis]),
        Mistake("off by one", _("Each 1 stands one place too far to the right or left: classes count from 0."),
                lambda y, n_classes: np.roll(_onehot(y, n_classes), 1, axis=1)),
        Mistake("off by one", _("Each 1 stands one place too far to the right or left: classes count from 0."),
                lambda y, n_classes: np.roll(_onehot(y, n_classes), -1, axis=1)),
        Mistake("class 0 lost", _("Rows of class 0 are all zero."), class_0_lost),
        Mistake("inverted", _("Zeros and ones have changed places."), lambda y, n_classes: 1 - _onehot(y, n_classes)),
        Mistake("ten only", _("That is right for ten classes only. The number of classes is an argument."),
                lambda y, n_classes: (np.arange(10) == y[:, np.newaxis]) * 1.0),
        Mistake("classes seen", _("The width is taken from the labels that came. A class that is missing in this "
                                  "minibatch still needs its column."), lambda y, n_classes: _onehot(y, y.max() + 1))])


# -- recall -----------------------------------------------------------------------------------------

recall = asker([
    Question(N_("The first four bytes of a file are 00 00 08 03. What do the last two say?"), {
        N_("bytes, in three dimensions"): N_(
            "08 is the code of uint8, 03 the number of dimensions: images, rows, columns."),
        N_("eight images of three pixels"): N_("How many there are stands in the four bytes after these."),
        N_("eight bits, version three"): N_("The format has no version. 03 counts something that follows."),
        N_("whole numbers of eight bytes"): N_("08 is a code, not a length: it stands for unsigned bytes.")},
        N_("bytes, in three dimensions")),
    Question(N_("Why are pixels scaled to -1 to 1 before they reach the network?"), {
        N_("sums of bytes drive nearly all sigmoid units to their flat ends"): N_(
            "There the slope is almost 0, so that such a unit hardly learns."),
        N_("NumPy cannot multiply bytes with floats"): N_("It can, and makes floats of them."),
        N_("the files become smaller"): N_("Floats take four or eight times the room."),
        N_("a neural network accepts no numbers above 1"): N_(
            "It computes with any number; it learns badly from large ones.")},
        N_("sums of bytes drive nearly all sigmoid units to their flat ends")),
    Question(N_("What is the validation set for?"), {
        N_("to choose between settings"): N_(
            "What was chosen on it looks a little too good on it, hence the third set."),
        N_("to compute the gradients"): N_("That is the training set."),
        N_("to report the final accuracy"): N_("That is the test set, which has had no part in any choice."),
        N_("to check that the files are not damaged"): N_("That is done when they are read.")},
        N_("to choose between settings")),
    Question(N_("An image of shape (28, 28) becomes a row of 784 numbers. Where is pixel (row 2, column 5)?"), {
        N_("at 2 * 28 + 5"): N_("Two whole rows stand before it, then five pixels of its own."),
        N_("at 5 * 28 + 2"): N_("That is row 5, column 2: rows are laid one after the other."),
        N_("at 2 + 5"): N_("Each row before it takes 28 places."),
        N_("at 3 * 28 + 6"): N_("Rows and columns count from 0.")},
        N_("at 2 * 28 + 5")),
    Question(N_("The same digits are shuffled, but their labels are not. What does a network learn from them?"), {
        N_("nothing: its answers are about as good as guesses"): N_(
            "Nothing warns you: shapes and ranges are all right."),
        N_("the same as before, more slowly"): N_("A digit now has the label of another. There is nothing to find."),
        N_("an error is raised, since the order differs"): N_("Arrays hold no order that could be compared."),
        N_("it learns the classes under other names"): N_("That would be so if all sevens had the same wrong label.")},
        N_("nothing: its answers are about as good as guesses"))])
