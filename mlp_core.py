"""A neural network to be read in class, and the handwritten digits it learns from.

What it is
    `NeuralNetMLP`, the textbook multilayer perceptron: one hidden layer, sigmoid units, the logistic
    cost, minibatch gradient descent and L2, in NumPy alone. Every step of learning is a short method
    with a name of its own. `load_mnist` and `load_idx` bring the digits.

What it is not
    A framework. There is one architecture and no automatic differentiation; the four gradients are
    written out, because they are the lesson.

Source
    The class `NeuralNetMLP` of https://wikidocs.net/37406, which follows chapter 12 of Sebastian
    Raschka's *Python Machine Learning*. In float64 it repeats the published run to every printed
    digit: cost 5065.78, accuracy 99.28 % (training), 97.98 % (validation), 97.54 % (test).

Shapes
    A row is an example: `X` is (n, features), `y` is (n,), one-hot labels are (n, classes). Weights
    are (inputs, outputs), so a layer is `a @ w + b`. On MNIST with 100 hidden units:

        X (n, 784) -- w_h (784, 100), b_h (100,) -- a_h (n, 100) -- w_out (100, 10), b_out (10,) -- a_out (n, 10)

L2, and its oddity
    The cost that is printed adds `l2 * sum(w**2)`, whose derivative is `2 * l2 * w`. The update adds
    only `l2 * w`: it is the exact derivative of *data cost of the minibatch + (l2 / 2) * sum(w**2)*,
    half the penalty that is printed. And it adds it in every minibatch, to a gradient that is summed,
    not averaged. An epoch of N examples in minibatches of n makes N / n updates, so its steps together
    go down *data cost of all N + (N / n) * (l2 / 2) * sum(w**2)*: the smaller the minibatch, the
    stronger the same `l2`. In the published run N / n is 550, and the penalty that training weighs
    against the data is 275 times the one that is printed. The published figures depend on all of this,
    so it is kept. Biases are never regularised.
"""

import contextlib
import copy
import functools
import gzip
import hashlib
import importlib
import io
import json
import math
import os
import secrets
import struct
import sys
import weakref
import zipfile
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from numbers import Integral, Real
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["MNIST", "Diverged", "Epoch", "NeuralNetMLP", "load_idx", "load_mnist"]

HYPERPARAMETERS = ("n_hidden", "l2", "epochs", "eta", "shuffle", "minibatch_size", "seed", "dropout")
WEIGHTS = ("w_h", "b_h", "w_out", "b_out")
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError)
LARGE = 1e6  # a weight; the largest feature times so much is far below the largest number of its dtype
BLOCK = 1024  # rows of one step through a data set: its activations stay in the processor's cache


# ---------------------------------------------------------------------------------------------------
# The network
# ---------------------------------------------------------------------------------------------------


class Epoch(NamedTuple):
    """What one epoch of training ended with: its number from 1, the cost, the two accuracies (0 to 1)."""

    number: int
    cost: float
    train_acc: float
    valid_acc: float


class Diverged(FloatingPointError):
    """Training that was given up because the weights outgrew their dtype."""


