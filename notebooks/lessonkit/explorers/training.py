"""Lesson 4: a training bench. A network learns while its curves grow, and earlier runs stay for comparison."""

import asyncio
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

import ipywidgets as widgets
import numpy as np
from traitlets.log import get_logger

from mlp_core import Epoch, NeuralNetMLP

from .. import figures, style
from ..words import N_, _, pgettext
from . import sample
from .base import LABELS, WIDE, Explorer, choices

EPOCHS = 60
FIXED = {"epochs": EPOCHS, "l2": 0.01, "seed": 1}  # those of the course's run, as are the controls' defaults
TURN = 0.1  # seconds of training at a time; an epoch is shorter, but in a browser's Python, which has no other thread
PAUSE = 0.03  # seconds between two turns, in which Stop, sliders and other cells have theirs
LOOKS = (style.BLUE, "o"), (style.ORANGE, "s"), (style.GREEN, "^"), (style.PURPLE, "D")  # a run keeps its own
RUNS = len(LOOKS)  # so many are shown, the newest included
FAINT = 0.5  # how strong the earlier ones are drawn
CONSTANT = 0.1  # the best output for those who know no more than that one digit in ten is of a class (lesson 2)
TOP = 300_000  # of the axis of the cost
COLUMNS = {N_("run"): (0.08, "{}"), N_("learning rate"): (0.205, "{:g}"), N_("hidden units"): (0.325, "{:,}"),
           N_("minibatch"): (0.42, "{:,}"), N_("updates an epoch"): (0.58, "{:,}"), N_("epochs"): (0.66, "{}"),
           N_("cost"): (0.78, "{:,.1f}"), N_("training"): (0.88, "{:.1%}"),
           N_("validation"): (0.985, "{:.1%}")}  # of the table: where each ends, and its format


# -- runs -------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Run:
    """A training: its number from 1, its settings, its finished epochs, and how it ended."""

    number: int
    settings: dict  # eta, n_hidden, minibatch_size
    training: Iterator = None  # of `fit_steps`; let go at the end, and the network with it
    epochs: list = field(default_factory=list)
    end: str = ""  # "finished", "stopped", "diverged" or "failed"; empty as long as it is on

    @classmethod
    def of(cls, network, number):
        """The finished run that trained `network`."""
        if not getattr(network, "eval_", {}).get("cost"):
            raise ValueError("network has no finished epoch to show. Expected a trained one: call fit(...) first.")
        settings = {name: getattr(network, name) for name in ("eta", "n_hidden", "minibatch_size")}
        epochs = [Epoch(n, *values) for n, values in enumerate(zip(*network.eval_.values()), 1)]
        return cls(number, settings, epochs=epochs, end="finished")


class Row:
    """A row of the table, a text for each column, empty at first."""

    def __init__(self, table, y, **look):
        self.cells = [table.text(right, y, "", ha="right", va="center", fontsize="small", **look)
                      for right, _ in COLUMNS.values()]

    def fill(self, *values):
        """Write `values` into the first columns, nothing into the others."""
        for cell, (_end, form), value in zip_longest(self.cells, COLUMNS.values(), values):
            cell.set_text("" if value is None else form.format(value))


class Trace:
    """Where a run is drawn: its cost, its two accuracies, its row of the table with a sample of its look."""

    def __init__(self, costs, accuracies, table, y):
        self.lines = [ax.plot([], [], form, color=style.GREY, markersize=4)[0]
                      for ax, form in ((costs, "-"), (accuracies, "-"), (accuracies, "--"))]
        self.sample, = table.plot([], [], "-", color=style.GREY, markersize=4)
        self.row, self.y = Row(table, y), y
        self.artists = [*self.lines, self.sample, *self.row.cells]

    def show(self, run, updates, strength):
        """Draw `run`, with so many updates an epoch; draw nothing if it is None."""
        epochs = run.epochs if run else []
        number, cost, train_acc, valid_acc = np.reshape(epochs, (-1, len(Epoch._fields))).T
        for line, y in zip(self.lines, (cost, 100 * train_acc, 100 * valid_acc)):
            line.set_data(number, y)
        self.sample.set_data(*([0.005, 0.0225, 0.04], [self.y] * 3) if run else ([], []))
        if run is None:
            self.row.fill()
            return
        self.row.fill(run.number, *run.settings.values(), updates, len(epochs), *(epochs[-1][1:] if epochs else ()))
        slot = (run.number - 1) % RUNS
        colour, marker = LOOKS[slot]
        for line in (*self.lines, self.sample):
            line.set(color=colour, marker=marker, alpha=strength)
        for line in self.lines:
            line.set_markevery((2 * slot, 10))  # not on top of one another where curves meet


