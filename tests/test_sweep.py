"""`sweep`: the same networks in the same order, on one core, on several, and on a Dask cluster of two processes."""

import sys

import joblib
import numpy as np
import pytest

from lessonkit.sweep import combinations, sweep
from mlp_core import NeuralNetMLP, load_mnist

GRID = {"n_hidden": [5, 8], "l2": [0.0, 0.1], "eta": [0.001, 0.01]}
FIXED = {"epochs": 2, "minibatch_size": 100, "seed": 1, "dtype": "float64"}


@pytest.fixture(scope="module")
def one_by_one():
    """The networks of GRID, trained here, one after another, without `sweep`."""
    digits = load_mnist("sample", np.float64)
    return [NeuralNetMLP(n_hidden=n_hidden, l2=l2, eta=eta, epochs=2, minibatch_size=100, seed=1).fit(
                *digits[:4], progress=False)
            for n_hidden in GRID["n_hidden"] for l2 in GRID["l2"] for eta in GRID["eta"]]


def agree(networks, expected):
    assert [repr(nn) for nn in networks] == [repr(nn) for nn in expected]
    for nn, other in zip(networks, expected):
        # Another number of BLAS threads adds in another order.
        np.testing.assert_allclose(nn.eval_["cost"], other.eval_["cost"], rtol=1e-9)
        assert nn.eval_["valid_acc"] == other.eval_["valid_acc"]
        np.testing.assert_allclose(nn.w_h, other.w_h, atol=1e-9)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_on_local_cores(one_by_one, n_jobs):
    agree(sweep(GRID, n_jobs=n_jobs, **FIXED), one_by_one)


def test_on_a_dask_cluster_by_one_changed_line(one_by_one):
    distributed = pytest.importorskip("dask.distributed", reason="needs dask[distributed]: see tests/requirements.txt")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
                                  dashboard_address=None) as cluster, distributed.Client(cluster) as client:
        with joblib.parallel_config("dask"):
            networks = sweep(GRID, **FIXED)
        digits_held = client.run(lambda: sys.modules["lessonkit.sweep"]._digits.cache_info().currsize)
    agree(networks, one_by_one)
    assert list(digits_held.values()) == [1, 1], "not both processes of the cluster have trained"


def test_the_order_is_that_of_the_combinations():
    assert combinations({"a": [1, 2], "b": [3, 4]}) == [
        {"a": 1, "b": 3}, {"a": 1, "b": 4}, {"a": 2, "b": 3}, {"a": 2, "b": 4}]
    assert combinations({}) == [{}]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("errors", ["warn", "raise"])
def test_a_run_that_diverges_does_not_end_the_sweep_and_is_named(capsys, errors):
    with np.errstate(all=errors):
        diverged, sound = sweep({"eta": [1e30, 0.001]}, n_jobs=1, n_hidden=5, epochs=2, minibatch_size=100, seed=1)
    assert len(diverged.eval_["cost"]) < 2 == len(sound.eval_["cost"])
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"{diverged}: training diverged: in epoch 1") and err.count("\n") == 1


def test_numpys_error_state_changes_no_network():
    settings = {"n_jobs": 1, "n_hidden": 5, "epochs": 2, "minibatch_size": 10, "seed": 1}
    expected = sweep({"eta": [0.05, 0.5]}, **settings)
    with np.errstate(all="raise"):
        agree(sweep({"eta": [0.05, 0.5]}, **settings), expected)


def test_any_other_error_ends_the_sweep(monkeypatch):
    def fail(self, *args, **kwargs):
        raise FloatingPointError("underflow encountered in exp")

    monkeypatch.setattr(NeuralNetMLP, "fit", fail)
    with pytest.raises(FloatingPointError, match="underflow"):
        sweep({"eta": [0.1]}, n_jobs=1, epochs=1)


@pytest.mark.parametrize("grid, fixed, error", [({"eta": [0.1, -1]}, {}, "eta is -1; expected"),
                                                ({"depth": [1]}, {}, "unexpected keyword argument 'depth'"),
                                                ({"eta": [0.1]}, {"which": "half"}, "which is 'half'; expected"),
                                                ({"eta": 0.1}, {}, "eta is 0.1; expected a list of values"),
                                                ({"eta": [0.1]}, {"eta": 0.2}, "eta is both varied and fixed")])
def test_wrong_settings_raise(grid, fixed, error):
    with pytest.raises((TypeError, ValueError), match=error):
        sweep(grid, n_jobs=1, epochs=1, **fixed)