class NeuralNetMLP:
    """A classifier with one hidden layer, trained by minibatch gradient descent.

    Parameters
    ----------
    n_hidden : int, number of hidden units.
    l2 : float >= 0, strength of the weight penalty (see the module docstring for its convention).
    epochs : int, passes over the training set.
    eta : float >= 0, learning rate. It multiplies a gradient summed over the minibatch.
    shuffle : bool, draw a new order of the examples in every epoch.
    minibatch_size : int, examples per update; a remainder at the end of an epoch is left out.
    seed : int or None, for the first weights, the order and the dropout, all from one stream, which every
        `fit` begins anew: the same settings and digits give the same network.
    dropout : float in [0, 1), share of hidden units silenced while training (inverted dropout).

    Attributes
    ----------
    w_h (features, n_hidden), b_h (n_hidden,), w_out (n_hidden, classes), b_out (classes,)
    eval_ : dict of lists "cost", "train_acc", "valid_acc", one entry per finished epoch; nan if it was not evaluated.
    trained_with : dict, the hyperparameters that these come from. Those above are what the next `fit` will use;
        where the two differ, `repr` says so.

    The computation runs in the dtype of `X_train`: float64 as published, float32 for speed.

    >>> X, y = np.array([[0.0], [0.1], [0.9], [1.0]]), np.array([0, 0, 1, 1])
    >>> nn = NeuralNetMLP(n_hidden=4, epochs=200, eta=0.5, seed=1)
    >>> nn.fit(X, y, X, y, progress=False).predict(np.array([[0.2], [0.8]]))
    array([0, 1])
    """

    def __init__(self, n_hidden=30, l2=0.0, epochs=100, eta=0.001, shuffle=True,
                 minibatch_size=1, seed=None, *, dropout=0.0):
        self.n_hidden = n_hidden
        self.l2 = l2
        self.epochs = epochs
        self.eta = eta
        self.shuffle = shuffle
        self.minibatch_size = minibatch_size
        self.seed = seed
        self.dropout = dropout
        _check_hyperparameters(self)
        self.random = np.random.RandomState(seed)

    def __repr__(self):
        settings = _settings(self)
        before = {name: value for name, value in getattr(self, "trained_with", settings).items()
                  if value != settings[name]}
        return f"NeuralNetMLP({_listed(settings)})" + (f"  # trained with {_listed(before)}" if before else "")

    # -- forward: from pixels to a cost -------------------------------------------------------------

    def _onehot(self, y, n_classes):
        """Labels (n,) as rows (n, n_classes) with a 1 at the label and 0 elsewhere, float64."""
        onehot = np.zeros((len(y), n_classes))
        onehot[np.arange(len(y)), y] = 1.0
        return onehot

    def _sigmoid(self, z):
        """The logistic function 1 / (1 + exp(-z)), elementwise, in the dtype of `z`."""
        # 250 is the textbook's bound; exp would overflow beyond 709. In float32 that is 88, and long before, the
        # products of tiny deltas turn subnormal, which processors compute some 20 times slower. exp(-30) is
        # already a millionth of the last digit of 1.
        bound = 30 if np.asarray(z).dtype == np.float32 else 250
        return 1.0 / (1.0 + np.exp(-np.clip(z, -bound, bound)))

    def _forward(self, X, dropout=0.0):
        """Net inputs and activations of both layers: z_h, a_h (n, n_hidden), z_out, a_out (n, classes).

        With `dropout`, as in training, that share of `a_h` is set to 0 at random and the rest scaled up.
        """
        z_h = X @ self.w_h + self.b_h            # (n, 784) @ (784, 100) + (100,) -> (n, 100)
        a_h = self._sigmoid(z_h)
        if dropout:
            kept = self.random.random_sample(a_h.shape) >= dropout
            a_h = a_h * kept / (1 - dropout)     # scaled up now, so that predict need not scale down
        z_out = a_h @ self.w_out + self.b_out    # (n, 100) @ (100, 10) + (10,) -> (n, 10)
        a_out = self._sigmoid(z_out)
        return z_h, a_h, z_out, a_out

    def _compute_cost(self, y_enc, output, z_out=None):
        """The cost as the textbook prints it: logistic cost summed over examples and classes, plus L2.

        `y_enc` (n, classes) is one-hot, `output` is a_out. Given `z_out` too, the cost is exact even
        where the output has rounded to 0 or 1; without it such an output counts as the nearest number
        short of 0 or 1. Either way the result is finite.
        """
        if z_out is None:
            info = np.finfo(output.dtype)
            inside = np.clip(output, info.tiny, 1 - info.epsneg)
            z_out = np.log(inside) - np.log1p(-inside)
        return self._data_cost(y_enc, z_out) + self._l2_term()

    def _data_cost(self, y_enc, z_out):
        """-sum(y log a + (1 - y) log(1 - a)), from the net input, so that no logarithm of 0 arises."""
        # With a = sigmoid(z): -log(a) = log(1 + exp(-z)) and -log(1 - a) = log(1 + exp(z)).
        # So each term is log(1 + exp(m)), m = -z where y is 1 and z where it is 0; written to never overflow.
        m = (1 - 2 * y_enc) * z_out
        with np.errstate(under="ignore"):  # exp(-800) is 0: that is no error, whatever NumPy is set to
            terms = np.maximum(m, 0) + np.log1p(np.exp(-np.abs(m)))
        return float(np.sum(terms, dtype=np.float64))

    def _l2_term(self):
        """l2 * sum of all squared weights: the penalty that the textbook prints (see the module docstring)."""
        if not self.l2:
            return 0.0
        # Squared as float64: a float32 square overflows from weights of 2e19 on.
        return self.l2 * float(sum(np.sum(np.square(w, dtype=np.float64)) for w in (self.w_h, self.w_out)))

    # -- backward: from the cost to a better network ------------------------------------------------

    def _gradients(self, X, y_enc, scale=1.0):
        """The gradients of one minibatch for (w_h, b_h, w_out, b_out), all times `scale`.

        They are the derivatives of data cost + (l2 / 2) * sum(w**2), summed over the rows of `X`
        (n, features) with one-hot `y_enc` (n, classes). Each has the shape of its weight.
        """
        _, a_h, _, a_out = self._forward(X, self.dropout)
        # Everything below is linear in delta_out, so scaling these few numbers scales all four gradients.
        delta_out = scale * (a_out - y_enc)                           # (n, 10)
        # a (1 - a) is the sigmoid's derivative; a dropped unit has a_h = 0, a kept one a / (1 - dropout).
        slope_h = a_h * (1 - (1 - self.dropout) * a_h)                # (n, 100)
        delta_h = (delta_out @ self.w_out.T) * slope_h                # (n, 10) @ (10, 100) -> (n, 100)

        grad_w_h = X.T @ delta_h                                      # (784, n) @ (n, 100) -> (784, 100)
        grad_b_h = delta_h.sum(axis=0)                                # (100,)
        grad_w_out = a_h.T @ delta_out                                # (100, n) @ (n, 10) -> (100, 10)
        grad_b_out = delta_out.sum(axis=0)                            # (10,)
        if self.l2:
            grad_w_h += (scale * self.l2) * self.w_h
            grad_w_out += (scale * self.l2) * self.w_out
        return grad_w_h, grad_b_h, grad_w_out, grad_b_out

    def _update(self, steps):
        """Subtract from each weight its step, that is eta times its gradient."""
        for name, step in zip(WEIGHTS, steps):
            # A new array, not `weight -= step`: since the last product every core holds a copy of the old one,
            # and calling those back before each write costs several times what the subtraction does.
            setattr(self, name, getattr(self, name) - step)

    # -- training -----------------------------------------------------------------------------------

    def fit(self, X_train, y_train, X_valid, y_valid, *, progress=True, schedule=None, augment=None,
            evaluate_last=None):
        """Train on (n, features) and (n,) integer labels 0, 1, ...; return the network itself.

        `progress` rewrites one line on stderr after every epoch. `schedule(done)` gets the share of epochs
        that are finished, from 0 to just below 1, and returns the factor of eta for the next one.
        `augment(X, random)` gets each minibatch (n, features) and the network's random stream and returns
        what is learned from instead, in the same shape. `evaluate_last`, an integer, is for those who do not
        look at the curves: only the last so many epochs are evaluated, which saves a third of the work or more.
        For those before, `eval_` has nan and progress no line. The network is the same; on the full MNIST, where
        two cores then share each product, it is so up to rounding.

        Bad input raises ValueError or TypeError before anything changes. An interrupt (Ctrl-C, the stop
        button) passes through, and so do an error of the two functions and `Diverged`, the FloatingPointError
        of a run whose weights overflow; the weights and the history are then those of the last finished epoch.

        On the full MNIST two cores share the work, if neither function is given, every epoch is evaluated and the
        class is this one itself: see `_epochs_ahead`.
        """
        data, silent = _check_data(self, X_train, y_train, X_valid, y_valid), _silent_epochs(self, evaluate_last)
        # Not with the two functions: they are the user's, and may look at the network and its history.
        if schedule is None and augment is None and silent == 0 and _evaluates_ahead(self, data[0]):
            epochs = self._epochs_ahead(*data, _settings(self))
        else:
            steps = self._steps(*data, schedule, augment, _settings(self), silent)
            epochs = _drawn(steps, len(data[0]), pauses=False)
        with contextlib.closing(epochs):
            for epoch in epochs:
                if progress and sys.stderr:  # None where a program has no window for it
                    sys.stderr.write(
                        f"\r{epoch.number:0{len(str(self.epochs))}d}/{self.epochs} | Cost: {epoch.cost:.2f} "
                        f"| Train/Valid Acc.: {epoch.train_acc:.2%}/{epoch.valid_acc:.2%} ")
                    sys.stderr.flush()
        return self

    def fit_epochs(self, X_train, y_train, X_valid, y_valid, *, schedule=None, augment=None):
        """Like `fit`, one epoch at a time: an iterator of `Epoch` that trains as it is drawn from.

        The arguments are checked at once; the weights are drawn with the first epoch. Stop drawing from it,
        and training stops. A hyperparameter that changes meanwhile raises ValueError: they hold for a whole run.

        >>> X, y = np.eye(3), np.array([0, 1, 2])
        >>> nn = NeuralNetMLP(epochs=50, eta=0.5, seed=1)
        >>> [epoch.number for epoch in nn.fit_epochs(X, y, X, y) if epoch.train_acc == 1.0][-1]
        50
        """
        data = _check_data(self, X_train, y_train, X_valid, y_valid)
        return _drawn(self._steps(*data, schedule, augment, _settings(self)), len(data[0]), pauses=False)

    def fit_steps(self, X_train, y_train, X_valid, y_valid, *, schedule=None, augment=None):
        """Like `fit_epochs`, with pauses: None after every minibatch and after every BLOCK examples that are
        evaluated, then the `Epoch`. For a page that must go on answering where training has no thread of its own.

        In a pause the weights may be read and saved, and set too, in place: training goes on from there. An epoch's
        figures are those of the weights that its last minibatch left. The history grows with the `Epoch`. An epoch
        that does not come to its end, by `close()`, an error or an interrupt, leaves no trace, nor does what was set
        in it.

        >>> X, y = np.eye(3), np.array([0, 1, 2])
        >>> steps = NeuralNetMLP(epochs=1, minibatch_size=1, seed=1).fit_steps(X, y, X, y)
        >>> [step and step.number for step in steps]  # three minibatches, two sets evaluated, the epoch
        [None, None, None, None, None, 1]
        """
        data = _check_data(self, X_train, y_train, X_valid, y_valid)
        return _drawn(self._steps(*data, schedule, augment, _settings(self)), len(data[0]), pauses=True)

    def _steps(self, X_train, y_train, X_valid, y_valid, n_classes, schedule, augment, settings, silent=0):
        """Training itself: None for every pause, an `Epoch` at the end of each but the first `silent` ones."""
        y_enc, run = self._begin(X_train, y_train, n_classes, settings), self.random  # each run has its own stream
        for number in range(1, self.epochs + 1):
            _check_unchanged(self, settings, run)
            finished = self._snapshot()
            try:
                factor = 1.0 if schedule is None else _check_factor(schedule((number - 1) / self.epochs))
                for _ in self._updates(X_train, y_enc, factor * self.eta, augment):
                    yield None
                    _check_unchanged(self, settings, run)
                cost = train_acc = valid_acc = math.nan
                if number > silent or self._may_overflow():
                    trained = self._as_it_is()  # whatever is set by hand in the pauses
                    cost, train_acc = yield from trained._evaluation(X_train, y_train, y_enc)
                    _, valid_acc = yield from trained._evaluation(X_valid, y_valid)
                    _check_unchanged(self, settings, run)
                    self._check_finite(cost, number)
                epoch = self._noted(Epoch(number, cost, train_acc, valid_acc))
            except BaseException:  # an interrupt can fall anywhere: an unfinished epoch leaves no trace
                if self.random is run:  # else a later training has begun, and this one is closed long after
                    vars(self).update(finished)
                raise
            yield epoch if number > silent else None

    def _epochs_ahead(self, X_train, y_train, X_valid, y_valid, n_classes, settings):
        """The same without pauses, on two cores: while one evaluates an epoch, the other trains the next.

        For `fit` alone: when an `Epoch` comes, the weights are one epoch further. Closed, they are that epoch's.
        """
        y_enc = self._begin(X_train, y_train, n_classes, settings)
        finished = self._snapshot()

        @np.errstate(all="ignore")  # each thread has its own
        def evaluated(number, trained):
            cost, train_acc = trained._evaluate(X_train, y_train, y_enc)
            _, valid_acc = trained._evaluate(X_valid, y_valid)
            trained._check_finite(cost, number)
            return Epoch(number, cost, train_acc, valid_acc)

        with _computing(self.minibatch_size), ThreadPoolExecutor(max_workers=1) as other_core:
            try:
                self._train_epoch(X_train, y_enc, self.eta)
                for number in range(1, self.epochs + 1):
                    trained = self._as_it_is()
                    evaluation = _submitted(other_core, evaluated, number, trained)
                    _check_unchanged(self, settings)
                    if number < self.epochs:
                        self._train_epoch(X_train, y_enc, self.eta)  # the next one
                    epoch = self._noted(evaluation.result())
                    finished = trained._snapshot()
                    yield epoch
            except BaseException:
                vars(self).update(finished)
                raise

    def _begin(self, X_train, y_train, n_classes, settings):
        """Draw the first weights; return the labels as one-hot rows in the dtype of `X_train`."""
        _check_unchanged(self, settings)
        self._init_weights(X_train.shape[1], n_classes, X_train.dtype)
        return self._onehot(y_train, n_classes).astype(X_train.dtype)

    def _as_it_is(self):
        """A copy with weights of its own, to be evaluated while these are trained on."""
        trained = copy.copy(self)
        vars(trained).update({name: getattr(self, name).copy() for name in WEIGHTS})
        return trained

    def _snapshot(self):
        """A copy of what an epoch changes: the weights and the history."""
        return copy.deepcopy({name: getattr(self, name) for name in (*WEIGHTS, "eval_")})

    def _noted(self, epoch):
        """The `epoch`, entered into the history."""
        for history, value in zip(self.eval_.values(), epoch[1:]):
            history.append(value)
        return epoch

    def _may_overflow(self):
        """Whether the weights are so large that the cost need not be finite; no training that learns has such."""
        return not all(np.abs(getattr(self, name)).max() < LARGE for name in WEIGHTS)  # nor is nan below LARGE

    def _check_finite(self, cost, number):
        if not all(np.isfinite(value).all() for value in (cost, *(getattr(self, name) for name in WEIGHTS))):
            raise Diverged(
                f"training diverged: in epoch {number} the weights outgrew {self.w_h.dtype}. The network is as it was "
                f"after epoch {number - 1}. Choose a smaller eta (it is {self.eta}) or l2 (it is {self.l2}): eta * l2 "
                "must stay well below 2.")

    def _init_weights(self, n_features, n_classes, dtype=np.float64):
        """Small random weights (normal, standard deviation 0.1), biases of zero, an empty history, a new stream."""
        random = np.random.RandomState(self.seed)
        draw = random.normal  # float64 whatever the dtype: float32 starts from the same weights, rounded
        vars(self).update(  # all at once: an interrupt finds the old network or the new one, never half of each
            w_h=draw(loc=0.0, scale=0.1, size=(n_features, self.n_hidden)).astype(dtype),
            b_h=np.zeros(self.n_hidden, dtype),
            w_out=draw(loc=0.0, scale=0.1, size=(self.n_hidden, n_classes)).astype(dtype),
            b_out=np.zeros(n_classes, dtype),
            eval_={"cost": [], "train_acc": [], "valid_acc": []}, random=random, trained_with=_settings(self))

    def _train_epoch(self, X, y_enc, eta, augment=None):
        """One pass over `X` (n, features), one-hot `y_enc` (n, classes), without a pause."""
        _finish(self._updates(X, y_enc, eta, augment))

    def _updates(self, X, y_enc, eta, augment=None):
        """One pass over `X` (n, features), one-hot `y_enc` (n, classes): an update, and a pause, per minibatch."""
        for batch in self._minibatches(len(X)):
            X_batch, y_batch = X.take(batch, axis=0), y_enc.take(batch, axis=0)  # X[batch], but faster
            if augment is not None:
                X_batch = _check_augmented(augment(X_batch, self.random), X_batch.shape, X_batch.dtype)
            self._update(self._gradients(X_batch, y_batch, scale=eta))
            yield

    def _minibatches(self, n):
        """Index arrays of one epoch, each `minibatch_size` long, in a new order if `shuffle`."""
        indices = np.arange(n)
        if self.shuffle:
            self.random.shuffle(indices)
        for start in range(0, n - self.minibatch_size + 1, self.minibatch_size):
            yield indices[start:start + self.minibatch_size]

    def _evaluate(self, X, y, y_enc=None):
        """Cost (with L2; None without `y_enc`) and accuracy on a whole set."""
        return _finish(self._evaluation(X, y, y_enc))

    def _evaluation(self, X, y, y_enc=None):
        """The same in blocks, to spare memory, with a pause after each."""
        data_cost, hits = 0.0, 0
        for rows in _blocks(len(X)):
            z_out = self._forward(X[rows].astype(self.w_h.dtype, copy=False))[2]
            hits += int(np.count_nonzero(z_out.argmax(axis=1) == y[rows]))  # newer NumPy counts in np.int64
            if y_enc is not None:
                data_cost += self._data_cost(y_enc[rows], z_out)
            yield
        return (None if y_enc is None else data_cost + self._l2_term()), hits / len(X)

    # -- use ----------------------------------------------------------------------------------------

    def predict(self, X):
        """The most likely class of each row of `X` (n, features), as integers (n,)."""
        if not hasattr(self, "w_h"):
            raise ValueError("this network has no weights yet. Call fit(...) or NeuralNetMLP.load(...) before predict.")
        X = _check_X(X, "X", n_features=self.w_h.shape[0], dtype=self.w_h.dtype)
        # The sigmoid rises with z, so the largest net input is the largest output, even where outputs round to 1.
        with _computing(len(X)):
            return np.concatenate([
                self._forward(X[rows].astype(self.w_h.dtype, copy=False))[2].argmax(axis=1)
                for rows in _blocks(len(X))])

    def save(self, path, provenance=None):
        """Write hyperparameters, weights and history to `path`, an .npz file without pickle; return the path.

        `provenance`, a dict of plain values, says what the hyperparameters do not: the data, the versions.
        `load` gives it back as an attribute. The file appears under its name only when it is complete.
        OSError says what stood in the way; a file that was there before is then untouched.
        """
        if not hasattr(self, "w_h"):
            raise ValueError("this network has no weights yet, so there is nothing to save. Call fit(...) first.")
        _check_hyperparameters(self)
        _check_weights(self)  # they may have been set by hand, or just be diverging; `load` would refuse them
        path = Path(path)
        texts = {"hyperparameters": json.dumps(_settings(self)), "provenance": _check_provenance(provenance),
                 "trained_with": json.dumps(getattr(self, "trained_with", _settings(self)), default=np.generic.item)}
        arrays = {name: getattr(self, name) for name in WEIGHTS} | {f"eval_{k}": v for k, v in self.eval_.items()}
        _check_place(path)
        # In the same folder, since the last step is a rename; no two that are written at once have the same name.
        unfinished = path.with_name(f"{path.name[:50]}.{secrets.token_hex(8)}.part")
        try:
            with open(unfinished, "wb") as file:
                np.savez_compressed(file, **texts, **arrays)
            unfinished.replace(path)
        except OSError as error:
            raise _in_words(error, f"{path.absolute()} cannot be written") from error
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)
        return path

    @classmethod
    def load(cls, path):
        """The network that `save` wrote to `path`; it predicts the same bits. `provenance` is an attribute of it."""
        path, expected = Path(path).absolute(), "Expected a network written by save(path)."
        try:
            raw = _read(path, expected)
        except FileNotFoundError:
            raise FileNotFoundError(f"there is no file {path}. {expected}") from None
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as file:
                nn = cls(**json.loads(str(file["hyperparameters"])))
                vars(nn).update({name: file[name] for name in WEIGHTS})
                nn.eval_ = {name: file[f"eval_{name}"].tolist() for name in ("cost", "train_acc", "valid_acc")}
                nn.provenance = json.loads(str(file["provenance"])) if "provenance" in file else {}
                nn.trained_with = json.loads(str(file["trained_with"])) if "trained_with" in file else _settings(nn)
            _check_loaded(nn)
        except BROKEN_ZIP as error:
            raise ValueError(f"{path} is truncated or damaged ({error}). Copy it again from where it came, or save the "
                             "network anew.") from error
        except Exception as error:
            raise ValueError(f"{path} is not a network written by save(path): {error}") from error
        return nn


