"""An interrupt at any moment of `fit` leaves the network as it was after its last finished epoch."""

import copy
import itertools
import signal

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core_support import blobs, interrupt_at_line, learned, same
from mlp_core import NeuralNetMLP

X, Y = blobs(9, 3, 3, random_state=0)
SETTINGS = {"n_hidden": 2, "l2": 0.1, "epochs": 3, "eta": 0.1, "minibatch_size": 4, "seed": 1, "dropout": 0.2}


def untrained():
    return NeuralNetMLP(**SETTINGS)


def trained_before():
    """A network that another run has trained, of another shape: four features, other hidden units, five epochs."""
    data = blobs(20, 4, 4, random_state=5)
    nn = NeuralNetMLP(n_hidden=6, epochs=5, seed=2).fit(*data, *data, progress=False)
    for name, value in SETTINGS.items():
        setattr(nn, name, value)
    return nn


def after_each_epoch(nn):
    """Train `nn` without an interrupt: what it has learned after each of its epochs."""
    return [learned(nn) for _ in nn.fit_epochs(X, Y, X, Y)]


@pytest.mark.parametrize("make", [untrained, trained_before])
def test_an_interrupt_at_any_line_leaves_the_last_finished_epoch(make):
    original = make()
    start = copy.deepcopy(original)
    start._init_weights(n_features=3, n_classes=3)
    # In the order in which training passes them:
    allowed = [learned(original), learned(start), *after_each_epoch(copy.deepcopy(original))]
    seen = 0
    for k in itertools.count(1):
        nn = copy.deepcopy(original)
        if not interrupt_at_line(k, lambda: nn.fit(X, Y, X, Y)):
            break
        left = learned(nn)
        matches = [i for i, network in enumerate(allowed) if same(left, network)]
        assert matches, f"interrupted at line {k}, the network is that of no finished epoch: {left}"
        assert matches[0] in (seen, seen + 1)  # later interrupts find later epochs, and skip none
        seen = matches[0]
        if left:
            assert nn.predict(np.ones((2, len(nn.w_h)))).shape == (2,)
            assert len(set(map(len, nn.eval_.values()))) == 1
    assert k > 300 and seen == len(allowed) - 1  # every line of the run had its turn


@pytest.mark.parametrize("method", ["_update", "_gradients", "_forward", "_evaluation", "_data_cost", "_minibatches",
                                    "_updates"])
@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_signal_in_any_step_is_an_interrupt(method, call):
    """Ctrl-C itself, at the first, second and third call of a step."""
    nn, calls = untrained(), itertools.count(1)
    step = getattr(nn, method)

    def interrupted(*args, **kwargs):
        if next(calls) == call:
            signal.raise_signal(signal.SIGINT)
        return step(*args, **kwargs)

    setattr(nn, method, interrupted)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            nn.fit(X, Y, X, Y, progress=False)
    finally:
        signal.signal(signal.SIGINT, previous)
    finished = len(nn.eval_["cost"])
    if finished:
        assert same(learned(nn), after_each_epoch(untrained())[finished - 1])
    else:
        assert_array_equal(nn.b_h, 0)  # the first weights: no update has been left in
    assert nn.predict(X).shape == Y.shape


def test_training_can_start_again_after_an_interrupt():
    nn = untrained()
    assert interrupt_at_line(150, lambda: nn.fit(X, Y, X, Y, progress=False))
    nn.fit(X, Y, X, Y, progress=False)
    assert same(learned(nn), learned(untrained().fit(X, Y, X, Y, progress=False)))
