"""`evaluate_last`: only the last epochs are evaluated, and nothing else is another."""

import numpy as np
import pytest

from core_support import WEIGHTS, blobs, learned, same, state
from mlp_core import Diverged, NeuralNetMLP

X, Y = blobs(40, 4, 3, random_state=0)
DATA = X, Y, *blobs(15, 4, 3, random_state=1)
SETTINGS = {"n_hidden": 5, "epochs": 4, "eta": 0.02, "minibatch_size": 7, "seed": 1, "l2": 0.01, "dropout": 0.1}


def fitted(settings=SETTINGS, **options):
    return NeuralNetMLP(**settings).fit(*DATA, progress=False, **options)


@pytest.fixture
def evaluations(monkeypatch):
    """The lengths of the sets that are evaluated."""
    lengths, way = [], NeuralNetMLP._evaluation
    monkeypatch.setattr(NeuralNetMLP, "_evaluation",
                        lambda self, X, *labels: lengths.append(len(X)) or way(self, X, *labels))
    return lengths


@pytest.mark.parametrize("last", [1, 2, np.int64(3)], ids=repr)
def test_the_last_epochs_alone_are_evaluated(last, evaluations):
    nn = fitted(evaluate_last=last)
    assert evaluations == [40, 15] * int(last)
    for name, values in fitted().eval_.items():
        assert np.isnan(nn.eval_[name][:-last]).all() and len(nn.eval_[name]) == 4
        assert nn.eval_[name][-last:] == values[-last:]


@pytest.mark.parametrize("last", [1, 3])
@pytest.mark.parametrize("options", [{}, {"schedule": lambda done: 1 - done},
                                     {"augment": lambda batch, random: batch + random.normal(size=batch.shape)}],
                         ids=["plain", "schedule", "augment"])
def test_all_else_is_the_same_to_the_bit(last, options):
    nn, whole = state(fitted(evaluate_last=last, **options)), state(fitted(**options))
    nn.pop("eval_"), whole.pop("eval_")
    assert same(nn, whole)


@pytest.mark.parametrize("last", [None, 4, 5, np.uint8(5), 10**30], ids=repr)
def test_all_epochs_are_evaluated_if_there_are_no_more_or_by_default(last):
    assert same(state(fitted(evaluate_last=last)), state(fitted()))


def test_progress_begins_with_what_is_evaluated(capsys):
    NeuralNetMLP(**SETTINGS).fit(*DATA, evaluate_last=2)
    lines = capsys.readouterr().err.split("\r")[1:]
    assert [line[:3] for line in lines] == ["3/4", "4/4"]


@pytest.mark.parametrize("eta, l2, dtype, late", [
    (10.0, 1.0, np.float64, 20), (10.0, 1.0, np.float32, 3),  # the penalty or an output overflows, then a weight would
    (1.0, 5.0, np.float32, 3), (1e37, 0.0, np.float32, 1), (1e305, 0.0, np.float64, 1)])
def test_training_that_diverges_unevaluated_ends_in_the_same_epoch_and_the_same_network(eta, l2, dtype, late):
    data, ends = [part.astype(dtype) if part.dtype.kind == "f" else part for part in DATA], []
    for options in ({}, {"evaluate_last": 1}):
        nn = NeuralNetMLP(**SETTINGS | {"eta": eta, "l2": l2, "epochs": 400, "dropout": 0.0})
        with pytest.raises(Diverged) as caught:
            nn.fit(*data, progress=False, **options)
        ends.append((str(caught.value), {name: learned(nn)[name] for name in WEIGHTS}, len(nn.eval_["cost"])))
    (said, weights, epochs), other = ends[0], ends[1]
    assert other[0] == said and same(other[1], weights) and other[2] == epochs >= late - 1


def test_an_error_leaves_the_last_finished_epoch():
    calls = []

    def fails_in_the_third_epoch(done):
        calls.append(done)
        return 1.0 if len(calls) < 3 else 1 / 0

    nn = NeuralNetMLP(**SETTINGS)
    with pytest.raises(ZeroDivisionError):
        nn.fit(*DATA, progress=False, schedule=fails_in_the_third_epoch, evaluate_last=1)
    two = NeuralNetMLP(**SETTINGS)
    epochs = two.fit_epochs(*DATA)
    next(epochs), next(epochs)
    assert len(nn.eval_["cost"]) == 2 and np.isnan(nn.eval_["cost"]).all()
    assert same({name: learned(nn)[name] for name in WEIGHTS}, {name: learned(two)[name] for name in WEIGHTS})


def test_it_is_saved_and_loaded(tmp_path):
    nn = fitted(evaluate_last=1)
    assert same(learned(NeuralNetMLP.load(nn.save(tmp_path / "nn.npz"))), learned(nn))


@pytest.mark.parametrize("last, error", [(0, ValueError), (-1, ValueError), (1.0, TypeError), ("1", TypeError),
                                         (True, TypeError), (np.True_, TypeError), ([1], TypeError)])
def test_what_is_no_number_of_epochs_is_refused_before_anything_changes(last, error):
    nn = NeuralNetMLP(**SETTINGS)
    before = state(nn)
    with pytest.raises(error, match=r"evaluate_last is .*; expected a positive integer, the number of epochs .* None"):
        nn.fit(*DATA, progress=False, evaluate_last=last)
    assert same(state(nn), before)