def _settings(nn):
    """The hyperparameters of `nn` by name."""
    return {name: getattr(nn, name) for name in HYPERPARAMETERS}


def _listed(settings):
    return ", ".join(f"{name}={value!r}" for name, value in settings.items())


def _blocks(n):
    """Slices that cut n rows into steps of BLOCK."""
    return (slice(start, start + BLOCK) for start in range(0, n, BLOCK))


def _finish(steps):
    """Draw from the generator `steps` to its end; return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def _drawn(steps, n, pauses):
    """The `steps` of a training on `n` examples, computed as `_computing` says; the Nones among them if `pauses`."""
    end = object()
    wanted = steps if pauses else filter(None, steps)  # one draw is then a whole epoch
    try:
        while True:
            with _computing(n):
                step = next(wanted, end)
            if step is end:
                return
            yield step  # out of the `with`: what the user does in between is the user's
    finally:
        steps.close()


# ---------------------------------------------------------------------------------------------------
# The digits
# ---------------------------------------------------------------------------------------------------


class MNIST(NamedTuple):
    """Images (n, 784), pixels scaled to [-1, 1], and their labels (n,), integers 0 to 9, in three sets.

    The labels are np.intp, the integers that NumPy counts and indexes with: np.bincount refuses longer ones.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_valid: np.ndarray
    y_valid: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


