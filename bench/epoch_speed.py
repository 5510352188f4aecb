"""Seconds an epoch of the published network, against the textbook's loop, scikit-learn, PyTorch and JAX.

    python bench/epoch_speed.py            # the full MNIST where it is (MNIST_DIR or data/mnist/), else the sample
    python bench/epoch_speed.py --rounds 9

All do the same work: 784-100-10 sigmoid units, a new order of the digits, minibatches of 100, plain gradient descent
with L2, and after every epoch the cost and the accuracy on the training set and the accuracy on the validation set.
They take turns, so that a busy moment of the machine falls on all alike. In its turn each trains a run of one epoch
and a run of six; the difference is five epochs in the midst of a run, and a row is the median over the rounds. This
class trains by `fit`, which evaluates an epoch while it trains the next. The very first epoch is timed apart, since what
a peer compiles, it compiles then; the published run is that epoch and 199 of the median. To import a library takes a
second or more and is not counted. The peers are optional (`pip install -r bench/requirements.txt`). The last row is what
the matrix products of a float32 epoch alone would take at the speed of one large product.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from textbook import TextbookMLP

from mlp_core import NeuralNetMLP, load_mnist

SETTINGS = {"n_hidden": 100, "l2": 0.01, "eta": 0.0005, "minibatch_size": 100, "seed": 1}
EPOCHS = 200  # of the published run
TURN = 5  # epochs timed in a turn
PAUSE = 0.5  # seconds before a turn: a peer's threads spin for a while after their work and would slow the next
GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden" / "full_mnist_200_epochs.json"


def core(data):
    """This course's class."""
    return lambda epochs: NeuralNetMLP(epochs=epochs, **SETTINGS).fit(*data[:4], progress=False)


def one_by_one(epoch):
    """A run of some epochs, each of which is a call of `epoch`."""
    def run(epochs):
        for _ in range(epochs):
            epoch()

    return run


def scikit_learn(data):
    from sklearn.neural_network import MLPClassifier

    # Its minibatch gradient is a mean, the course's a sum: eta and alpha are scaled to the same update.
    size = SETTINGS["minibatch_size"]
    mlp = MLPClassifier((SETTINGS["n_hidden"],), activation="logistic", solver="sgd", batch_size=size, momentum=0,
                        nesterovs_momentum=False, learning_rate_init=SETTINGS["eta"] * size, random_state=1,
                        alpha=SETTINGS["l2"])

    def epoch():
        mlp.partial_fit(data.X_train, data.y_train, classes=range(10))
        return mlp.loss_, mlp.score(data.X_train, data.y_train), mlp.score(data.X_valid, data.y_valid)

    return one_by_one(epoch)


def pytorch(data):
    import torch

    torch.manual_seed(SETTINGS["seed"])
    X, y, X_valid, y_valid = (torch.from_numpy(np.array(part)) for part in data[:4])
    y_enc = torch.nn.functional.one_hot(y, 10).to(X.dtype)
    net = torch.nn.Sequential(torch.nn.Linear(784, SETTINGS["n_hidden"]), torch.nn.Sigmoid(),
                              torch.nn.Linear(SETTINGS["n_hidden"], 10))
    optimizer = torch.optim.SGD(net.parameters(), lr=SETTINGS["eta"], weight_decay=SETTINGS["l2"])
    loss = torch.nn.BCEWithLogitsLoss(reduction="sum")

    def epoch():
        for batch in torch.randperm(len(X)).split(SETTINGS["minibatch_size"]):
            optimizer.zero_grad()
            loss(net(X[batch]), y_enc[batch]).backward()
            optimizer.step()
        with torch.no_grad():
            z_out = net(X)
            return (loss(z_out, y_enc).item(), (z_out.argmax(1) == y).float().mean().item(),
                    (net(X_valid).argmax(1) == y_valid).float().mean().item())

    return one_by_one(epoch)


