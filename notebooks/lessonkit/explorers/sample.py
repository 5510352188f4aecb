"""The sample's digits for explorers: kept once in a kernel, as the bytes that they are stored as, 4 MB.

`load_mnist` would make 31 MB of floats for each explorer, beside those of the lesson itself. Here pixels become numbers
when they are asked for, by rows, and are the same numbers to the last bit.
"""

import functools

import numpy as np

from mlp_core import _load_sample, _scale


@functools.cache
def _stored():
    return _load_sample()


def pixels(part, rows=slice(None), dtype=np.float64):
    """The images of "train", "valid" or "test" in `rows`, scaled to [-1, 1]: (n, 784), or (784,) of a single row."""
    return _scale(_stored()[f"X_{part}"][rows], dtype)


def as_bytes(part):
    """The images of "train", "valid" or "test" as they are stored, 0 to 255: (n, 784), uint8."""
    return _stored()[f"X_{part}"]


def labels(part, rows=slice(None)):
    """Their labels (n,)."""
    return _stored()[f"y_{part}"].astype(np.intp)[rows]


def training_and_validation(n=None, dtype=np.float64):
    """What `fit` takes: the first `n` training digits and the validation digits, images and labels of each."""
    return pixels("train", slice(n), dtype), labels("train", slice(n)), pixels("valid", dtype=dtype), labels("valid")