COURSE = Path(__file__).resolve().parent
DATA = COURSE / "mlp_course_data"  # the name under which `pip install` puts the folder beside this module
if not DATA.is_dir():
    DATA = COURSE / "data"
IDX_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
N_TRAIN = 55_000  # of the 60,000 training images of the full set; the last 5,000 validate
GZIP_MAGIC = b"\x1f\x8b"


def load_mnist(which="sample", dtype=np.float32):
    """Load handwritten digits as an `MNIST` tuple, split into training, validation and test set.

    "sample" is the 4,000 / 500 / 500 digits that ship with the course. "full" is the original
    55,000 / 5,000 / 10,000 in file order, looked for in `mnist_folder()`; `python data/download.py` puts
    it there. `dtype` is np.float32 or np.float64. A missing file raises FileNotFoundError, one that
    cannot be read another OSError, a damaged one ValueError; all say what to do.

    >>> digits = load_mnist("sample")
    >>> digits.X_train.shape, float(digits.X_train.min()), float(digits.X_train.max())
    ((4000, 784), -1.0, 1.0)
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype is {np.dtype(dtype)}; expected np.float32 or np.float64.")
    if which == "sample":
        arrays = _load_sample()
        return MNIST(*(_scale(arrays[name], dtype) if name.startswith("X") else arrays[name].astype(np.intp)
                       for name in MNIST._fields))
    if which == "full":
        X, X_test = (_scale(_load_original(f"{part}-images-idx3-ubyte.gz").reshape(-1, 784), dtype)
                     for part in ("train", "t10k"))
        y, y_test = (_load_original(f"{part}-labels-idx1-ubyte.gz").astype(np.intp) for part in ("train", "t10k"))
        return MNIST(X[:N_TRAIN], y[:N_TRAIN], X[N_TRAIN:], y[N_TRAIN:], X_test, y_test)
    raise ValueError(f'which is {which!r}; expected "sample" or "full".')


def load_idx(path):
    """Read an IDX file, gzipped or not, as an array of the shape and (native) dtype that it states.

    The format: two zero bytes, a byte for the dtype, a byte for the number of dimensions, the size of
    each dimension as a big-endian 32-bit integer, the values. A file that is anything else raises
    ValueError, one that cannot be read OSError.
    """
    raw, path = _read(path, "Expected an IDX file."), Path(path).absolute()
    return _parse_idx(_gunzip(raw, path) if raw.startswith(GZIP_MAGIC) else raw, path)


def _parse_idx(raw, path):
    if raw.startswith(GZIP_MAGIC):
        raise ValueError(f"{path} is gzipped twice. Unpack it once (gzip -d), or fetch it anew.")
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in IDX_DTYPES:
        codes = ", ".join(f"{code:02x}" for code in IDX_DTYPES)
        raise ValueError(f"{path} is not an IDX file: its magic number is {raw[:4].hex(' ') or 'missing'}; expected "
                         f"00 00, a dtype (one of {codes}), a number of dimensions.")
    dtype, ndim = np.dtype(IDX_DTYPES[raw[2]]), raw[3]
    start = 4 + 4 * ndim
    if len(raw) < start:
        raise ValueError(f"{path} is truncated: it ends within the sizes of its {ndim} dimensions. Fetch it anew.")
    shape = struct.unpack(f">{ndim}I", raw[4:start])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(raw) != expected:
        problem = "is truncated" if len(raw) < expected else "goes on after its last value"
        raise ValueError(f"{path} {problem}: shape {shape} of {dtype.name} takes {expected:,} bytes with the header, "
                         f"the file has {len(raw):,}. Fetch it anew.")
    return np.frombuffer(raw, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def _gunzip(raw, path):
    try:
        return gzip.decompress(raw)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path} is truncated or damaged ({error}). Fetch it anew.") from error


def mnist_folder():
    """Where the original files are looked for and downloaded to: the folder MNIST_DIR names, else data/mnist/.

    `~` in it is the home folder. A relative one is meant from the folder of the course, the one of this module: it
    then is the same for a notebook, a test and a command, which run in different folders.
    """
    named = os.environ.get("MNIST_DIR")
    folder = os.path.expanduser(named) if named else DATA / "mnist"
    if str(folder).startswith("~"):
        raise ValueError(f"MNIST_DIR is {named!r}, but there is no such user here. Give the whole path of the folder.")
    return Path(os.path.abspath(COURSE / folder))


def _load_sample():
    path, remedy = DATA / "mnist_sample.npz", "Restore it: `git checkout data/mnist_sample.npz`, or install anew."
    raw = _read(path, remedy)
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as file:
            return {name: file[name] for name in MNIST._fields}
    except (ValueError, KeyError, *BROKEN_ZIP) as error:
        raise ValueError(f"{path} is damaged ({error}). {remedy}") from error


def _load_original(name):
    """One of the four original files, checked byte for byte: a wrong one would show only as odd results."""
    command = "python data/download.py" if DATA.name == "data" else f"python -m {DATA.name}.download"  # installed
    path, remedy = mnist_folder() / name, f"Run `{command}` to fetch the original files."
    try:
        raw = _read(path, remedy)
    except FileNotFoundError as error:
        stem = name.removesuffix(".gz")
        for lookalike in (stem, stem.replace("-idx", ".idx"), name.replace("-idx", ".idx")):
            if path.with_name(lookalike).exists():
                raise FileNotFoundError(f"{path} is missing, but {lookalike} is there, unzipped or renamed. Expected "
                                        f"the gzipped original under its own name. {remedy}") from None
        raise FileNotFoundError(f"{error} They go to the folder that MNIST_DIR names, else to {DATA / 'mnist'}. "
                                'load_mnist("sample") needs no download.') from None
    checksums = _read(DATA / "mnist_checksums.txt", "Restore it with git.").decode()
    expected = dict(line.split() for line in checksums.splitlines())[name]
    if hashlib.sha256(raw).hexdigest() != expected:
        raise ValueError(f"{_diagnose(raw, path)} It is not the original file (its SHA-256 differs). {remedy}")
    return _parse_idx(gzip.decompress(raw), path)


def _diagnose(raw, path):
    """What is wrong with a file that is not the original, as a sentence."""
    if not raw.startswith(GZIP_MAGIC) and raw[:2] == b"\0\0":
        return f"{path} is unzipped in spite of its name."
    try:
        _parse_idx(_gunzip(raw, path) if raw.startswith(GZIP_MAGIC) else raw, path)
    except ValueError as error:
        return str(error)
    return f"{path} is a readable IDX file, packed or filled otherwise."


def _scale(pixels, dtype):
    """Bytes 0..255 (n, 784) as `dtype` in [-1, 1]: the document's float64 value, rounded once."""
    scaled = ((np.arange(256) / 255.0 - 0.5) * 2.0).astype(dtype)
    X = np.empty(pixels.shape, dtype)
    for rows in _blocks(len(pixels)):  # whole at once, take would widen every byte to an 8-byte index
        np.take(scaled, pixels[rows], out=X[rows], mode="clip")
    return X


