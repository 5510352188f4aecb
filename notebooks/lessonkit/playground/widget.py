"""The playground itself: every setting of the network, its training, and all that is seen of it.

    from lessonkit.playground import Playground
    Playground()
"""

import asyncio
import contextlib
import copy
import time
import weakref
from numbers import Integral

import ipywidgets as widgets
import numpy as np

from mlp_core import WEIGHTS

from ..explorers import sample
from ..explorers.base import Explorer
from ..explorers.training import _log_error
from ..words import N_, _
from . import controls, scene, telling, views
from .settings import NAMES, Settings
from .sitting import Sitting
from .stage import PANELS, Stage, curves
from .twin import Twin

TURN, REST = 0.04, 0.01  # seconds of training, and for everything else, by turns: Pause, a click, another cell
FRAME = 0.1  # seconds from one scene to the next
SHARE = 5  # of the time, at most one part in so many is for scenes
PATIENCE = 1  # seconds to wait for a page that does not say that it has painted
DISPLAYED = weakref.WeakSet()  # the playgrounds that have been on a page
BUTTONS = ("start", "pause", "one_epoch", "one_minibatch", "new_run", "reset")


class Playground(Explorer):
    """The whole network in one's hands: set it up, train it, stop it anywhere, look into it, change a weight.

    `hide` names controls, buttons and pictures that are not to be shown: settings such as "dropout", some of `BUTTONS`,
    some of `PANELS`. Settings by name are what the controls begin with; the default is the run of lessons 4 to 6.

    On a page it trains in a task that gives way to everything else many times a second. `train(epochs)` is for a cell.
    """

    name = N_("Playground")
    alt = N_("The playground: cost and accuracies of the runs, the spread of the weights, the weights of all hidden "
             "units as images, the digits that are answered wrongly, and the confusion matrix.")

    def __init__(self, hide=(), **settings):
        self.hide, self.first = _checked_names(hide), Settings(**settings)
        self.sitting, self.task = Sitting(self.first), None
        self.X, self.y = sample.pixels("valid", dtype=np.float32), sample.labels("valid")
        self.stage = Stage(panels=[name for name in PANELS if name not in self.hide],
                           digits=sample.as_bytes("valid").tobytes())
        self._sent, self._sent_at, self._cost = 0, 0.0, 0.0  # the last scene: its number, when, what it took
        self._seen = None, None, None  # the state that is looked at, its network, and the digits passed through it
        self._last = None  # the last of these that could be shown, with a copy of the network
        self._shown = None  # the state and the choices of the last scene
        self._watchers = []  # what is called when something else is shown
        self.table = None  # the `RunsTable` that follows this playground
        super().__init__()
        settings, buttons, *_picture = self.box.children
        self.box.children = [settings, buttons, self._text, self._message, self.stage, self._page]
        self.stage.observe(self._on_choice, names=["unit", "digit", "weight"])
        self.stage.observe(self._on_asked, names="asked")
        self.stage.on_msg(self._on_message)

    def controls(self):
        return controls.make(self.first)

    def rows(self):
        self.buttons = {
            "start": self.button(_("Start"), self.start, _("Train; a run that rests goes on")),
            "pause": self.button(_("Pause"), self.pause, _("Let the run rest")),
            "one_epoch": self.button(_("One epoch"), self.one_epoch, _("Train to the end of the epoch")),
            "one_minibatch": self.button(_("One minibatch"), self.one_minibatch, _("Make one update of the weights")),
            "new_run": self.button(_("New run"), self.new_run, _("Begin another run: draw its first weights")),
            "reset": self.button(_("Reset"), self.reset, _("Forget all runs, put every control back"))}
        shown = [button for name, button in self.buttons.items() if name not in self.hide]
        for button in shown:
            button.layout = widgets.Layout(flex="1 0 auto", width="auto", max_width="12em")
        return [controls.group(self.widgets, self.hide),
                widgets.HBox(shown, layout=widgets.Layout(flex_flow="row wrap"))]

    # -- training -----------------------------------------------------------------------------------

    def start(self):
        """Let the run go on; one that is over, or has other settings than the controls, gives way to a new one."""
        self._go(lambda: np.inf)

    def one_epoch(self):
        self._go(lambda: self.sitting.epoch_done)

    def one_minibatch(self):
        self._go(lambda: self.sitting.minibatch_done)

    def pause(self):
        self.sitting.pause()
        self.refresh()

    def new_run(self):
        """Make a run with the settings of the controls ready, and show its first weights."""
        with self.lock:
            self.stage.refused = ""
            self.sitting.prepare(controls.get(self.state))
            self.refresh()

    def reset(self):
        """Forget all runs, put every control back, choose the first unit and digit again, and show that."""
        with self.lock:
            self.sitting.pause()
            self.sitting, self.stage.refused = Sitting(self.first), ""
            for name in ("unit", "digit", "weight"):
                setattr(self.stage, name, self.stage.traits()[name].default())
            self._put(self.first)  # takes away, too, what a line had added to their choices
            super().reset()

    def train(self, epochs):
        """Train for so many epochs at once, without a page; for a cell that is to show a trained network."""
        if not isinstance(epochs, Integral) or isinstance(epochs, bool) or epochs < 1:
            raise ValueError(_("epochs is {value!r}; expected an integer of at least 1.").format(value=epochs))
        with self.lock:
            self._make_ready()
            run = self.sitting.run
            self.sitting.start(run.last_step(len(run.epochs) + epochs))
            try:
                while self.sitting.advance():
                    pass
            finally:  # an interrupted run, too, is shown as it is
                self.refresh()

    @property
    def runs(self):
        """The runs of the sitting, oldest first, from their first minibatch on."""
        return self.sitting.runs

    def watch(self, call):
        """From now on call `call()` whenever something else is shown: after an epoch, a new run, a Reset."""
        self._watchers.append(call)

    def unwatch(self, call):
        """Call `call()` no more."""
        self._watchers.remove(call)

    def repeat(self, settings, planned=()):
        """Train with these `settings` to the end, and set by hand on the way what was `planned`, a list of `Edit`."""
        with self.lock:
            self._put(settings)
            self.sitting.prepare(settings, planned)
            self.start()

    def _put(self, settings):
        self._resetting = True  # one picture at the end, not one for every control
        try:
            controls.put(self.widgets, settings)
        finally:
            self._resetting = False

    def _go(self, until):
        """Train in a task of the event loop that every kernel has, until the place that `until` gives."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("there is no running event loop to train in. In a script call train(epochs).") from None
        with self.lock:
            self._make_ready()
            self.sitting.start(until())
            if self.task is None or self.task.done():
                self.task = loop.create_task(self._train())
                self.task.add_done_callback(_log_error)

    def _make_ready(self):
        """Prepare a run with the settings of the controls, unless the present one has them and can go on."""
        self.stage.refused = ""  # its reason may be gone
        settings = controls.get(self.state)
        if self.sitting.over or settings != self.sitting.run.settings:
            self.sitting.prepare(settings)

    async def _train(self):
        with self.errors_shown():
            try:
                while self.sitting.advance(TURN):
                    await asyncio.sleep(REST)
                    if self.sitting.going and self._frame_is_due():
                        self.show()
                        await asyncio.sleep(REST)  # a scene can take as long as a turn
            finally:
                self.show()

    def _frame_is_due(self):
        waited = time.monotonic() - self._sent_at
        return waited > max(FRAME, SHARE * self._cost) and (self.stage.painted == self._sent or waited > PATIENCE)

    # -- what is shown ------------------------------------------------------------------------------

    def refresh(self):
        """Show the state that the controls are in; before its first minibatch a run follows them."""
        with self.lock, self.errors_shown():
            settings = controls.get(self.state)
            if not self.sitting.run.step and not self.sitting.going and settings != self.sitting.run.settings:
                self.sitting.prepare(settings)
            self.show()

    def show(self):
        """Send the page what is to be seen of the network that one looks at; what the sentence then says is there."""
        with self.lock, self.sitting.lock:
            began = time.monotonic()
            self._look()
            self._show_scene()
            self.stage.place = self._place()
            self.stage.curves = curves(self.sitting.runs, self.sitting.place)
            self.buttons["pause"].disabled = not self.sitting.going
            self.sentence = self._tell()
            self.show_text()
            self._sent_at = time.monotonic()
            self._cost = self._sent_at - began
        for call in tuple(self._watchers):
            call()

    def _tell(self):
        settings = None
        with contextlib.suppress(ValueError):  # it has been said when a control was moved
            settings = controls.get(self.state)
        said = telling.tell(self.sitting, settings)
        return said if self._seen[-1].finite else said + " " + _(
            "Its weights are too large to compute with, so the pictures stay as they were.")

    def _look(self):
        """Pass the digits through the network that one looks at, unless it has been done."""
        sitting, run = self.sitting, self.sitting.run
        state = sitting.place or (run, run.step, run.end, len(run.edits))
        if self._seen[0] != state:  # the choice of another unit or digit passes no digit anew
            nn = sitting.seen()
            self._seen = state, nn, views.forward(nn, self.X, self.y)
            if self._seen[-1].finite:
                self._last = state, _copied(nn), self._seen[-1]

    def _show_scene(self):
        """Send the scene of the network that one looks at, or of the last that did not overflow, if it is a new one."""
        state, nn, passed = self._last
        self.stage.unit = min(self.stage.unit, len(nn.b_h) - 1)
        chosen = self.stage.unit, self.stage.digit, self.stage.weight
        if self._shown != (state, chosen):
            self._shown = state, chosen
            self._sent += 1
            self.stage.scene = scene.of(nn, passed, *chosen) | {"number": self._sent}

    def _place(self):
        """What of the runs is shown: the run, the epoch, and the last place; that of the present run is the present.

        With the count of what has been asked: where it cannot be shown, the page hears too, and puts its controls back.
        """
        sitting = self.sitting
        run, epoch = sitting.place or (sitting.run, None)
        under_way = run is sitting.run and run.step > run.last_step(len(run.epochs))
        last = len(run.epochs) + under_way
        return {"runs": [each.number for each in self._runs], "run": run.number, "last": last,
                "epoch": last if epoch is None else epoch, "asked": self.stage.asked[2]}

    @property
    def _runs(self):
        """The runs of the sitting, with the one that is ready to begin."""
        sitting = self.sitting
        return sitting.runs if sitting.run in sitting.runs else [*sitting.runs, sitting.run]

    def _on_asked(self, change):
        number, epoch, _count = change["new"]
        run = next((run for run in self._runs if run.number == number), None)
        if run is None:  # a Reset came first: the page is told what is shown instead
            self.show()
        else:
            self.look_at(run, epoch if 0 <= epoch < len(run.weights) else None)

    def look_at(self, run, epoch=None):
        """Look at a `run` of the sitting as it was after `epoch`; without one, as it is or was at its end."""
        with self.lock, self.errors_shown():
            self.stage.refused = ""
            try:
                last = len(run.epochs)
                if run is self.sitting.run and (epoch is None or epoch == last and run.step == run.last_step(last)):
                    self.sitting.look_at_now()
                else:
                    self.sitting.look_at(run, last if epoch is None else epoch)
            finally:
                self.show()

    def _on_choice(self, change):
        with self.lock, self.errors_shown():
            self.stage.refused = ""
            self.show()

    def _on_message(self, stage, content, buffers):
        """A value for the chosen weight: set it, or say on the page why it cannot be set."""
        layer, place = self.stage.weight
        with self.lock:
            try:
                self.sitting.set_weight(layer, scene.index_of(layer, place, self.stage.unit), _number(content["set"]))
            except ValueError as error:
                self.stage.refused = str(error)
            else:
                self.stage.refused = ""
            self.show()

    @contextlib.contextmanager
    def errors_shown(self):
        """Within it, an error is shown to the student, and raised too if it is none of the student's own making."""
        with contextlib.suppress(ValueError), super().errors_shown():
            yield

    # -- the still twin -----------------------------------------------------------------------------

    def figure(self):
        self.twin = Twin()
        return self.twin.fig, []

    def compute(self, **state):
        """What the page shows: the network that one looks at, or the last that did not overflow.

        In float64, so that the twin is the same on every machine.
        """
        self._look()
        _state, nn, _passed = self._last
        twin = self.sitting.run.settings.network()
        vars(twin).update({name: getattr(nn, name).astype(float) for name in WEIGHTS})
        return {"runs": [run for run in self.sitting.runs if run.epochs], "nn": twin,
                "passed": views.forward(twin, self.X, self.y)}

    def draw(self, runs, nn, passed):
        self.twin.draw(runs, nn, self.X, passed)
        self.picture.redraw_all()
        return self._tell()

    def _rest_the_others(self):
        """A cell that is run again takes the buttons of the playground before off the page, so that one rests."""
        for other in tuple(DISPLAYED):
            if other is not self and other.sitting.going:
                other.pause()
        DISPLAYED.add(self)

    def _ipython_display_(self, **_kinds):
        self._rest_the_others()
        with self.lock, self.sitting.lock:
            self.show_state(**self.state)  # nothing but the twin needs this picture
            super()._ipython_display_()

    def __repr__(self):
        return "Playground()"


def _copied(nn):
    """`nn` with weights of its own, which no weight that is set later changes."""
    own = copy.copy(nn)
    vars(own).update({name: getattr(nn, name).copy() for name in WEIGHTS})
    return own


def _number(text):
    try:
        return float(text)
    except ValueError:
        raise ValueError(_('"{text}" is no number. Expected a finite number, such as 0.25.').format(
            text=text[:20])) from None


def _checked_names(hide):
    names = (*NAMES, *BUTTONS, *PANELS)
    hide = [hide] if isinstance(hide, str) else list(hide)
    for name in hide:
        if name not in names:
            raise ValueError(_("hide has {name!r}; expected names among {names}.").format(
                name=name, names=", ".join(names)))
    return hide
