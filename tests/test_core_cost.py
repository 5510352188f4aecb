"""The cost: never NaN or infinite, exact where outputs saturate, the textbook's formula everywhere else."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from core_support import blobs
from mlp_core import NeuralNetMLP

DTYPES = (np.float32, np.float64)
# Weights whose net inputs are still numbers of the dtype, for inputs up to 1e6 and the few terms of a sum here.
LARGEST_WEIGHT = {np.float32: 1e30, np.float64: 1e150}


def textbook_cost(nn, y_enc, a_out):
    squares = float((nn.w_h.astype(float) ** 2).sum() + (nn.w_out.astype(float) ** 2).sum())
    return float(-(y_enc * np.log(a_out) + (1 - y_enc) * np.log(1 - a_out)).sum()) + nn.l2 * squares


def network(r, n_hidden=3, features=2, classes=3, **settings):
    nn = NeuralNetMLP(n_hidden, **settings)
    nn.w_h, nn.b_h = r.normal(size=(features, n_hidden)), r.normal(size=n_hidden)
    nn.w_out, nn.b_out = r.normal(size=(n_hidden, classes)), r.normal(size=classes)
    return nn


@st.composite
def extreme_cases(draw):
    """A network with weights of any magnitude, inputs up to 1e6, both of one dtype, and labels."""
    dtype = draw(st.sampled_from(DTYPES))

    def numbers(shape, largest):
        value = st.floats(-largest, largest) | st.sampled_from([0.0, 1.0, -largest, largest])
        return draw(arrays(float, shape, elements=value)).astype(dtype)

    nn = NeuralNetMLP(n_hidden=3, l2=draw(st.sampled_from([0.0, 0.01, 10.0])))
    largest = LARGEST_WEIGHT[dtype]
    nn.w_h, nn.b_h = numbers((2, 3), largest), numbers(3, largest)
    nn.w_out, nn.b_out = numbers((3, 4), largest), numbers(4, largest)
    return nn, numbers((5, 2), 1e6), np.array(draw(st.lists(st.integers(0, 3), min_size=5, max_size=5)))


@given(extreme_cases())
@pytest.mark.filterwarnings("error")
def test_cost_is_finite_whatever_the_weights(case):
    nn, X, y = case
    y_enc = nn._onehot(y, 4).astype(X.dtype)
    _, _, z_out, a_out = nn._forward(X)
    assert math.isfinite(nn._compute_cost(y_enc=y_enc, output=a_out))
    assert math.isfinite(nn._compute_cost(y_enc, a_out, z_out))
    assert math.isfinite(nn._evaluate(X, y, y_enc)[0])


@pytest.mark.parametrize("dtype", DTYPES)
def test_cost_of_outputs_of_exactly_0_and_1_is_finite(dtype):
    nn = network(np.random.RandomState(0))
    output = np.array([[0, 1, 0], [1, 0, 1]], dtype)
    right, wrong = nn._compute_cost(output, output), nn._compute_cost(1 - output, output)
    assert 0 <= right < 1e-6
    assert math.isfinite(wrong) and wrong > 6 * 16  # 16 is what a single wrong float32 output costs, at least


@pytest.mark.parametrize("dtype, z", [(np.float32, 30.0), (np.float64, 60.0), (np.float64, 1e5)])
def test_cost_of_a_saturated_output_is_taken_from_its_net_input(dtype, z):
    """An output that has rounded to 1 tells nothing; its net input z does: the cost is z where 0 was right."""
    nn = network(np.random.RandomState(0))
    z_out = np.array([[z, -z, z]], dtype)
    a_out = nn._sigmoid(z_out)
    assert a_out[0, 0] == 1
    assert_allclose(nn._compute_cost(np.array([[0, 1, 0]], dtype), a_out, z_out), 3 * z, rtol=1e-7)
    right = nn._compute_cost(np.array([[1, 0, 1]], dtype), a_out, z_out)
    assert_allclose(right, 3 * np.exp(-z), rtol=1e-6)  # 0 for z = 1e5


@given(seed=st.integers(0, 2**16), l2=st.sampled_from([0.0, 0.01, 3.0]), n=st.integers(1, 20))
def test_cost_is_the_textbook_formula_where_outputs_do_not_saturate(seed, l2, n):
    r = np.random.RandomState(seed)
    nn = network(r, l2=l2)
    # Beyond 1e-3 from 0 and 1, or the textbook's own log(1 - a) loses the digits that are compared here.
    z_out = r.uniform(-math.log(999), math.log(999), size=(n, 3))
    a_out = nn._sigmoid(z_out)
    y_enc = nn._onehot(r.randint(3, size=n), 3)
    expected = textbook_cost(nn, y_enc, a_out)
    assert_allclose(nn._compute_cost(y_enc=y_enc, output=a_out), expected, rtol=1e-12)
    assert_allclose(nn._compute_cost(y_enc, a_out, z_out), expected, rtol=1e-12)


@given(seed=st.integers(0, 2**16), block=st.integers(1, 12))
def test_evaluation_in_blocks_adds_up_to_cost_and_accuracy_of_the_whole(seed, block):
    r = np.random.RandomState(seed)
    nn = network(r, l2=0.1)
    X, y = r.normal(size=(11, 2)), r.randint(3, size=11)
    a_out = nn._forward(X)[3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlp_core.BLOCK", block)
        cost, accuracy = nn._evaluate(X, y, nn._onehot(y, 3))
    assert_allclose(cost, textbook_cost(nn, nn._onehot(y, 3), a_out), rtol=1e-12)
    assert accuracy == np.mean(a_out.argmax(axis=1) == y)


@given(z=arrays(np.float64, st.integers(1, 20), elements=st.floats(allow_nan=False)), dtype=st.sampled_from(DTYPES))
@pytest.mark.filterwarnings("error")
def test_sigmoid_is_a_rising_curve_from_0_to_1_and_symmetric(z, dtype):
    with np.errstate(over="ignore"):
        z = np.sort(z).astype(dtype)
    sigmoid = NeuralNetMLP()._sigmoid
    a = sigmoid(z)
    assert a.dtype == dtype
    assert np.all((0 <= a) & (a <= 1)) and np.all(np.diff(a) >= 0)
    assert_allclose(a + sigmoid(-z), 1, rtol=2 * np.finfo(dtype).eps)
    assert sigmoid(dtype(0)) == 0.5


@given(z=arrays(np.float64, st.integers(1, 20), elements=st.floats(-80, 80)))
def test_sigmoid_is_the_logistic_function(z):
    assert_allclose(NeuralNetMLP()._sigmoid(z), [math.exp(x) / (1 + math.exp(x)) for x in z], rtol=1e-14)


@pytest.mark.parametrize("dtype, settings", [
    (np.float32, {"eta": 0.5, "l2": 10.0}),
    (np.float64, {"eta": 0.5, "l2": 10.0}),
    (np.float32, {"eta": 1e30}),
], ids=["l2 in float32", "l2 in float64", "eta in float32"])
@pytest.mark.filterwarnings("error")
def test_a_run_that_diverges_stops_at_its_last_finite_epoch(dtype, settings):
    """eta * l2 above 2 multiplies every weight by less than -1 in every update, until no number holds it."""
    X, y = blobs(60, 4, 3, random_state=0)
    nn = NeuralNetMLP(n_hidden=5, epochs=500, seed=1, **settings)
    with pytest.raises(FloatingPointError, match="eta"):
        nn.fit(X.astype(dtype), y, X.astype(dtype), y, progress=False)
    assert np.isfinite(nn.eval_["cost"]).all()
    assert all(np.isfinite(weight).all() for weight in (nn.w_h, nn.b_h, nn.w_out, nn.b_out))
    assert nn.predict(X).shape == y.shape
