"""Bad input is refused by name, with what came and what was expected, before anything changes."""

from fractions import Fraction

import numpy as np
import pytest

from core_support import blobs, same, state
from mlp_core import NeuralNetMLP

X, Y = blobs(20, 4, 3, random_state=0)
X_VALID, Y_VALID = blobs(8, 4, 3, random_state=1)
GOOD = {"X_train": X, "y_train": Y, "X_valid": X_VALID, "y_valid": Y_VALID}


def fitted():
    nn = NeuralNetMLP(n_hidden=3, epochs=2, eta=0.05, minibatch_size=5, seed=1)
    return nn.fit(**GOOD, progress=False)


def replaced(array, value, at=0):
    array = array.copy()
    array[at] = value
    return array


class Refused:
    """The block must raise exactly `error`, and `nn` must not change.

    The message must begin with the first of `words`, what is wrong, and hold all the others.
    """

    def __init__(self, nn, error, words):
        self.nn, self.error, self.words, self.before = nn, error, words, state(nn)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        assert kind is self.error, f"expected {self.error.__name__}, got {kind and kind.__name__}: {error}"
        assert str(error).startswith(self.words[0])
        assert [word for word in self.words if word not in str(error)] == [], str(error)
        assert same(state(self.nn), self.before)
        return True


# ---- features: the same for X_train, X_valid and predict's X; each case a value, the error, words of its message ----

NOT_FEATURES = {
    "1-D": (X[0], ValueError, ["shape (4,)", "expected 2-D", "reshape(1, -1)"]),
    "3-D": (X[np.newaxis], ValueError, ["shape (1, 20, 4)", "expected 2-D"]),
    "a number": (3.0, ValueError, ["shape ()", "expected 2-D"]),
    "no examples": (X[:0], ValueError, ["empty", "(0, 4)", "expected at least one"]),
    "no features": (X[:, :0], ValueError, ["empty", "(20, 0)", "expected at least one"]),
    "NaN": (replaced(X, np.nan, (7, 2)), ValueError, ["nan", "row 7, column 2", "expected finite"]),
    "infinite": (replaced(X, np.inf, (3, 1)), ValueError, ["inf", "row 3, column 1", "expected finite"]),
    "minus infinite": (replaced(X, -np.inf, (0, 0)), ValueError, ["-inf", "row 0, column 0", "expected finite"]),
    "float32 NaN": (replaced(X, np.nan, (7, 2)).astype(np.float32), ValueError, ["nan", "row 7", "expected finite"]),
    "strings": (X.astype(str), TypeError, ["<U", "expected real numbers"]),
    "complex": (X.astype(complex), TypeError, ["complex128", "expected real numbers"]),
    "objects": (X.astype(object), TypeError, ["object", "expected real numbers"]),
    "dates": (np.zeros((20, 4), "datetime64[D]"), TypeError, ["datetime64", "expected real numbers"]),
    "None": (None, TypeError, ["object", "expected real numbers"]),
    "masked": (np.ma.masked_greater(X, X.max() - 1e-9), ValueError, ["masked values", "expected a number", "filled("]),
    "rows of unequal length": ([[1.0, 2.0], [3.0]], ValueError, ["is no array", "rows of equal length"]),
}


@pytest.mark.parametrize("value, error, words", NOT_FEATURES.values(), ids=NOT_FEATURES)
@pytest.mark.parametrize("name", ["X_train", "X_valid"])
def test_fit_refuses_features(name, value, error, words):
    nn = fitted()
    with Refused(nn, error, [f"{name} ", *words]):
        nn.fit(**GOOD | {name: value})


@pytest.mark.parametrize("value, error, words", NOT_FEATURES.values(), ids=NOT_FEATURES)
def test_predict_refuses_features(value, error, words):
    nn = fitted()
    with Refused(nn, error, ["X ", *words]):
        nn.predict(value)


SMALL = {name: array.astype(np.float32) if name.startswith("X") else array for name, array in GOOD.items()}
LONG = np.longdouble(np.finfo(np.float64).max) * 2  # inf where a long double is no longer than a double
TOO_LARGE = ["at row 7, column 2", "expected finite numbers from -", "which float", "can multiply. Scale them"]


@pytest.mark.parametrize("value", [1e300, -1e39, 1e30, np.float32(-3e38), LONG], ids=str)
def test_numbers_that_overflow_in_float32_are_refused(value):
    nn = NeuralNetMLP(n_hidden=3, epochs=2, seed=1).fit(**SMALL, progress=False)
    large = replaced(X.astype(type(value)), value, (7, 2))
    words = [f"holds {value!s} at", *(TOO_LARGE if np.isfinite(value) else [])]
    with Refused(nn, ValueError, ["X ", *words]):
        nn.predict(large)
    for start in (nn.fit, nn.fit_epochs, nn.fit_steps):
        with Refused(nn, ValueError, ["X_valid ", *words]):
            start(**SMALL | {"X_valid": large, "y_valid": Y})


