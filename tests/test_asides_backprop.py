"""What surrounds lesson 3: its training agrees with the core's, its check tells right from wrong."""

import numpy as np
import pytest

from lessonkit.asides import backprop
from mlp_core import WEIGHTS, NeuralNetMLP, load_mnist


def core_gradients(nn, X, y_enc):
    return dict(zip(WEIGHTS, NeuralNetMLP._gradients(nn, X, y_enc)))


def test_training_with_the_cores_gradients_is_the_cores_training(monkeypatch):
    monkeypatch.setattr(backprop, "SEEDS", (3, 5))
    monkeypatch.setattr(backprop, "EPOCHS", 2)
    runs = backprop.train(core_gradients, eta=0.005)
    for seed, accuracies in zip((3, 5), runs):
        nn = NeuralNetMLP(n_hidden=100, epochs=2, eta=0.005, minibatch_size=50, seed=seed)
        nn.fit(*load_mnist("sample", np.float64)[:4], progress=False)
        assert np.allclose(accuracies, 100 * np.array(nn.eval_["valid_acc"]), rtol=0, atol=0.21)  # one digit of 500


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_training_uses_the_gradients_the_rate_the_first_bias_and_the_type(monkeypatch, dtype):
    monkeypatch.setattr(backprop, "SEEDS", (1,))
    monkeypatch.setattr(backprop, "EPOCHS", 1)
    seen = []

    def gradients(nn, X, y_enc):
        seen.append(nn.b_out.copy())
        assert X.shape == (50, 784) and y_enc.shape == (50, 10)
        assert {array.dtype for array in (X, y_enc, nn.w_h, nn.b_out)} == {np.dtype(dtype)}
        return {name: np.ones_like(getattr(nn, name)) for name in WEIGHTS}

    backprop.train(gradients, 0.25, 10.0, dtype)
    assert np.array_equal(seen[0], np.full(10, 10.0)) and np.array_equal(seen[1], np.full(10, 9.75))


def test_compare_says_what_differs(capsys):
    right = {"same": np.array([1.0, -4.0]), "near": np.array([1.0, -4.0]), "far": np.array([1.0, -4.0])}
    backprop.compare({"same": right["same"], "near": right["near"] + 1e-9, "far": right["far"] + [0.0, 1.0]}, right)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [["same", "True", "True", "0"], ["near", "False", "True", "below", "1e-7"],
                        ["far", "False", "False", "0.25"]]


def test_random_entries_are_within_and_all_different():
    weights = {"w": np.zeros((30, 20)), "b": np.zeros(7)}
    entries = backprop.random_entries(weights, 200)
    assert len(set(entries["w"])) == 200 and sorted(entries["b"]) == [(place,) for place in range(7)]
    assert all(weights["w"][index] == 0 for index in entries["w"])


def test_show_runs_prints_the_epochs_it_names(capsys):
    backprop.show_runs({"run": np.arange(60).reshape(3, 20)})
    *_, row = capsys.readouterr().out.splitlines()
    assert row.split() == ["run", *map("{:.1f}".format, (0, 20, 40, 4, 24, 44, 19, 39, 59))]
