"""Train a network for every combination of settings, on all cores or on a cluster.

    networks = sweep({"n_hidden": [50, 100], "l2": [0.0, 0.1], "eta": [0.002, 0.005]}, epochs=30, seed=1)

runs on the cores of this machine. The same call runs on a Dask cluster inside `with joblib.parallel_config("dask"):`;
docs/sweeps.md says when that is worth it.
"""

import functools
import itertools
import sys
from collections.abc import Iterable

import joblib

from mlp_core import Diverged, NeuralNetMLP, load_mnist

# A worker reads the digits once and keeps them: a task then carries a few numbers, not 220 MB of pixels.
_digits = functools.lru_cache(maxsize=1)(load_mnist)


def sweep(grid, *, which="sample", dtype="float32", n_jobs=-1, **fixed):
    """Networks trained on `load_mnist(which, dtype)`, one for each combination of the values in `grid`.

    `grid` is a dict of lists, `fixed` are the settings that all share, both by the names of `NeuralNetMLP`. The
    networks come in the order of `combinations(grid)`, whatever finishes first. One that diverged is as it was after
    its last sound epoch, its history is shorter than its `epochs`, and a line on stderr says so. Any other error ends
    the sweep; wrong settings raise before anything is trained.
    `n_jobs` counts processes, -1 one for each core; a backend set with `joblib.parallel_config` counts its own.
    """
    for name, values in grid.items():
        if not isinstance(values, Iterable) or isinstance(values, str):
            raise TypeError(f"{name} is {values!r}; expected a list of values to try.")
        if name in fixed:
            raise ValueError(f"{name} is both varied and fixed; expected one of the two.")
    settings = [fixed | chosen for chosen in combinations(grid)]
    for each in settings:
        NeuralNetMLP(**each)  # checks them
    trained = joblib.Parallel(n_jobs)(joblib.delayed(_train)(each, which, dtype) for each in settings)
    for nn, diverged in trained:
        if diverged:
            print(f"{nn}: {diverged}", file=sys.stderr)
    return [nn for nn, _ in trained]


def combinations(grid):
    """The settings of a grid, a dict each, the last name varying fastest.

    >>> combinations({"l2": [0.0, 0.1], "eta": [0.005]})
    [{'l2': 0.0, 'eta': 0.005}, {'l2': 0.1, 'eta': 0.005}]
    """
    return [dict(zip(grid, values)) for values in itertools.product(*grid.values())]


def _train(settings, which, dtype):
    """The network, and what `Diverged` said, if it did: too large a learning rate is a result too."""
    digits, nn = _digits(which, dtype), NeuralNetMLP(**settings)
    try:
        nn.fit(*digits[:4], progress=False)
    except Diverged as error:
        return nn, str(error)
    return nn, None