# ---------------------------------------------------------------------------------------------------
# Files: what stood in the way, in words
# ---------------------------------------------------------------------------------------------------


def _read(path, remedy):
    """The bytes of the file at `path`; OSError says which file, what is wrong with it, and the `remedy`."""
    path = Path(path).absolute()
    try:
        return path.read_bytes()
    except OSError as error:
        raise _in_words(error, f"{path} is a folder, not a file" if path.is_dir() else
                        f"{path} is missing" if isinstance(error, FileNotFoundError) else
                        f"{path} cannot be read", remedy) from error


def _check_place(path):
    """Raise if no file can be made at `path`, where that shows beforehand."""
    path = path.absolute()
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder. Give the name of a file in it, such as {path / 'network.npz'}.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}, so {path.name} cannot be written into it. Make the "
                                "folder first, or choose one that is there.")


def _in_words(error, problem, remedy=""):
    """An OSError of the kind of `error` whose message is a sentence."""
    # The system's own word for it, unless the sentence has said that already.
    reason = "" if isinstance(error, (FileNotFoundError, IsADirectoryError)) else f" ({error.strerror or error})"
    new = type(error)(f"{problem}{reason}. {remedy}".rstrip())
    new.errno = error.errno
    return new


# ---------------------------------------------------------------------------------------------------
# What surrounds a computation: NumPy's error state and its threads, both as before afterwards
# ---------------------------------------------------------------------------------------------------

