"""Lesson 5: what L2, dropout and more training digits do to the curves, their gap and the weights."""

import functools
from typing import NamedTuple

import numpy as np

from mlp_core import NeuralNetMLP

from .. import figures, style
from ..words import N_, _
from . import sample
from .base import Explorer, choices

MINIBATCH = 20
SETTLED = 5  # an accuracy is the mean of so many last epochs, as everywhere in the lesson
BINS = np.linspace(-0.7, 0.7, 36)  # wide enough for every weight of every setting
APART = 4.2  # of two labels, in points of accuracy: closer, they would touch


class Setting(NamedTuple):
    """What the student chose."""

    l2: float
    dropout: float
    n_digits: int

    def __str__(self):
        return _("L2 {l2:g}, dropout {dropout:g}, {n_digits:,} digits").format(**self._asdict())


class Run(NamedTuple):
    """What is shown of a finished training; accuracies in per cent."""

    updates: np.ndarray  # (epochs,), how many there had been after each epoch
    train: np.ndarray    # (epochs,)
    valid: np.ndarray    # (epochs,)
    counts: np.ndarray   # (bins,), weights in each of BINS
    norm: float          # of w_h

    @property
    def settled(self):
        """Training and validation accuracy, each the mean of the last epochs."""
        return self.train[-SETTLED:].mean(), self.valid[-SETTLED:].mean()

    def __str__(self):
        train, valid = self.settled
        return _("training {train:.1f} %, validation {valid:.1f} %, {gap}, norm {norm:.1f}").format(
            train=train, valid=valid, gap=_gap(train, valid), norm=self.norm)


def _gap(train, valid):
    return _("gap {gap:.1f} points").format(gap=round(train - valid, 1) + 0.0)  # + 0.0: never "-0.0"


