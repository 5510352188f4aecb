"""How the best network of the course was found: the same class, and every digit written anew in each epoch.

    python -m lessonkit.best_run

trains each of `TRIALS` on the full MNIST and judges it on the validation set, trains the best once more, lets it take
the test once, and writes it to data/best_run.npz with the story: about half an hour on two cores. Lesson 7 tells it.
"""

import argparse
import functools
import os
import sys
import time

import joblib
import numpy as np

from mlp_core import DATA, NeuralNetMLP, load_mnist

from .words import N_

PATH = DATA / "best_run.npz"
RECIPE = {"n_hidden": 500, "epochs": 150, "eta": 0.004, "minibatch_size": 100, "seed": 1}
SIDE = 28
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE].astype(float)
SMOOTHING = np.exp(-((ROWS - COLUMNS) / 4.0) ** 2 / 2)  # a Gaussian of 4 pixels along one axis
SMOOTHING /= SMOOTHING.sum(axis=1, keepdims=True)


def cosine(done):
    """A schedule: the learning rate falls from eta to 0 along half a wave, slowly at both ends."""
    return (1 + np.cos(np.pi * done)) / 2


def shift(X, random):
    """The minibatch `X` (n, 784), moved by -1, 0 or 1 pixel each way."""
    step = random.randint(-1, 2, size=2)
    return np.roll(X.reshape(-1, SIDE, SIDE), step, axis=(1, 2)).reshape(X.shape)


def distort(X, random, elastic=1.0):
    """The minibatch `X` (n, 784), turned, stretched, moved and bent a little: once for all n digits."""
    rows, columns = np.array([ROWS, COLUMNS]) + displacement(random, elastic)
    rows, columns = np.clip(rows, 0, SIDE - 1.001), np.clip(columns, 0, SIDE - 1.001)
    top, left = rows.astype(int), columns.astype(int)
    corner, down, right = (top * SIDE + left).ravel(), rows - top, columns - left
    distorted = np.zeros_like(X)
    for step, share in ((0, (1 - down) * (1 - right)), (1, (1 - down) * right),
                        (SIDE, down * (1 - right)), (SIDE + 1, down * right)):
        distorted += X[:, corner + step] * share.ravel().astype(X.dtype)
    return distorted


def displacement(random, elastic=1.0):
    """How far from itself each pixel of the new image looks, in rows and in columns: (2, 28, 28)."""
    turn, shear, tall, wide = random.uniform(-1, 1, size=4) * (0.15, 0.1, 0.1, 0.1)
    turned = np.array([[np.cos(turn) + tall, shear - np.sin(turn)], [np.sin(turn), np.cos(turn) + wide]])
    from_middle = np.array([ROWS, COLUMNS]) - (SIDE - 1) / 2
    affine = np.tensordot(turned - np.eye(2), from_middle, axes=1)
    waves = SMOOTHING @ random.normal(size=(2, SIDE, SIDE)) @ SMOOTHING.T
    return affine + random.uniform(-1, 1, size=(2, 1, 1)) + elastic * waves / waves.std()


# What is tried: the recipe, and the recipe with one thing changed. Text: (settings, schedule, augment).
TRIALS = {
    N_("recipe"): ({}, cosine, distort),
    N_("no distortion"): ({}, cosine, None),
    N_("shifts of a pixel alone"): ({}, cosine, shift),
    N_("not elastic"): ({}, cosine, functools.partial(distort, elastic=0.0)),
    N_("constant learning rate"): ({}, None, distort),
    N_("l2 = 0.01"): ({"l2": 0.01}, cosine, distort),
    N_("dropout 0.2"): ({"dropout": 0.2}, cosine, distort),
    N_("100 hidden units"): ({"n_hidden": 100}, cosine, distort),
    N_("1,000 units, half the epochs"): ({"n_hidden": 1000, "epochs": 75}, cosine, distort),
}


def train(name, progress=False):
    """The network of one of `TRIALS`, trained on the full MNIST in float32."""
    settings, schedule, augment = TRIALS[name]
    nn = NeuralNetMLP(**RECIPE | settings)
    return nn.fit(*load_mnist("full")[:4], progress=progress, schedule=schedule, augment=augment)


def last_valid_acc(name):
    valid_acc = train(name).eval_["valid_acc"][-1]
    print(f"{valid_acc:.2%}  {name}", flush=True)
    return valid_acc


def run_trials():
    """The last validation accuracy of each trial, two at a time."""
    return dict(zip(TRIALS, joblib.Parallel(2)(joblib.delayed(last_valid_acc)(name) for name in TRIALS)))


def keep_best(trials):
    """Train the best trial again, on all cores, let it take the test, and write it to PATH with the story."""
    best = max(trials, key=trials.get)
    start = time.perf_counter()
    nn = train(best, progress=True)
    seconds = time.perf_counter() - start
    digits = load_mnist("full")
    test_acc = float(np.mean(nn.predict(digits.X_test) == digits.y_test))  # the one look at the test set
    checksums = dict(line.split() for line in (DATA / "mnist_checksums.txt").read_text(encoding="utf-8").splitlines())
    nn.save(PATH, {"trials": trials, "best": best, "seconds": round(seconds, 1), "test_acc": test_acc,
                   "dtype": str(nn.w_h.dtype), "numpy": np.__version__, "sha256": checksums})
    print(f"\n{best}: test {test_acc:.2%} after {seconds:.0f} s, written to {PATH.name}")


def main():
    argparse.ArgumentParser(description="Find the best network of the course, on the full MNIST, and write it to "
                                        f"{PATH}: half an hour on two cores.").parse_args()
    try:
        if not os.access(PATH if PATH.exists() else PATH.parent, os.W_OK):  # said now, not in half an hour
            raise PermissionError(f"{PATH} cannot be written. Make it writable, or run this as its owner.")
        load_mnist("full")
        keep_best(run_trials())
    except (OSError, ValueError) as error:
        sys.exit(f"Error: {error}")


if __name__ == "__main__":
    main()