# From so many examples on, an epoch may use all cores: those of the full MNIST, but not of the sample, copies and all.
MANY = 50_000
# Up to so many multiplications in the hidden layer's product of a minibatch, a second thread of BLAS gains nothing:
# what it saves, it loses in waiting and in fetching the other core's numbers. The published run has 7,840,000.
FEW_PRODUCTS = 10_000_000
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
                    "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@contextlib.contextmanager
def _computing(n):
    """Within it NumPy computes on `n` examples, with no more threads than these are worth and without warnings.

    Whatever a user has told NumPy to do about an overflow: `_check_finite` says it, once and in words.
    """
    with np.errstate(all="ignore"), _blas().threads_for(n):
        yield


class _Blas:
    """The threads of NumPy's matrix products, of which BLAS, the library behind them, starts one a core.

    On a few thousand examples that gains nothing, and of several such processes at once each is slowed down tenfold.
    A variable of THREAD_VARIABLES, set by the user, is left to decide; so is everything where threadpoolctl is not
    installed or finds no library to set.
    """

    def __init__(self):
        self.libraries = [] if any(map(os.environ.get, THREAD_VARIABLES)) else _blas_libraries()
        self.at_first = self.now()
        self.limited = False
        self.before = None  # the numbers to put back, while computations are under way
        self.calls = weakref.WeakSet()  # these, in threads of their own

    def now(self):
        return [library.num_threads for library in self.libraries]

    def set(self, numbers):
        for library, number in zip(self.libraries, numbers):
            # From version 3.8 on, threadpoolctl obeys the first thread of Python that sets a number, until that lets
            # go, and ignores the others without a word. Here each of them may be the one.
            let_go = getattr(library, "clear_controlling_thread", lambda force: None)
            let_go(force=True)
            library.set_num_threads(number)
            let_go(force=True)

    def limit(self):
        """One thread from now on, but for computations on MANY examples."""
        self.limited = True
        self.set([1] * len(self.libraries))

    def numbers(self, n):
        """How many threads a computation on `n` examples may use in each library."""
        ones, before = [1] * len(self.libraries), self.before or self.now()
        return ones if n < MANY else self.at_first if self.limited and before == ones else before

    @contextlib.contextmanager
    def threads_for(self, n):
        """One thread within it; for MANY examples as many as there were, `limit` or not."""
        # No lock: an interrupt that falls on the line of a `with` can leave it locked for ever.
        call, before = _Call(), None
        try:
            # If an interrupt kept the last one from putting back, this one does.
            before = self.before = self.before or self.now()
            self.calls.add(call)
            self.set(self.numbers(n))
            yield
        finally:
            self.calls.discard(call)
            if not self.calls:  # the last one puts back what the first one found
                self.set(before or [])
                self.before = None