@functools.cache  # a setting that was seen before, such as the one a Reset goes back to, is there at once
def trained(setting, n_hidden, updates):
    """The `Run` of a network with `n_hidden` units and about as many `updates`, however many digits there are."""
    n = setting.n_digits
    nn = NeuralNetMLP(n_hidden=n_hidden, epochs=updates * MINIBATCH // n, eta=0.005, minibatch_size=MINIBATCH, seed=1,
                      l2=setting.l2, dropout=setting.dropout)
    nn.fit(*sample.training_and_validation(n), progress=False)
    return Run(updates=(n // MINIBATCH) * np.arange(1, nn.epochs + 1), train=100 * np.array(nn.eval_["train_acc"]),
               valid=100 * np.array(nn.eval_["valid_acc"]), counts=np.histogram(nn.w_h, BINS)[0],
               norm=float(np.linalg.norm(nn.w_h)))


class Regularise(Explorer):
    """A network trained anew at every move: its curves, the gap between them, and how its weights are spread.

    The network, the updates and the dtype, float64, are those of the lesson's tables: a run takes a third to half a
    second of one core. A smaller `n_hidden` and fewer `updates` are for tests. The setting before the present one
    stays as faint lines, until Reset.
    """

    name = N_("Regularise")
    alt = N_("Accuracy on training and validation digits during training, the gap marked; a histogram of the weights.")

    def __init__(self, n_hidden=30, updates=2000):
        self.n_hidden, self.updates = n_hidden, updates
        self._shown = self._before = None
        super().__init__()

    def controls(self):
        return {"l2": choices(_("L2 penalty λ"), (0, 0.01, 0.03, 0.1, 0.3, 1), 0.01,
                              _("How strongly every update shrinks the weights")),
                "dropout": choices(_("Dropout p"), (0, 0.1, 0.2, 0.5, 0.8), 0,
                                   _("The share of the hidden units that is silenced in training")),
                "n_digits": choices(_("Training digits"), [(f"{n:,}", n) for n in (250, 500, 1000, 2000, 4000)], 1000,
                                    _("How many digits the network learns from, in the same number of updates"))}

    def figure(self):
        fig = figures.new((9, 3.8))
        left, right = fig.subplots(1, 2, width_ratios=(3, 2))
        left.set(xlabel=_("Updates"), ylabel=_("Accuracy (%)"), xlim=(0, 1.5 * self.updates), ylim=(40, 107))
        left.set_xticks(np.linspace(0, self.updates, 5))
        right.set(xlabel=_("Weight in w_h"), ylabel=_("Number of weights (log scale)"), xlim=(-0.7, 0.7), yscale="log",
                  ylim=(0.7, 40_000))
        powers = [1, 10, 100, 1000, 10_000]
        right.set_yticks(powers, [f"{power:,}" for power in powers])
        faint = {"alpha": 0.5, "linewidth": 1.2}
        self.train_before, = left.plot([], [], "-", color=style.BLUE, **faint)
        self.valid_before, = left.plot([], [], "--", color=style.ORANGE, **faint)
        self.weights_before, = right.plot([], [], "-", color=style.BLUE, **faint)
        self.train, = left.plot([], [], "-", color=style.BLUE)
        self.valid, = left.plot([], [], "--", color=style.ORANGE)
        self.weights, = right.plot([], [], "-", color=style.BLUE)
        self.gap, = left.plot([], [], "-", color="black")
        self.train_end, = left.plot([], [], "o", color=style.BLUE)
        self.valid_end, = left.plot([], [], "s", color=style.ORANGE)
        self.gap_label, self.train_label, self.valid_label = (
            left.text(1.07 * self.updates, 0, "", va="center") for _ in range(3))
        self.before_label = left.text(0.02 * self.updates, 103, "", color="dimgrey")
        self.left_title, self.right_title = left.title, right.title
        return fig, [self.train_before, self.valid_before, self.weights_before, self.train, self.valid, self.weights,
                     self.gap, self.train_end, self.valid_end, self.gap_label, self.train_label, self.valid_label,
                     self.before_label, self.left_title, self.right_title]

    def compute(self, l2, dropout, n_digits):
        setting = Setting(l2, dropout, n_digits)
        return {"setting": setting, "run": trained(setting, self.n_hidden, self.updates)}

    def draw(self, setting, run):
        if self._shown and self._shown[0] != setting:
            self._before = self._shown
        self._shown = setting, run
        self._draw_run(run, self.train, self.valid, self.weights)
        self._draw_gap(*run.settled)
        self.left_title.set_text(_("{n:,} digits, {epochs} epochs").format(n=setting.n_digits,
                                                                               epochs=len(run.updates)))
        self.right_title.set_text(_("Norm of w_h: {norm:.1f}").format(norm=run.norm))
        sentence = _("{setting}: {run}.").format(setting=setting, run=run)
        if self._before:
            setting_before, run_before = self._before
            self._draw_run(run_before, self.train_before, self.valid_before, self.weights_before)
            self.before_label.set_text(_("faint: {setting}").format(setting=setting_before))
            sentence = _("{setting}: {run}; before (faint), {setting_before}: {run_before}.").format(
                setting=setting, run=run, setting_before=setting_before, run_before=run_before)
        return sentence

    def reset(self):
        """Forget the setting before, put every control back and show that."""
        with self.lock:
            self._shown = self._before = None
            for line in self.train_before, self.valid_before, self.weights_before:
                line.set_data([], [])
            self.before_label.set_text("")
            super().reset()

    def _draw_run(self, run, train, valid, weights):
        train.set_data(run.updates, run.train)
        valid.set_data(run.updates, run.valid)
        weights.set_data(np.repeat(BINS, 2)[1:-1], np.repeat(run.counts, 2))

    def _draw_gap(self, train, valid):
        """The bracket at the end of the curves, and its three labels, none upon another."""
        at = 1.03 * self.updates
        self.gap.set_data([at, at], [train, valid])
        self.train_end.set_data([at], [train])
        self.valid_end.set_data([at], [valid])
        middle, aside = (train + valid) / 2, max(abs(train - valid) / 2, APART)
        way = 1 if train >= valid else -1
        for label, height, text in ((self.gap_label, middle, _gap(train, valid)),
                                    (self.train_label, middle + way * aside,
                                     _("training {train:.1f} %").format(train=train)),
                                    (self.valid_label, middle - way * aside,
                                     _("validation {valid:.1f} %").format(valid=valid))):
            label.set_y(height)
            label.set_text(text)
