"""The playground's settings: defaults, the network and the digits they make, and every bad value in words."""

import dataclasses
import re

import numpy as np
import pytest

from lessonkit import best_run
from lessonkit.explorers.training import FIXED
from lessonkit.playground.settings import FEWEST_DIGITS, LARGEST, NAMES, SCHEDULES, Settings
from mlp_core import NeuralNetMLP, load_mnist


@pytest.fixture(scope="module")
def digits():
    return load_mnist("sample")


def test_the_defaults_are_the_course_s_run():
    defaults = dataclasses.asdict(Settings())
    assert FIXED.items() <= defaults.items()
    course = repr(NeuralNetMLP(n_hidden=100, l2=0.01, epochs=60, eta=0.005, minibatch_size=100, seed=1))
    assert repr(Settings().network()) == course
    assert Settings().fit_options() == {"schedule": None, "augment": None}


def test_every_setting_reaches_the_network():
    changes = dict(n_hidden=7, l2=0.5, eta=0.25, minibatch_size=9, epochs=3, dropout=0.5, seed=11)
    network = Settings(**changes).network()
    assert {name: getattr(network, name) for name in changes} == changes
    assert not hasattr(network, "w_h")
    assert set(NAMES) == {*changes, "digits", "schedule", "shifted"}


@pytest.mark.parametrize("n", [FEWEST_DIGITS, 1000, 4000])
def test_the_digits_are_those_of_load_mnist_to_the_bit(digits, n):
    X_train, y_train, X_valid, y_valid = Settings(digits=n, minibatch_size=50).digits_to_train()
    for ours, theirs in ((X_train, digits.X_train[:n]), (y_train, digits.y_train[:n]),
                         (X_valid, digits.X_valid), (y_valid, digits.y_valid)):
        assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


def test_fewer_digits_would_lack_a_class(digits):
    assert len(np.unique(digits.y_train[:FEWEST_DIGITS])) == 10
    assert len(np.unique(digits.y_train[:FEWEST_DIGITS - 1])) == 9


def test_schedule_and_shifts_are_the_course_s():
    assert Settings(schedule="cosine", shifted=True).fit_options() == {"schedule": best_run.cosine,
                                                                      "augment": best_run.shift}
    assert list(SCHEDULES) == ["constant", "cosine"]


def test_numbers_of_numpy_become_plain_ones():
    numpy = Settings(n_hidden=np.int64(30), eta=np.float64(0.01), digits=np.int32(500), shifted=np.bool_(True), l2=1)
    plain = Settings(n_hidden=30, eta=0.01, digits=500, shifted=True, l2=1.0)
    assert repr(numpy) == repr(plain) and numpy == plain


def test_they_cannot_be_changed_behind_a_run_s_back():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().eta = 0.1


@pytest.mark.parametrize("updates, size, n", [(40, 100, 4000), (3, 100, 399), (1, 55, 55)])
def test_updates_of_an_epoch(updates, size, n):
    settings = Settings(minibatch_size=size, digits=n)
    assert settings.updates == updates == len(list(settings.network()._minibatches(n)))


@pytest.mark.parametrize("wrong, error, message", [
    (dict(n_hidden=0), ValueError, "n_hidden is 0; expected an integer of at least 1"),
    (dict(n_hidden=2.5), TypeError, "n_hidden is 2.5, a float"),
    (dict(n_hidden=LARGEST["n_hidden"] + 1), ValueError, "n_hidden is 1001; expected at most 1000 here"),
    (dict(epochs=10**9), ValueError, "epochs is 1000000000; expected at most 1000 here"),
    (dict(n_hidden=800, epochs=900), ValueError, "n_hidden times epochs is 720,000; expected at most 200,000"),
    (dict(eta=float("nan")), ValueError, "eta is nan; expected a finite number"),
    (dict(l2=-1), ValueError, "l2 is -1; expected a finite number of at least 0"),
    (dict(dropout=1), ValueError, "dropout is 1; expected a number of at least 0 and below 1"),
    (dict(seed=None), TypeError, "seed is None; expected an integer"),
    (dict(seed=-1), ValueError, "seed is -1"),
    (dict(digits=FEWEST_DIGITS - 1, minibatch_size=1), ValueError, "digits is 54; expected an integer from 55 to 4000"),
    (dict(digits=4001), ValueError, "digits is 4001; expected an integer from 55 to 4000"),
    (dict(digits="all"), TypeError, "digits is 'all', a str; expected an integer"),
    (dict(digits=True), TypeError, "digits is True, a bool"),
    (dict(minibatch_size=101, digits=100), ValueError, "minibatch_size is 101, but there are 100 digits"),
    (dict(schedule="cosin"), ValueError, "schedule is 'cosin'; expected one of 'constant', 'cosine'"),
    (dict(schedule=["cosine"]), ValueError, "schedule is ['cosine']"),
    (dict(shifted=1), TypeError, "shifted is 1, a int; expected True or False"),
])
def test_a_bad_value_is_named(wrong, error, message):
    with pytest.raises(error, match=re.escape(message)):
        Settings(**wrong)