# -- the bench --------------------------------------------------------------------------------------


class TrainingBench(Explorer):
    """Trains the course's network on the sample with the student's learning rate, hidden units and minibatch size.

    Start begins a run with what the controls say; one that is on is stopped. The controls can be moved while it
    trains: they are for the next. `network`, if given, is a trained one to compare with: run 1.

    A run is `run = begin()`, then `advance(run)` until that returns False. Start does no more, in a task that gives
    way to everything else after every epoch. Runs are computed in float32, for speed.
    """

    name = N_("Training bench")
    alt = N_("A training bench: the cost and the accuracies of the last runs over the epochs, "
             "and a table of their settings and results.")

    def __init__(self, network=None):
        self.labels = sample.labels("train")
        self.first = [] if network is None else [Run.of(network, number=1)]
        self.runs, self.task = list(self.first), None
        y_enc = NeuralNetMLP()._onehot(self.labels, 10)
        self.constant_cost = NeuralNetMLP()._compute_cost(y_enc, np.full(y_enc.shape, CONSTANT))
        super().__init__()

    def controls(self):
        return {"eta": choices(_("Learning rate"), [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
                               0.005, _("The length of a step: what the gradient of a minibatch is multiplied by")),
                "n_hidden": choices(_("Hidden units"), [10, 20, 50, 100, 200], 100,
                                    _("How many units stand between the pixels and the ten outputs")),
                "minibatch_size": choices(_("Minibatch size"), [10, 20, 50, 100, 200, 500, 1000], 100,
                                          _("How many digits an update learns from; their gradients are summed"))}

    def rows(self):
        self.start_button = self.button(_("Start"), self.start,
                                        _("Train with these settings; a run that is on is stopped"))
        self.stop_button = self.button(_("Stop"), self.stop, _("End the run after the epoch that it is in"))
        self.stop_button.disabled = True
        reset = self.button(_("Reset"), self.reset, _("Stop, forget your runs, put every control back"))
        self.progress = widgets.IntProgress(max=EPOCHS, description=_("Epochs"), style=LABELS,
                                             layout=widgets.Layout(**WIDE))
        return [*self.widgets.values(), widgets.HBox([self.start_button, self.stop_button, reset]), self.progress]

    # -- training -----------------------------------------------------------------------------------

    @property
    def running(self):
        """The run that is on, or None."""
        return self.runs[-1] if self.runs and not self.runs[-1].end else None

    def start(self):
        """Begin a run, and train it in a task of the event loop that every kernel has."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("there is no running event loop to train in. In a script call run = begin(), and "
                               "advance(run) until it returns False.") from None
        self.task = loop.create_task(self._train(self.begin()))
        self.task.add_done_callback(_log_error)

    async def _train(self, run):
        with self.errors_shown():
            try:
                while self.advance(run, TURN):
                    await asyncio.sleep(PAUSE)
            finally:
                self._end(run, "failed")  # unless it has ended already

    def begin(self):
        """A new run with the settings of the controls, without an epoch yet; stops the one that is on."""
        with self.lock:
            self._end(self.running, "stopped")
            digits = sample.training_and_validation(dtype=np.float32)
            training = NeuralNetMLP(**FIXED, **self.state).fit_steps(*digits)
            run = Run(self.runs[-1].number + 1 if self.runs else 1, self.state, training)
            self.runs = [*self.runs, run][-RUNS:]
            self.stop_button.disabled, self.progress.value = False, 0
            self.refresh()
            return run

    def advance(self, run, seconds=math.inf):
        """Train `run` for an epoch, unless it has ended, and show it; whether there is more to do.

        After so many `seconds` the epoch is left as it is, for the next call to go on with.
        """
        training = run.training
        if training is None:
            return False
        try:
            end = time.monotonic() + seconds
            # Not under the lock: Stop need not wait for it.
            epoch = next(step for step in training if step or time.monotonic() > end)
        except FloatingPointError:
            self._end(run, "diverged")
        except Exception:
            self._end(run, "failed")
            self.refresh()
            raise
        else:
            with self.lock:
                if run.end:  # stopped in the meantime
                    return False
                if epoch is None:
                    return True
                run.epochs.append(epoch)
                self.progress.value = epoch.number
                if epoch.number == EPOCHS:
                    self._end(run, "finished")
        self.refresh()
        return not run.end

    def stop(self):
        """Stop the run that is on; its curves stay as they are."""
        self._end(self.running, "stopped")
        self.refresh()

    def reset(self):
        """Stop, forget all runs but the given one, put every control back and show that."""
        with self.lock:
            self._end(self.running, "stopped")
            self.runs, self.progress.value = list(self.first), 0
            super().reset()

    def _end(self, run, how):
        """Note how `run` ended, if it has not ended yet."""
        with self.lock:
            if run and not run.end:
                run.end, run.training = how, None
            self.stop_button.disabled = self.running is None

    # -- the picture --------------------------------------------------------------------------------

    def figure(self):
        fig = figures.new((9, 4.2))
        grid = fig.add_gridspec(2, 2, height_ratios=[2.2, 1])
        costs, accuracies, table = (fig.add_subplot(place) for place in (grid[0, 0], grid[0, 1], grid[1, :]))
        costs.set(xlabel=_("Epoch"), ylabel=_("Cost"), yscale="log", xlim=(0, EPOCHS + 1), ylim=(100, TOP),
                  title=_("Cost of the training digits"))
        costs.axhline(self.constant_cost, color=style.GREY, linestyle=":", linewidth=1)
        costs.text(EPOCHS, 1.15 * self.constant_cost, _("saying {output:.2f} everywhere").format(output=CONSTANT),
                   color="dimgrey", fontsize="small", ha="right")
        accuracies.set(xlabel=_("Epoch"), ylabel=_("Accuracy (%)"), xlim=(0, EPOCHS + 1), ylim=(0, 101),
                       title=_("Accuracy: training solid, validation dashed"))
        table.set(xlim=(0, 1), ylim=(-RUNS - 1.5, 0.5))
        table.set_axis_off()
        for name, (right, _form) in COLUMNS.items():
            table.text(right, 0, _(name), ha="right", va="center", fontsize="small", weight="bold")
        self.next = Row(table, -1, color="dimgrey")
        self.newest, *self.earlier = (Trace(costs, accuracies, table, -2 - place) for place in range(RUNS))
        self.earlier_runs = None
        return fig, [*self.next.cells, *self.newest.artists]  # the earlier stand still until another run begins

    def compute(self, **state):
        """The runs so far, newest first, and what the next would be, which is all that the controls decide."""
        return {"runs": self.runs[::-1], "settings": state}

    def draw(self, runs, settings):
        newest, *earlier = runs or [None]
        self.next.fill(_("next"), *settings.values(), self.updates(settings))
        self.newest.show(newest, newest and self.updates(newest.settings), strength=1)
        if earlier != self.earlier_runs:
            for trace, run in zip_longest(self.earlier, earlier):
                trace.show(run, run and self.updates(run.settings), FAINT)
            self.earlier_runs = earlier
            self.picture.redraw_all()
        return self._describe(newest, settings) if newest else _("Choose the settings and press Start.")

    def updates(self, settings):
        """How many updates an epoch has with these settings."""
        return len(self.labels) // settings["minibatch_size"]

    def _describe(self, run, settings):
        if run.end == "diverged":
            return _("Run {run} diverged in epoch {epoch}: its weights grew too large to compute with. Its steps are "
                     "far too "
                     "long. Try a smaller learning rate or minibatch.").format(run=run.number,
                                                                               epoch=len(run.epochs) + 1)
        state = {"finished": _("finished"), "stopped": _("stopped"),
                 "failed": _("failed")}.get(run.end, pgettext("a run that goes on", "training"))
        if run.epochs:
            number, cost, train_acc, valid_acc = run.epochs[-1]
            said = [_("Run {run} ({state}), epoch {epoch}: cost {cost:,.1f}, training {train_acc:.1%}, validation "
                      "{valid_acc:.1%}.").format(run=run.number, state=state, epoch=number, cost=cost,
                                                 train_acc=train_acc, valid_acc=valid_acc)]
            if cost > self.constant_cost and cost > min(epoch.cost for epoch in run.epochs):
                too_much = (_("That is more than saying {output:.2f} everywhere costs (and off the top of the "
                              "picture): the "
                              "steps are too long. Try a smaller learning rate or minibatch.") if cost > TOP else
                            _("That is more than saying {output:.2f} everywhere costs: the steps are too long. Try a "
                              "smaller "
                              "learning rate or minibatch."))
                said.append(too_much.format(output=CONSTANT))
        else:
            said = [_("Run {run} ({state}): no epoch is finished yet.").format(run=run.number, state=state)]
        if not run.end and settings != run.settings:
            said.append(_("The settings that you change now are for the next run."))
        return " ".join(said)


def _log_error(task):
    """Nobody awaits the task: without this only the student would learn of an error in it."""
    if not task.cancelled() and task.exception():
        get_logger().error("the training bench failed", exc_info=task.exception())