@pytest.mark.parametrize("value", [np.float32(2e19), -1e200, LONG], ids=str)
def test_numbers_that_overflow_in_their_own_dtype_are_refused(value):
    nn, large = fitted(), replaced(X.astype(type(value)), value, (7, 2))
    words = [f"holds {value!s} at", *(TOO_LARGE if np.isfinite(value) else [])]
    with Refused(nn, ValueError, ["X_train ", *words]):
        nn.fit(**GOOD | {"X_train": large})
    if not isinstance(value, np.float32):  # float64 can multiply it
        with Refused(nn, ValueError, ["X ", *words]):
            nn.predict(large)


@pytest.mark.parametrize("dtype, value", [(np.float32, 1.8e19), (np.float64, 1.3e154)])
def test_the_largest_numbers_that_are_accepted_do_not_overflow(dtype, value):
    nn = NeuralNetMLP(n_hidden=3, epochs=2, seed=1).fit(**GOOD | {"X_train": X.astype(dtype)}, progress=False)
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(nn._forward(np.full((1, 4), value, dtype))[2]).all()
    nn.predict(np.full((1, 4), -value))


@pytest.mark.parametrize("features", [3, 5])
def test_the_number_of_features_must_be_that_of_training(features):
    nn, other = fitted(), np.ones((8, features))
    with Refused(nn, ValueError, ["X has", f"{features} features", "expected 4"]):
        nn.predict(other)
    with Refused(nn, ValueError, ["X_valid has", f"{features} features", "expected 4"]):
        nn.fit(**GOOD | {"X_valid": other})


# ---- labels ---------------------------------------------------------------------------------------

NOT_LABELS = {
    "too few": (lambda y: y[:-1], ValueError, ["shape", "expected", "one label for each row"]),
    "too many": (lambda y: np.append(y, 0), ValueError, ["shape", "expected", "one label for each row"]),
    "none": (lambda y: y[:0], ValueError, ["shape (0,)", "expected", "one label for each row"]),
    "a column": (lambda y: y[:, np.newaxis], ValueError, ["shape", ", 1)", "expected", "one label for each row"]),
    "one-hot": (lambda y: np.eye(3, dtype=int)[y], ValueError, ["shape", ", 3)", "expected"]),
    "a number": (lambda y: 1, ValueError, ["shape ()", "expected"]),
    "None": (lambda y: None, ValueError, ["shape ()", "expected"]),
    "of unequal length": (lambda y: [[0], [1, 2]], ValueError, ["is no array", "rows of equal length"]),
    "floats": (lambda y: y.astype(float), TypeError, ["float64", "expected integers", "astype(int)"]),
    "NaN": (lambda y: replaced(y.astype(float), np.nan), TypeError, ["float64", "expected integers"]),
    "strings": (lambda y: y.astype(str), TypeError, ["<U", "expected integers"]),
    "booleans": (lambda y: y > 0, TypeError, ["bool", "expected integers"]),
    "objects": (lambda y: y.astype(object), TypeError, ["object", "expected integers"]),
    "masked": (lambda y: np.ma.masked_equal(y, 2), ValueError, ["masked values", "expected a number", "filled("]),
    "negative": (lambda y: replaced(y, -1, 4), ValueError, ["label -1", "expected 0, 1, 2"]),
}


@pytest.mark.parametrize("make, error, words", NOT_LABELS.values(), ids=NOT_LABELS)
@pytest.mark.parametrize("name", ["y_train", "y_valid"])
def test_fit_refuses_labels(name, make, error, words):
    nn = fitted()
    with Refused(nn, error, [f"{name} ", *words]):
        nn.fit(**GOOD | {name: make(GOOD[name])})


NOT_CLASSES = {
    "0 is missing": (np.arange(20) % 3 + 1, ["no example of class 0", "up to 3", "expected every class"]),
    "one between is missing": (np.arange(20) % 3 * 2, ["no example of class 1", "up to 4", "expected every class"]),
    "a stray label": (replaced(Y, 10**12), ["no example of class 3", "up to 1000000000000", "expected every class"]),
    "a stray uint64": (replaced(Y.astype(np.uint64), 2**63), ["no example of class 3", "expected every class"]),
    "a single class": (np.zeros(20, int), ["single class, 0", "expected at least two"]),
}