def _submitted(other_core, function, *arguments):
    """The Future of a call on the other core, or of one made here, if it takes no more: the program is about to end."""
    try:
        return other_core.submit(function, *arguments)
    except RuntimeError:
        done = Future()
        done.set_result(function(*arguments))
        return done


class _Call:
    """A computation under way."""


def _evaluates_ahead(nn, X_train):
    """Whether a second core serves a training of `nn` better by evaluating epochs than by half of each product."""
    # Whoever replaces a method, in a subclass or on `nn` alone, may look at the network and its history in it.
    as_written = type(nn) is NeuralNetMLP and not any(map(callable, vars(nn).values()))
    return (as_written and nn.minibatch_size * X_train.shape[1] * nn.n_hidden <= FEW_PRODUCTS
            and max(_blas().numbers(len(X_train)), default=1) > 1)


@functools.cache  # to look for the libraries takes some milliseconds
def _blas():
    return _Blas()


def _blas_libraries():
    try:
        threadpoolctl = importlib.import_module("threadpoolctl")  # nice to have: NumPy is all that is needed
        libraries = threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers
        return [library for library in libraries if library.num_threads]
    except Exception:  # not there, of another age, or puzzled by a library: then nothing is set
        return []


# ---------------------------------------------------------------------------------------------------
# Checks: every message says what came, what was expected, and where it helps what to do
# ---------------------------------------------------------------------------------------------------


def _check_hyperparameters(nn):
    """Raise if a hyperparameter of `nn` is out of its domain; make NumPy numbers plain ones."""
    def check(name, kind, valid, expected):
        value = getattr(nn, name)
        if not isinstance(value, kind) or (isinstance(value, (bool, np.bool_)) and bool not in kind):
            raise TypeError(f"{name} is {value!r}, a {type(value).__name__}; expected {expected}.")
        # A NumPy float64 would silently turn float32 arithmetic into float64.
        plain = _plain(kind[-1], value)
        # Both: a fraction just below 1 is 1 as a float, and a dropout of 1 divides by 0.
        if not (valid(value) and valid(plain)):
            raise ValueError(f"{name} is {value!r}; expected {expected}.")
        return plain

    plain = {}
    for name in ("n_hidden", "epochs", "minibatch_size"):
        plain[name] = check(name, (Integral, int), lambda v: v > 0, "an integer of at least 1")
    for name in ("l2", "eta"):
        plain[name] = check(name, (Real, float), lambda v: 0 <= v < math.inf, "a finite number of at least 0")
    plain["dropout"] = check("dropout", (Real, float), lambda v: 0 <= v < 1, "a number of at least 0 and below 1")
    plain["shuffle"] = check("shuffle", (np.bool_, bool), lambda v: True, "True or False")
    if nn.seed is not None:
        plain["seed"] = check("seed", (Integral, int), lambda v: 0 <= v < 2**32,
                              "None or an integer from 0 to 2**32 - 1")
    vars(nn).update(plain)


def _plain(kind, value):
    """`value` as a plain number of that kind; inf for what is beyond the largest float, as a long double may be."""
    try:
        return kind(value)
    except OverflowError:  # an integer or a fraction
        return math.inf


def _check_data(nn, X_train, y_train, X_valid, y_valid):
    """The arguments of a training of `nn` as arrays, and the number of classes; raise if it cannot begin with them."""
    _check_hyperparameters(nn)
    X_train = _check_X(X_train, "X_train")
    y_train = _check_y(y_train, "y_train", X_train)
    n_classes = _count_classes(y_train)
    X_valid = _check_X(X_valid, "X_valid", n_features=X_train.shape[1], dtype=X_train.dtype)
    y_valid = _check_y(y_valid, "y_valid", X_valid, n_classes)
    if nn.minibatch_size > len(X_train):
        raise ValueError(f"minibatch_size is {nn.minibatch_size}, but X_train has {len(X_train)} examples: "
                         "no minibatch could be filled. Choose a smaller minibatch_size.")
    return X_train, y_train, X_valid, y_valid, n_classes


def _check_unchanged(nn, settings, run=None):
    """Raise if a hyperparameter of `nn` has changed since training began with `settings`, or another run has begun."""
    if run is not None and nn.random is not run:
        raise ValueError("another training of this network has begun since, so this one cannot go on; expected one at "
                         "a time. Train copies of the network, made by copy.deepcopy, side by side.")
    changed = [name for name, value in settings.items() if getattr(nn, name) != value]
    if changed:
        raise ValueError(f"{changed[0]} was {settings[changed[0]]!r} when this training began and is now "
                         f"{getattr(nn, changed[0])!r}; expected no change until it ends. Call fit again for new "
                         "settings; for a learning rate that changes on the way there is `schedule`.")


def _as_array(value, name):
    if np.ma.is_masked(value):  # np.asarray takes what is under the mask for data
        raise ValueError(f"{name} has masked values; expected a number everywhere. Fill them with {name}.filled(...), "
                         "or leave these examples out.")
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array: {error} Expected rows of equal length.") from None


