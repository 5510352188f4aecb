"""`schedule` and `augment`, the two functions that training calls: off by default, each does what it says, no more."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core_support import WEIGHTS, blobs, learned, same, state
from mlp_core import NeuralNetMLP

X, Y = blobs(40, 4, 3, random_state=0)
X_VALID, Y_VALID = blobs(15, 4, 3, random_state=1)
SETTINGS = {"n_hidden": 5, "epochs": 4, "eta": 0.02, "minibatch_size": 7, "seed": 1, "l2": 0.01}


def fitted(dtype=np.float64, settings=SETTINGS, **hooks):
    data = X.astype(dtype), Y, X_VALID.astype(dtype), Y_VALID
    return NeuralNetMLP(**settings).fit(*data, progress=False, **hooks)


def test_hooks_that_change_nothing_change_no_bit():
    plain = state(fitted())
    assert same(state(fitted(schedule=lambda done: 1.0, augment=lambda X, random: X)), plain)
    assert same(state(fitted(schedule=None, augment=None)), plain)


def test_a_schedule_gets_the_share_of_epochs_done():
    asked = []
    fitted(schedule=lambda done: asked.append(done) or 1)
    assert asked == [0.0, 0.25, 0.5, 0.75]


def test_a_schedule_multiplies_eta_epoch_by_epoch():
    factors = [1.0, 0.5, 0.25, 0.125]
    nn = fitted(schedule=lambda done: factors[round(4 * done)])
    # The same by hand, from the textbook's steps.
    other = NeuralNetMLP(**SETTINGS)
    other._init_weights(4, 3)
    y_enc = other._onehot(Y, 3)
    for factor in factors:
        for batch in other._minibatches(len(X)):
            gradients = other._gradients(X[batch], y_enc[batch])
            other._update([0.02 * factor * gradient for gradient in gradients])
    for name in WEIGHTS:
        np.testing.assert_allclose(getattr(nn, name), getattr(other, name), rtol=1e-12)
    assert nn.eta == 0.02


def test_a_schedule_of_0_stands_still():
    assert len(set(fitted(schedule=lambda done: 0).eval_["cost"])) == 1


def test_augment_gets_each_minibatch_and_the_networks_stream():
    seen = []
    nn = NeuralNetMLP(**SETTINGS | {"shuffle": False, "epochs": 1})
    nn.fit(X, Y, X_VALID, Y_VALID, progress=False,
           augment=lambda batch, random: seen.append((batch.copy(), random)) or batch)
    assert_array_equal(np.concatenate([batch for batch, _ in seen]), X[:35])
    assert all(random is nn.random for _, random in seen)


def test_what_augment_returns_is_what_is_learned_from():
    mirrored = NeuralNetMLP(**SETTINGS).fit(-X, Y, X_VALID, Y_VALID, progress=False)
    augmented = fitted(augment=lambda batch, random: -batch)
    for name in WEIGHTS:
        assert_array_equal(getattr(augmented, name), getattr(mirrored, name))
    # The cost and the accuracies are those of the digits themselves.
    y_enc = augmented._onehot(Y, 3)
    cost = augmented._compute_cost(y_enc, None, augmented._forward(X)[2])
    assert augmented.eval_["cost"][-1] == pytest.approx(cost, rel=1e-12)


def test_augment_in_place_leaves_the_training_set_alone():
    before = X.copy()

    def silence(batch, random):
        batch[:] = 0
        return batch

    fitted(augment=silence)
    assert_array_equal(X, before)


def test_float32_stays_float32_with_hooks():
    nn = fitted(np.float32, schedule=lambda done: np.float64(1 - done),
                augment=lambda batch, random: batch + random.normal(size=batch.shape))
    assert {getattr(nn, name).dtype for name in WEIGHTS} == {np.dtype(np.float32)}


def test_the_same_seed_gives_the_same_bits_with_hooks():
    def noise(batch, random):
        return batch + 0.1 * random.normal(size=batch.shape)

    assert same(learned(fitted(augment=noise)), learned(fitted(augment=noise)))
    assert not same(learned(fitted(augment=noise)), learned(fitted()))


@pytest.mark.parametrize("factor", [-0.1, np.nan, np.inf, None, "1", True, [1.0], 1j, 10**400,
                                    np.longdouble(np.finfo(np.float64).max) * 2],
                         ids=lambda factor: str(factor)[:50])
def test_a_schedule_must_return_a_factor(factor):
    with pytest.raises(ValueError, match=r"schedule returned .*; expected the factor of eta, a finite number"):
        fitted(schedule=lambda done: factor)


@pytest.mark.parametrize("result", [None, X[:7].tolist(), X[:6], X[:7, :3], X[:7].astype(int), X[:7].astype(str)],
                         ids=["None", "list", "rows", "columns", "integers", "text"])
def test_augment_must_return_a_minibatch_of_the_same_shape(result):
    with pytest.raises(ValueError, match=r"augment returned .*; expected an array of float64 of shape \(7, 4\)"):
        fitted(augment=lambda batch, random: result)


def test_augment_must_not_return_numbers_that_overflow_in_the_networks_dtype():
    with pytest.raises(ValueError, match="augment returned float64 numbers that float32 cannot hold; expected float32"):
        fitted(np.float32, augment=lambda batch, random: batch * np.float64(1e300))


@pytest.mark.parametrize("hook", ["schedule", "augment"])
def test_an_error_of_a_hook_passes_through_and_leaves_the_last_finished_epoch(hook):
    calls = []

    def fails_in_the_third_epoch(*args):
        calls.append(args)
        if len(calls) > (2 if hook == "schedule" else 2 * 5 + 3):  # five minibatches an epoch
            raise ZeroDivisionError("of the student")
        return 1.0 if hook == "schedule" else args[0]

    nn = NeuralNetMLP(**SETTINGS)
    with pytest.raises(ZeroDivisionError, match="of the student"):
        nn.fit(X, Y, X_VALID, Y_VALID, progress=False, **{hook: fails_in_the_third_epoch})
    two = NeuralNetMLP(**SETTINGS)
    epochs = two.fit_epochs(X, Y, X_VALID, Y_VALID)
    next(epochs), next(epochs)
    assert same(learned(nn), learned(two))
