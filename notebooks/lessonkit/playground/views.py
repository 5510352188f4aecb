"""What each view of the playground shows, in numbers: from a network's weights and the digits that it is shown.

Pure NumPy, no page and no Matplotlib. A digit is meant by its place in the set, a unit by its place in the layer.
"""

from typing import NamedTuple

import numpy as np

SIDE = 28
CLASSES = 10
SATURATED = 0.01  # an activation so near to 0 or 1 is saturated, as in lessons 1 and 2
BINS = np.linspace(-1, 1, 41)  # of the spread of weights
ZERO = 128  # the byte that stands for a weight of 0


class Passed(NamedTuple):
    """Digits after they have passed through a network."""

    y: np.ndarray      # (n,), their classes
    z_h: np.ndarray    # (n, n_hidden)
    a_h: np.ndarray    # (n, n_hidden)
    z_out: np.ndarray  # (n, 10)
    a_out: np.ndarray  # (n, 10)

    @property
    def answers(self):
        """(n,), the largest output of each, from the net input, since outputs can round to the same 1."""
        return self.z_out.argmax(axis=1)

    @property
    def accuracy(self):
        return float(np.mean(self.answers == self.y))

    @property
    def finite(self):
        """Whether all is finite; it is not while weights outgrow their dtype, which ends the run at the epoch's end."""
        return all(np.isfinite(values).all() for values in self[1:])


def forward(nn, X, y):
    """`X` (n, 784) of the classes `y` (n,), `Passed` through the network `nn`."""
    with np.errstate(all="ignore"):
        return Passed(y, *nn._forward(X.astype(nn.w_h.dtype, copy=False)))


# -- the hidden layer -------------------------------------------------------------------------------


def limit(w_h):
    """The weight that is painted in full colour: twice the standard deviation of all, rounded up to a tenth."""
    return float(np.ceil(20 * np.std(w_h, dtype=float)) / 10) or 0.1


def tiles(w_h):
    """The weights of each unit as an image (n_hidden, 28, 28) of bytes: 128 is 0, 1 and 255 are the `limit`."""
    shares = np.clip(w_h.T / limit(w_h), -1, 1)
    return np.rint(ZERO + 127 * shares).astype(np.uint8).reshape(-1, SIDE, SIDE)


def spread(w_h):
    """How many weights fall between the edges BINS, those beyond them in the first and the last: (40,)."""
    n, width = len(BINS) - 1, BINS[1] - BINS[0]
    bins = np.clip((w_h.ravel() - BINS[0]) / width, 0, n - 1)  # np.histogram would sort, and take six times as long
    return np.bincount(bins.astype(np.intp), minlength=n)


class Activity(NamedTuple):
    """How much the hidden units still tell of the digits, and can learn from them."""

    saturated: np.ndarray  # (n_hidden,), the share of the digits for which each is below 0.01 or above 0.99
    dead: np.ndarray       # (n_hidden,), whether it is that at the same end for every digit: it tells them not apart


def activity(a_h):
    """The `Activity` of units whose activations for some digits are `a_h` (n, n_hidden)."""
    low, high = a_h < SATURATED, a_h > 1 - SATURATED
    return Activity((low | high).mean(axis=0), low.all(axis=0) | high.all(axis=0))


def drivers(z_h, unit, n):
    """The `n` digits with the largest net input of `unit`, the largest first, and the `n` with the smallest."""
    order = np.argsort(z_h[:, unit], kind="stable")
    return order[::-1][:n], order[:n]


# -- the outputs ------------------------------------------------------------------------------------


def confusion(y, answers):
    """How many digits of each class (row) got each answer (column): (10, 10)."""
    return np.bincount(CLASSES * y + answers, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def mistakes(passed):
    """The digits with a wrong answer, the one with the largest output first."""
    wrong = np.flatnonzero(passed.answers != passed.y)
    return wrong[np.argsort(-passed.z_out[wrong].max(axis=1), kind="stable")]


def additions(passed, w_out, digit, unit):
    """What `unit` adds to the net input of each output for `digit`: a_h times its ten weights, (10,)."""
    return passed.a_h[digit, unit] * w_out[unit]
