"""The four gradients against central differences, and the textbook's printed cost against what is minimised.

The gradients are those of *data cost + (l2 / 2) * sum(w**2)*. The error of an entry is relative to that entry itself,
|analytic - numeric| / |numeric|, so that no small entry hides behind a large one.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from core_support import WEIGHTS
from mlp_core import NeuralNetMLP

SHAPES = [(1, 1, 1, 2), (6, 4, 3, 2), (13, 5, 7, 3), (4, 9, 2, 6)]  # examples, features, hidden units, classes


def network(shape, l2=0.0, dropout=0.0, seed=0):
    """A network with weights of order 1 and biases that are not 0, so that no entry is zero by chance; X; one-hot y."""
    n, features, n_hidden, classes = shape
    r = np.random.RandomState(seed)
    nn = NeuralNetMLP(n_hidden=n_hidden, l2=l2, dropout=dropout, seed=seed)
    nn.w_h, nn.b_h = r.normal(size=(features, n_hidden)), r.normal(size=n_hidden)
    nn.w_out, nn.b_out = r.normal(size=(n_hidden, classes)), r.normal(size=classes)
    return nn, r.normal(size=(n, features)), nn._onehot(r.randint(classes, size=n), classes)


def minimised_cost(nn, X, y_enc):
    """Data cost + (l2 / 2) * sum(w**2), the weights of both layers, the biases left out."""
    z_out = nn._forward(X, nn.dropout)[2]
    return nn._data_cost(y_enc, z_out) + nn.l2 / 2 * (np.sum(nn.w_h ** 2) + np.sum(nn.w_out ** 2))


def numeric_gradient(cost, weight, step=4e-3):
    """The derivative of `cost()` by every entry of `weight`, from central differences.

    Two of them, at `step` and at half of it, are extrapolated to a step of 0 (Richardson): the error then falls with
    step**4, and a step may be so large that rounding (about 1e-16 * cost / step) stays far below 1e-7 of an entry.
    """
    gradient = np.empty_like(weight)
    for entry in np.ndindex(weight.shape):
        value, differences = weight[entry], []
        for h in (step, step / 2):
            weight[entry] = value + h
            above = cost()
            weight[entry] = value - h
            differences.append((above - cost()) / (2 * h))
        weight[entry] = value
        gradient[entry] = (4 * differences[1] - differences[0]) / 3
    return gradient


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_entry_of_every_gradient_equals_central_differences(shape, l2, dropout):
    nn, X, y_enc = network(shape, l2, dropout, seed=3)
    before_dropout = nn.random.get_state()

    def cost():
        nn.random.set_state(before_dropout)  # every evaluation silences the same units
        return minimised_cost(nn, X, y_enc)

    for name, analytic in zip(WEIGHTS, nn._gradients(X, y_enc)):
        numeric = numeric_gradient(cost, getattr(nn, name))
        assert analytic.shape == numeric.shape
        assert_allclose(analytic, numeric, rtol=1e-7, atol=0, err_msg=name)


def test_dropout_in_the_check_above_does_silence_units():
    nn, X, _ = network((13, 5, 7, 3), dropout=0.4, seed=3)
    silent = nn._forward(X, nn.dropout)[1] == 0
    assert silent.any() and not silent.all()


@given(shape=st.tuples(st.integers(1, 8), st.integers(1, 5), st.integers(1, 5), st.integers(2, 4)),
       l2=st.sampled_from([0.0, 0.01, 2.0]), dropout=st.sampled_from([0.0, 0.5]), seed=st.integers(0, 2**16))
def test_the_gradient_points_along_the_cost(shape, l2, dropout, seed):
    """Any network: the slope of the cost along a random direction is the gradient's product with that direction."""
    nn, X, y_enc = network(shape, l2, dropout, seed)
    before_dropout = nn.random.get_state()
    gradients = nn._gradients(X, y_enc)
    start = [getattr(nn, name).copy() for name in WEIGHTS]
    direction = [np.random.RandomState(seed + 1).normal(size=weight.shape) for weight in start]
    distance = np.zeros(1)

    def cost():
        for name, weight, d in zip(WEIGHTS, start, direction):
            setattr(nn, name, weight + distance[0] * d)
        nn.random.set_state(before_dropout)
        return minimised_cost(nn, X, y_enc)

    slope = sum(np.sum(gradient * d) for gradient, d in zip(gradients, direction))
    size = sum(np.sum(np.abs(gradient * d)) for gradient, d in zip(gradients, direction))
    assert abs(numeric_gradient(cost, distance)[0] - slope) <= 1e-7 * size


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("l2", [0.0, 0.3])
def test_scale_multiplies_all_four_gradients(l2, dropout):
    nn, X, y_enc = network((13, 5, 7, 3), l2, dropout)
    before_dropout = nn.random.get_state()
    plain = nn._gradients(X, y_enc)
    nn.random.set_state(before_dropout)
    for gradient, scaled in zip(plain, nn._gradients(X, y_enc, scale=0.01)):
        assert_allclose(scaled, 0.01 * gradient, rtol=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_printed_cost_penalises_twice_what_is_minimised(shape):
    """The textbook's oddity: it prints l2 * sum(w**2) and follows the gradient of half of it. Both are kept."""
    l2 = 0.3
    nn, X, y_enc = network(shape, l2)
    a_out = nn._forward(X)[3]
    squares = np.sum(nn.w_h ** 2) + np.sum(nn.w_out ** 2)
    printed_penalty = nn._compute_cost(y_enc, a_out) - network(shape, l2=0.0)[0]._compute_cost(y_enc, a_out)
    assert_allclose(printed_penalty, l2 * squares, rtol=1e-12)
    assert_allclose(nn._compute_cost(y_enc, a_out) - minimised_cost(nn, X, y_enc), l2 / 2 * squares, rtol=1e-12)

    without_l2 = network(shape, l2=0.0)[0]._gradients(X, y_enc)
    for name, gradient, data_gradient in zip(WEIGHTS, nn._gradients(X, y_enc), without_l2):
        # `y_enc` and `a_out` are held, so only the penalty answers to the weight.
        slope_of_printed_penalty = numeric_gradient(lambda: nn._compute_cost(y_enc, a_out), getattr(nn, name))
        if name.startswith("w"):
            assert_allclose(slope_of_printed_penalty, 2 * (gradient - data_gradient), rtol=1e-9)
        else:
            assert_array_equal(slope_of_printed_penalty, 0)
            assert_array_equal(gradient, data_gradient)


@given(st.integers(2, 12), st.integers(0, 2**16))
def test_the_order_of_examples_does_not_matter_to_a_full_batch(n, seed):
    nn, X, y_enc = network((n, 4, 3, 3), l2=0.1, seed=seed)
    order = np.random.RandomState(seed).permutation(n)
    for gradient, permuted in zip(nn._gradients(X, y_enc), nn._gradients(X[order], y_enc[order])):
        assert_allclose(permuted, gradient, rtol=1e-12, atol=1e-13)


@given(st.integers(2, 12), st.integers(0, 2**16))
def test_gradients_of_two_halves_add_up_to_that_of_the_whole(n, seed):
    """Summed, not averaged: that is what makes `eta` and `l2` depend on the minibatch size."""
    nn, X, y_enc = network((n, 4, 3, 3), seed=seed)
    halves = zip(nn._gradients(X[:n // 2], y_enc[:n // 2]), nn._gradients(X[n // 2:], y_enc[n // 2:]))
    for whole, (first, second) in zip(nn._gradients(X, y_enc), halves):
        assert_allclose(first + second, whole, rtol=1e-12, atol=1e-13)