def jax_scan(data):
    """The whole epoch is one compiled program, a `lax.scan` over the minibatches; digits and weights stay in it."""
    import jax
    import jax.numpy as jnp

    size, eta = SETTINGS["minibatch_size"], SETTINGS["eta"]
    X, y, X_valid, y_valid = (jax.device_put(part) for part in data[:4])
    y_enc = jax.nn.one_hot(y, 10, dtype=X.dtype)

    def forward(weights, X):
        w_h, b_h, w_out, b_out = weights
        return jax.nn.sigmoid(X @ w_h + b_h) @ w_out + b_out

    def data_cost(weights, X, y_enc):
        z_out = forward(weights, X)
        return jnp.sum(jax.nn.softplus(z_out) - y_enc * z_out)

    def penalty(weights):
        return SETTINGS["l2"] * (jnp.sum(weights[0] ** 2) + jnp.sum(weights[2] ** 2))

    def minimised(weights, X, y_enc):
        return data_cost(weights, X, y_enc) + penalty(weights) / 2

    def accuracy(weights, X, y):
        return jnp.mean(forward(weights, X).argmax(axis=1) == y)

    @jax.jit
    def train_epoch(weights, key, X, y, y_enc, X_valid, y_valid):
        def update(weights, batch):
            gradients = jax.grad(minimised)(weights, X[batch], y_enc[batch])
            return [weight - eta * gradient for weight, gradient in zip(weights, gradients)], None

        order = jax.random.permutation(key, len(X))[:len(X) // size * size]
        weights, _ = jax.lax.scan(update, weights, order.reshape(-1, size))
        return weights, (data_cost(weights, X, y_enc) + penalty(weights), accuracy(weights, X, y),
                         accuracy(weights, X_valid, y_valid))

    random = np.random.RandomState(SETTINGS["seed"])
    weights = [jnp.asarray(part, X.dtype) for part in (
        random.normal(0, 0.1, (784, SETTINGS["n_hidden"])), np.zeros(SETTINGS["n_hidden"]),
        random.normal(0, 0.1, (SETTINGS["n_hidden"], 10)), np.zeros(10))]
    key = jax.random.key(SETTINGS["seed"])

    def run(epochs):
        nonlocal weights, key
        history = []
        for _ in range(epochs):
            key, used = jax.random.split(key)
            weights, figures = train_epoch(weights, used, X, y, y_enc, X_valid, y_valid)
            history.append(figures)
        jax.block_until_ready((weights, history))

    return run


def textbook(data):
    return TextbookMLP(*data[:4], **SETTINGS).epoch


TEXTBOOK, PRODUCTS = "textbook loop, float64", "matrix products alone, float32"
PEERS = {"scikit-learn, float32": scikit_learn, "PyTorch eager, float32": pytorch, "JAX, float32": jax_scan}


def check_textbook(epoch):
    """Compare the baseline's first two epochs with the published run; a baseline that is wrong is none."""
    golden = json.loads(GOLDEN.read_text())
    for number in range(2):
        np.testing.assert_allclose(epoch(), [golden[k][number] for k in ("cost", "train_acc", "valid_acc")], rtol=1e-9)


def products_alone(n_train, n_valid, n_hidden=SETTINGS["n_hidden"]):
    """Seconds for an epoch's matrix products at the speed of one large float32 product."""
    a = np.ones((3000, 3000), np.float32)
    peak = max(2 * 3000**3 / seconds(lambda: a @ a) for _ in range(5))  # operations a second
    forward = 2 * (784 * n_hidden + n_hidden * 10)  # a multiplication and an addition for each weight
    backward = 2 * (784 * n_hidden + 2 * n_hidden * 10)
    return (n_train * (forward + backward) + (n_train + n_valid) * forward) / peak


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description="Seconds an epoch of the published network, compared.")
    parser.add_argument("--rounds", type=int, default=5, help="turns that each contender is timed for (default 5)")
    rounds = parser.parse_args().rounds
    try:
        which, data64 = "full", load_mnist("full", np.float64)
    except FileNotFoundError as error:
        print(f"{error}\nMeasuring on the sample instead.\n", file=sys.stderr)
        which, data64 = "sample", load_mnist("sample", np.float64)
    data32 = load_mnist(which, np.float32)

    contenders = {TEXTBOOK: one_by_one(textbook(data64))}
    if which == "full":
        check_textbook(textbook(data64))
    contenders["this class, float64"] = core(data64)
    contenders["this class, float32"] = core(data32)
    for name, make in PEERS.items():
        try:
            contenders[name] = make(data32)
        except ImportError as error:
            print(f"{name} is left out: {error} (pip install -r bench/requirements.txt)", file=sys.stderr)

    first = {name: seconds(lambda: run(1)) for name, run in contenders.items()}
    times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            time.sleep(PAUSE)
            one = seconds(lambda: run(1))  # it wakes the threads and fills the caches, too
            times[name].append((seconds(lambda: run(1 + TURN)) - one) / TURN)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    medians[PRODUCTS] = products_alone(len(data32.y_train), len(data32.y_valid))

    print(f"{which} MNIST: {len(data32.y_train):,} training images, median of {rounds} times {TURN} epochs each\n")
    print(f"{'':32}{'s an epoch':>12}{'ratio':>8}{'first epoch':>14}{f'{EPOCHS} epochs':>14}")
    for name, taken in medians.items():
        run = f"{first[name]:12.2f} s{first[name] + (EPOCHS - 1) * taken:12.1f} s" if name in first else ""
        print(f"{name:32}{taken:12.3f}{medians[TEXTBOOK] / taken:8.1f}{run}")


if __name__ == "__main__":
    main()
