"""Trains a run of the playground without its page, and draws settings to try."""

import math

import numpy as np
from hypothesis import strategies as st

from lessonkit.playground.records import Run
from lessonkit.playground.settings import Settings
from mlp_core import WEIGHTS, Diverged

SMALL = {"n_hidden": 6, "epochs": 3, "digits": 300, "minibatch_size": 50, "eta": 0.01}


class Trained:
    """A `run` with these `settings`, trained for so many `steps`, at most to its end, and its `network`.

    `edits`, (step, name, index, value) each, are made on the way; `plan` is what the run has to make again.
    """

    def __init__(self, settings, steps=math.inf, edits=(), number=1, plan=()):
        self.run, self.network = Run(number, settings, planned=list(plan)), settings.network()
        self.network._init_weights(784, 10, np.float32)
        self.run.keep(self.network)
        # Kept: a training that nobody holds takes back the epoch that it is in.
        self.training = self.network.fit_steps(*settings.digits_to_train(), **settings.fit_options())
        run, edits = self.run, list(edits)
        while run.step < min(steps, run.last_step(settings.epochs)):
            try:
                epoch = next(self.training)
            except Diverged:
                run.end, run.step = "diverged", run.last_step(len(run.epochs))
                break
            if epoch:
                run.step = run.last_step(epoch.number)
                run.keep(self.network, epoch)
            elif run.step + 1 == run.last_step(len(run.epochs) + 1):
                continue  # within the evaluation
            else:
                run.step += 1
            run.set_planned(self.network)
            while edits and edits[0][0] == run.step:
                _, name, index, value = edits.pop(0)
                run.set_weight(self.network, name, index, value)
        else:
            run.end = "finished" if run.step == run.last_step(settings.epochs) else "paused"

    @property
    def weights(self):
        return {name: getattr(self.network, name) for name in WEIGHTS}


settings = st.builds(
    Settings, n_hidden=st.integers(1, 6), l2=st.sampled_from([0, 0.01, 0.5]),
    eta=st.sampled_from([0, 1e-5, 0.005, 0.1]) | st.floats(0, 1), minibatch_size=st.sampled_from([7, 30, 100]),
    epochs=st.integers(1, 3), dropout=st.sampled_from([0, 0.2, 0.9]), seed=st.integers(0, 2**32 - 1),
    digits=st.sampled_from([100, 211, 300]), schedule=st.sampled_from(["constant", "cosine"]), shifted=st.booleans())


@st.composite
def edits_of(draw, run_settings):
    """Up to three weights to be set by hand in such a run: (step, name, index, value), in order."""
    last = run_settings.epochs * (run_settings.updates + 1)
    shapes = {"w_h": (784, run_settings.n_hidden), "b_h": (run_settings.n_hidden,),
              "w_out": (run_settings.n_hidden, 10), "b_out": (10,)}
    edits = []
    for step in sorted(draw(st.lists(st.integers(1, last), max_size=3))):
        name = draw(st.sampled_from(WEIGHTS))
        index = tuple(draw(st.integers(0, n - 1)) for n in shapes[name])
        edits.append((step, name, index, draw(st.floats(-10, 10))))
    return edits
