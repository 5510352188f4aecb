"""The network against the source document's own class: every run on record, to 1e-9 relative.

The figures in tests/golden/ were recorded from that class. All 200 epochs on the full MNIST take minutes, so they
run on request only: `pytest -m full_run`.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from core_support import blobs
from mlp_core import NeuralNetMLP, load_mnist

GOLDEN = Path(__file__).parent / "golden"
SMALL_RUNS = json.loads((GOLDEN / "small_runs.json").read_text(encoding="utf-8"))["cases"]
FULL_RUN = json.loads((GOLDEN / "full_mnist_200_epochs.json").read_text(encoding="utf-8"))
HISTORY = ("cost", "train_acc", "valid_acc")


def small_run(case, dtype):
    """The network of `case`, trained, and the validation set it is to predict."""
    size = {name: case["data"][name] for name in ("features", "classes")}
    X, y = blobs(case["data"]["n"], random_state=case["data"]["random_state"], **size)
    X_valid, y_valid = blobs(case["data"]["valid_n"], random_state=case["data"]["valid_random_state"], **size)
    nn = NeuralNetMLP(**case["params"])
    return nn.fit(X.astype(dtype), y, X_valid.astype(dtype), y_valid, progress=False), X_valid


@pytest.mark.parametrize("case", SMALL_RUNS, ids=lambda case: case["name"])
def test_float64_repeats_a_small_run(case):
    nn, X_valid = small_run(case, np.float64)
    for name in HISTORY:
        assert_allclose(nn.eval_[name], case[name], rtol=1e-9, err_msg=name)
    assert_allclose(nn.w_h.sum(), case["w_h_sum"], rtol=1e-9)
    assert_allclose(nn.w_out.sum(), case["w_out_sum"], rtol=1e-9)
    assert_allclose(nn.b_h, case["b_h"], rtol=1e-9)
    assert_allclose(nn.b_out, case["b_out"], rtol=1e-9)
    assert_array_equal(nn.predict(X_valid), case["predict_valid"])


@pytest.mark.parametrize("case", SMALL_RUNS, ids=lambda case: case["name"])
def test_float32_stays_within_its_rounding_of_a_small_run(case):
    nn, X_valid = small_run(case, np.float32)
    assert_allclose(nn.eval_["cost"], case["cost"], rtol=1e-6)
    for name in ("train_acc", "valid_acc"):
        assert_allclose(nn.eval_[name], case[name], rtol=1e-9, err_msg=name)
    assert_allclose(nn.b_out, case["b_out"], rtol=1e-5)
    assert_array_equal(nn.predict(X_valid), case["predict_valid"])


def train_on_mnist(dtype, epochs):
    """The published run's network after its first `epochs` epochs on the full MNIST, and the data."""
    digits = load_mnist("full", dtype)
    nn = NeuralNetMLP(**FULL_RUN["params"])
    training = nn.fit_epochs(digits.X_train, digits.y_train, digits.X_valid, digits.y_valid)
    for _ in itertools.islice(training, epochs):
        pass
    return nn, digits


def test_float64_repeats_the_first_epochs_of_the_published_run(mnist_dir):
    nn, _ = train_on_mnist(np.float64, epochs=5)
    for name in HISTORY:
        assert_allclose(nn.eval_[name], FULL_RUN[name][:5], rtol=1e-9, err_msg=name)


def test_float32_repeats_the_first_epoch_of_the_published_run_as_printed(mnist_dir):
    nn, _ = train_on_mnist(np.float32, epochs=1)
    assert_allclose(nn.eval_["cost"], FULL_RUN["cost"][:1], rtol=1e-6)
    assert [f"{nn.eval_[name][0]:.2%}" for name in HISTORY[1:]] == [f"{FULL_RUN[name][0]:.2%}" for name in HISTORY[1:]]


@pytest.mark.full_run
def test_float64_repeats_all_epochs_of_the_published_run(mnist_dir):
    nn, digits = train_on_mnist(np.float64, epochs=200)
    for name in HISTORY:
        assert_allclose(nn.eval_[name], FULL_RUN[name], rtol=1e-9, err_msg=name)
    assert np.count_nonzero(nn.predict(digits.X_test) != digits.y_test) == FULL_RUN["test_misclassified"] == 246


@pytest.mark.full_run
def test_float32_prints_the_published_figures(mnist_dir):
    nn, digits = train_on_mnist(np.float32, epochs=200)
    test_acc = np.mean(nn.predict(digits.X_test) == digits.y_test)
    accuracies = (nn.eval_["train_acc"][-1], nn.eval_["valid_acc"][-1], test_acc)
    assert f"{nn.eval_['cost'][-1]:.2f}" == "5065.78"
    assert [f"{100 * accuracy:.2f}" for accuracy in accuracies] == ["99.28", "97.98", "97.54"]
