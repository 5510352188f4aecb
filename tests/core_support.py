"""What the tests of the network share: small data, a network's whole state, one way to compare
two of them, a BLAS library to be told its threads, and an interrupt at a line of choice.
"""

import copy
import itertools
import sys

import numpy as np

import mlp_core

WEIGHTS = ("w_h", "b_h", "w_out", "b_out")


def blobs(n, features, classes, random_state):
    """The synthetic data of tests/golden/small_runs.json: `n` points around one centre a class, every class present."""
    r = np.random.RandomState(random_state)
    centres = r.normal(size=(classes, features)) * 1.5
    y = r.randint(classes, size=n, dtype=np.int64)
    y[:classes] = np.arange(classes)
    return centres[y] + r.normal(size=(n, features)), y


def learned(nn):
    """A copy of what training has made of `nn`: weights and history; empty before the first `fit`."""
    return copy.deepcopy({name: vars(nn)[name] for name in (*WEIGHTS, "eval_") if name in vars(nn)})


def state(nn):
    """A copy of everything that `nn` holds, its random stream unrolled into comparable parts."""
    everything = copy.deepcopy(vars(nn))
    _, key, position, has_gauss, gauss = everything.pop("random").get_state()
    return everything | {"random_key": key, "random_position": (position, has_gauss, gauss)}


def same(a, b):
    """Whether two such copies agree in every name, type and bit."""
    return a.keys() == b.keys() and all(_same_value(a[name], b[name]) for name in a)


def _same_value(a, b):
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    return type(a) is type(b) and repr(a) == repr(b)  # a float's repr holds all its bits, and NaN has one


class Library:
    """Stands for a BLAS library as threadpoolctl describes it."""

    def __init__(self, num_threads):
        self.num_threads = num_threads

    def set_num_threads(self, number):
        self.num_threads = number


def interrupt_at_line(k, call):
    """Run `call` with a KeyboardInterrupt before the k-th line that it executes in mlp_core; the interrupt, or None."""
    lines = itertools.count(1)

    def trace(frame, event, arg):
        if frame.f_code.co_filename != mlp_core.__file__:
            return None
        if event == "line" and next(lines) == k:
            raise KeyboardInterrupt
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except KeyboardInterrupt as interrupt:
        return interrupt
    finally:
        sys.settrace(previous)
    return None
