"""The document's training loop written plainly: the baseline that `epoch_speed.py` measures against.

It does the document's work in the document's order, in float64: gather each minibatch twice, a new array for every
intermediate result, the whole training set forward twice after each epoch (once for the cost, once for the accuracy).
`check` compares it with the published run before any of its times counts.
"""

import numpy as np


class TextbookMLP:
    """The published network, trained one `epoch` at a time on X (n, 784), y (n,)."""

    def __init__(self, X, y, X_valid, y_valid, *, n_hidden, l2, eta, minibatch_size, seed):
        self.X, self.y, self.X_valid, self.y_valid = X, y, X_valid, y_valid
        self.l2, self.eta, self.minibatch_size = l2, eta, minibatch_size
        self.random = np.random.RandomState(seed)
        self.w_h = self.random.normal(0.0, 0.1, (X.shape[1], n_hidden))
        self.b_h = np.zeros(n_hidden)
        self.w_out = self.random.normal(0.0, 0.1, (n_hidden, 10))
        self.b_out = np.zeros(10)
        self.y_enc = np.eye(10)[y]

    def forward(self, X):
        a_h = sigmoid(np.dot(X, self.w_h) + self.b_h)
        z_out = np.dot(a_h, self.w_out) + self.b_out
        return a_h, z_out, sigmoid(z_out)

    def epoch(self):
        """Train for one epoch; return its cost and both accuracies."""
        order = np.arange(len(self.X))
        self.random.shuffle(order)
        for start in range(0, len(order) - self.minibatch_size + 1, self.minibatch_size):
            self.update(order[start:start + self.minibatch_size])
        _, _, a_out = self.forward(self.X)
        penalty = self.l2 * (np.sum(self.w_h ** 2) + np.sum(self.w_out ** 2))
        cost = np.sum(-self.y_enc * np.log(a_out) - (1 - self.y_enc) * np.log(1 - a_out)) + penalty
        return cost, self.accuracy(self.X, self.y), self.accuracy(self.X_valid, self.y_valid)

    def update(self, batch):
        a_h, _, a_out = self.forward(self.X[batch])
        delta_out = a_out - self.y_enc[batch]
        delta_h = np.dot(delta_out, self.w_out.T) * (a_h * (1 - a_h))
        self.w_h -= self.eta * (np.dot(self.X[batch].T, delta_h) + self.l2 * self.w_h)
        self.b_h -= self.eta * np.sum(delta_h, axis=0)
        self.w_out -= self.eta * (np.dot(a_h.T, delta_out) + self.l2 * self.w_out)
        self.b_out -= self.eta * np.sum(delta_out, axis=0)

    def accuracy(self, X, y):
        _, z_out, _ = self.forward(X)
        return np.sum(z_out.argmax(axis=1) == y) / len(y)


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -250, 250)))