def _check_X(X, name, n_features=None, dtype=None):
    """`X` as a 2-D float array of finite numbers: float32 and float64 as they are, integers as float64.

    `dtype` is what they are computed in, where that is not their own: the network's.
    """
    X = _as_array(X, name)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"{name} holds {X.dtype}; expected real numbers.")
    if X.ndim != 2:
        hint = f" For a single example pass {name}.reshape(1, -1)." if X.ndim == 1 else ""
        raise ValueError(f"{name} has shape {X.shape}; expected 2-D, (examples, features).{hint}")
    if X.size == 0:
        raise ValueError(f"{name} is empty, its shape is {X.shape}; expected at least one example and one feature.")
    if n_features is not None and X.shape[1] != n_features:
        raise ValueError(f"{name} has {X.shape[1]} features; expected {n_features}, as in X_train.")
    own = X.dtype if X.dtype in (np.float32, np.float64) else np.float32 if X.dtype == np.float16 else np.float64
    dtype = np.dtype(dtype or own)
    # Beyond the root of the largest number products overflow, and what is learned and predicted is chance.
    most = np.sqrt(np.float64(np.finfo(dtype).max))
    # min and max let NaN through and, unlike np.isfinite(X), allocate nothing.
    if not (-most <= float(X.min()) and float(X.max()) <= most):
        row, column = np.argwhere(~(np.abs(X) <= most))[0]
        hint = (f" from -{most:.1e} to {most:.1e}, which {dtype} can multiply. Scale them, to [-1, 1] for example"
                if np.isfinite(X[row, column]) else "")
        raise ValueError(f"{name} holds {X[row, column]!s} at row {row}, column {column}; expected finite numbers"
                         f"{hint}.")
    return X.astype(own, copy=False)


def _check_y(y, name, X, n_classes=None):
    """`y` as a 1-D array of integer labels, one for each row of `X`, below `n_classes` if that is known."""
    y = _as_array(y, name)
    if y.shape != X.shape[:1]:
        raise ValueError(f"{name} has shape {y.shape}; expected ({len(X)},), one label for each row of "
                         f"{name.replace('y', 'X')}.")
    if y.dtype.kind not in "iu":
        raise TypeError(f"{name} holds {y.dtype}; expected integers. If they are whole numbers, pass "
                        f"{name}.astype(int).")
    if y.min() < 0:
        raise ValueError(f"{name} holds the label {y.min()}; expected 0, 1, 2, ...")
    if n_classes is not None and y.max() >= n_classes:
        raise ValueError(f"{name} holds the label {y.max()}; expected 0 to {n_classes - 1}, the classes of y_train.")
    return y


def _check_loaded(nn):
    """Raise if the weights or the history of `nn`, out of a file, do not belong together."""
    _check_weights(nn)
    if len(set(map(len, nn.eval_.values()))) > 1 or not isinstance(nn.trained_with, dict):
        raise ValueError("its history or its settings are incomplete")


def _check_weights(nn):
    """Raise if the weights of `nn` do not belong together, or are not finite."""
    features, n_hidden, n_classes = len(nn.w_h), len(nn.b_h), len(nn.b_out)
    shapes = {"w_h": (features, n_hidden), "b_h": (n_hidden,), "w_out": (n_hidden, n_classes), "b_out": (n_classes,)}
    for name, shape in shapes.items():
        weights = np.asarray(getattr(nn, name))
        if weights.shape != shape or weights.dtype.kind != "f":
            raise ValueError(f"{name} is {weights.dtype} of shape {weights.shape}; expected floats of shape {shape}.")
        if not np.isfinite(weights).all():
            raise ValueError(f"{name} holds {weights[~np.isfinite(weights)][0]}; expected finite numbers.")


def _check_provenance(provenance):
    """`provenance` as JSON."""
    try:
        if provenance is None or isinstance(provenance, dict):
            text = json.dumps(provenance or {})
            for key in _keys(provenance):
                if not isinstance(key, str):  # JSON would make a text of it, two of them perhaps the same one
                    raise TypeError(f"the key {key!r} is a {type(key).__name__}, not a text")
            return text
        problem = f"is a {type(provenance).__name__}"
    except (TypeError, ValueError, RecursionError) as error:
        problem = f"cannot be written as JSON ({error})"
    raise TypeError(f"provenance {problem}; expected a dict of texts, plain numbers, lists and dicts, or None. Its "
                    "keys are texts.")


def _keys(value):
    """The keys of all dicts in `value`, however deep in lists and dicts."""
    if isinstance(value, dict):
        yield from value
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    for part in value:
        yield from _keys(part)


def _silent_epochs(nn, evaluate_last):
    """How many epochs of a `fit` are not evaluated."""
    if evaluate_last is None:
        return 0
    expected = "a positive integer, the number of epochs at the end that are evaluated, or None for all of them"
    if isinstance(evaluate_last, (bool, np.bool_)) or not isinstance(evaluate_last, Integral):
        raise TypeError(f"evaluate_last is {evaluate_last!r}, a {type(evaluate_last).__name__}; expected {expected}.")
    if evaluate_last < 1:
        raise ValueError(f"evaluate_last is {evaluate_last!r}; expected {expected}.")
    return max(nn.epochs - int(evaluate_last), 0)


def _check_factor(factor):
    """What a `schedule` returned, as a plain number."""
    number = isinstance(factor, Real) and not isinstance(factor, (bool, np.bool_))
    if not number or not 0 <= (plain := _plain(float, factor)) < math.inf:
        raise ValueError(f"schedule returned {factor!r}; expected the factor of eta, a finite number of at least 0.")
    return plain


def _check_augmented(X, shape, dtype):
    """What an `augment` returned for a minibatch of that shape, in the dtype of the training set."""
    if getattr(X, "shape", None) != shape or X.dtype.kind != "f":
        came = f"{X.dtype} of shape {X.shape}" if isinstance(X, np.ndarray) else f"a {type(X).__name__}"
        raise ValueError(f"augment returned {came}; expected an array of {dtype} of shape {shape}, as it was given.")
    try:
        with np.errstate(over="raise"):
            return X.astype(dtype, copy=False)
    except FloatingPointError:
        raise ValueError(f"augment returned {X.dtype} numbers that {dtype} cannot hold; expected {dtype}, as it was "
                         "given.") from None


def _count_classes(y_train):
    classes = np.unique(y_train)
    if len(classes) == 1:
        raise ValueError(f"y_train holds a single class, {classes[0]}; expected at least two.")
    missing = np.setdiff1d(np.arange(min(classes[-1], len(y_train))), classes)
    if missing.size:
        raise ValueError(f"y_train has no example of class {missing[0]}, though its labels go up to {classes[-1]}; "
                         "expected every class from 0. Number the classes anew: np.unique(y, return_inverse=True).")
    return len(classes)
