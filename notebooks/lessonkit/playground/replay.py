"""The random stream of a run at any of its epochs, drawn again without training."""

import functools

import numpy as np


def stream(settings, epoch):
    """The stream, a RandomState, that the network of a run with these `settings` has after so many epochs.

    Order, shifts and dropout come from one stream, in the order in which `fit` draws from it; what the weights are
    makes no difference. So the minibatches that are next in it are those that the run itself learned from, or would
    have.
    """
    states = _states(settings)
    network = settings.network()
    network.random.set_state(states[-1])
    while len(states) <= epoch:
        for _batch in minibatches(network, settings):
            pass
        states.append(network.random.get_state())
    network.random.set_state(states[epoch])
    return network.random


@functools.lru_cache(maxsize=4)  # 3 kB an epoch
def _states(settings):
    """The states after epochs 0, 1, ..., as far as they are known; `stream` adds to them."""
    network = settings.network()
    network._init_weights(784, 10)
    return [network.random.get_state()]


def minibatches(network, settings, pixels=None):
    """One epoch of what `network` learns from: the places of a minibatch's digits, and its images, shifted if they are.

    `pixels(batch)` has the images. Without it there are none, and the stream goes on as if the network learned.
    """
    augment = settings.fit_options()["augment"]
    blank = np.zeros((1, 784), np.float32)
    for batch in network._minibatches(settings.digits):
        X = blank if pixels is None else pixels(batch)
        if augment is not None:
            X = augment(X, network.random)
        if network.dropout and pixels is None:
            network.random.random_sample((len(batch), network.n_hidden))  # as `_forward` does
        yield batch, X