@pytest.mark.parametrize("y_train, words", NOT_CLASSES.values(), ids=NOT_CLASSES)
def test_fit_refuses_training_labels_without_every_class(y_train, words):
    nn = fitted()
    with Refused(nn, ValueError, ["y_train ", *words]):
        nn.fit(**GOOD | {"y_train": y_train})


def test_fit_refuses_a_validation_label_that_training_does_not_have():
    nn = fitted()
    with Refused(nn, ValueError, ["y_valid", "label 3", "expected 0 to 2", "y_train"]):
        nn.fit(**GOOD | {"y_valid": replaced(Y_VALID, 3)})


def test_validation_labels_need_not_have_every_class():
    assert len(fitted().fit(**GOOD | {"y_valid": np.zeros(8, int)}, progress=False).eval_["cost"]) == 2


# ---- hyperparameters ------------------------------------------------------------------------------


def cases(names, kind, values, expected):
    return [(name, value, kind, expected) for name in names for value in values]


COUNTS, RATES = ("n_hidden", "epochs", "minibatch_size"), ("l2", "eta")
BAD_HYPERPARAMETERS = [
    *cases(COUNTS, ValueError, [0, -1, np.int64(-3)], "expected an integer of at least 1"),
    *cases(COUNTS, TypeError, [2.0, 2.5, "5", None, True, np.True_, [3], np.array([3])], "expected an integer"),
    *cases(RATES, ValueError, [-0.1, -1, float("nan"), float("inf"), np.float32("nan"), 10**400, LONG],
           "expected a finite number"),
    *cases(RATES, TypeError, ["0.1", None, True, 1j, [0.1], np.array(0.1)], "expected a finite number of at least 0"),
    *cases(["dropout"], ValueError, [1, 1.0, 1.5, -0.1, float("nan"), float("inf"), 10**400,
                                     1 - Fraction(1, 10**20)], "expected a number of at least 0"),  # 1.0 as a float
    *cases(["dropout"], TypeError, ["0.5", None, False, [0.5]], "expected a number of at least 0 and below 1"),
    *cases(["shuffle"], TypeError, [1, 0, None, "yes"], "expected True or False"),
    *cases(["seed"], ValueError, [-1, 2**32], "expected None or an integer from 0 to 2**32 - 1"),
    *cases(["seed"], TypeError, [1.5, "1", True, [1, 2]], "expected None or an integer"),
]


@pytest.mark.parametrize("name, value, error, expected", BAD_HYPERPARAMETERS,
                         ids=[f"{name}={value!r:.50}" for name, value, *_ in BAD_HYPERPARAMETERS])
def test_hyperparameters_are_checked_when_made_and_before_training(name, value, error, expected):
    nn = fitted()
    with Refused(nn, error, [f"{name} is {value!r}", expected]):
        NeuralNetMLP(**{name: value})
    setattr(nn, name, value)
    with Refused(nn, error, [f"{name} is {value!r}", expected]):
        nn.fit(**GOOD)


def test_a_minibatch_must_fit_into_the_training_set():
    nn = fitted()
    nn.minibatch_size = 21
    with Refused(nn, ValueError, ["minibatch_size is 21", "20 examples", "smaller minibatch_size"]):
        nn.fit(**GOOD)
    nn.minibatch_size = 20
    assert len(nn.fit(**GOOD, progress=False).eval_["cost"]) == 2


@pytest.mark.parametrize("settings", [
    {"l2": 0, "eta": 1, "dropout": 0}, {"eta": 0.0, "seed": 0}, {"dropout": 0.999}, {"seed": 2**32 - 1},
    {"n_hidden": 1, "epochs": 1, "minibatch_size": 1},
], ids=str)
def test_the_edges_of_the_domains_are_accepted(settings):
    assert len(NeuralNetMLP(**{"epochs": 1} | settings).fit(**GOOD, progress=False).eval_["cost"]) == 1


# ---- order of things ------------------------------------------------------------------------------


def test_an_untrained_network_does_not_predict():
    nn = NeuralNetMLP()
    with Refused(nn, ValueError, ["this network has no weights yet", "fit", "before predict"]):
        nn.predict(X)


def test_a_refused_first_fit_leaves_the_network_untrained():
    nn = NeuralNetMLP()
    with Refused(nn, ValueError, ["y_valid"]):
        nn.fit(**GOOD | {"y_valid": Y})
    with Refused(nn, ValueError, ["this network has no weights yet"]):
        nn.predict(X)


def test_fit_epochs_checks_when_called_not_when_drawn_from():
    nn = fitted()
    with Refused(nn, ValueError, ["X_train", "nan"]):
        nn.fit_epochs(**GOOD | {"X_train": X * np.nan})
