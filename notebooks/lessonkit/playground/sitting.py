"""A sitting at the playground: runs that are trained, paused, looked back at and changed by hand; nothing of a page.

    sitting = Sitting(Settings(eta=0.01))
    sitting.start()
    while sitting.advance():        # an epoch at a time, or less where `seconds` are given
        ...
    sitting.look_at(sitting.run, 3)
    sitting.seen()                  # the network as it was after epoch 3
"""

import math
import threading
import time

import numpy as np

from mlp_core import Diverged

from ..words import _
from .records import N_CLASSES, N_PIXELS, Run
from .settings import Settings

KEPT = 40_000_000  # bytes of weights that are kept of earlier runs; those of the present one are kept all


class Sitting:
    """The runs of a student at one playground.

    Attributes
    ----------
    run : the present `Run`; it belongs to `runs`, the oldest first, from its first step on.
    network : the `NeuralNetMLP` that is trained in it, as it is now.
    place : None while one looks at the present network, else (run, epoch), an earlier state that is kept.

    A run goes on while its `end` is empty. Methods may be called from several threads; `pause` waits for none of them.
    """

    def __init__(self, settings=Settings()):
        self.lock = threading.RLock()
        self.runs, self.run, self._steps = [], None, None
        self.prepare(settings)

    # -- training -----------------------------------------------------------------------------------

    def prepare(self, settings, planned=()):
        """Make the next run ready, before its first step; the present one, if it is not over, is stopped.

        `planned` are the edits of a run that is to be repeated: they are made again by themselves.
        """
        network = settings.network()
        network._init_weights(N_PIXELS, N_CLASSES, np.float32)  # to be seen; `fit_steps` will draw the same
        run = Run(self.runs[-1].number + 1 if self.runs else 1, settings, end="paused", planned=list(planned))
        run.keep(network)
        with self.lock:
            self._close("stopped")
            self.network, self.run, self.place = network, run, None
            self._forget()

    def start(self, until=math.inf):
        """Let the run go on, to the step `until` or to its end; `advance` trains it."""
        with self.lock:
            if not self.over:
                self._until, self.run.end, self.place = until, "", None

    def pause(self):
        """Let the run rest after the step that it is in."""
        run = self.run
        if not run.end:
            run.end = "paused"

    def advance(self, seconds=math.inf):
        """Train for at most so many seconds, and at most to the end of the epoch; whether the run goes on."""
        limit = time.monotonic() + seconds
        with self.lock:
            while self.going:
                epoch = self._step()
                if self.run.step >= self._until:
                    self.pause()
                if epoch or time.monotonic() > limit:
                    break
            return self.going

    @property
    def going(self):
        return not self.run.end

    @property
    def over(self):
        """Whether the run has come to an end and cannot go on."""
        return self.run.end not in ("", "paused")

    @property
    def epoch_done(self):
        """The number of the step with which the present epoch is done."""
        return self.run.last_step(len(self.run.epochs) + 1)

    @property
    def minibatch_done(self):
        """The number of the step with which the next minibatch is done; after an epoch's last one it is evaluated."""
        done, end = self.run.step + 1, self.epoch_done
        return done if done < end - 1 else end

    def _step(self):
        """A step of training, or a part of the one in which an epoch is evaluated; the `Epoch` if it ends one."""
        run = self.run
        try:
            if self._steps is None:
                self._steps = self.network.fit_steps(*run.settings.digits_to_train(), **run.settings.fit_options())
                self.runs = [*self.runs, run]
            epoch = next(self._steps)
        except Diverged:
            self._close("diverged")
            return None
        except BaseException:
            self._close("failed")
            raise
        if epoch:
            run.step = run.last_step(epoch.number)
            run.keep(self.network, epoch)
        else:
            run.step = min(run.step + 1, self.epoch_done - 1)
        run.set_planned(self.network)
        if len(run.epochs) == run.settings.epochs:
            self._close("finished")
        return epoch

    def _close(self, end):
        """End the run, unless it has ended, and let go of its digits; what an unfinished epoch has done is undone."""
        if self.run and not self.over:
            self.run.end = end
        if self._steps:
            self._steps.close()
        self._steps = None
        if self.run and end in ("diverged", "failed"):  # the network is as it was after the last finished epoch
            self.run.step = self.run.last_step(len(self.run.epochs))
            self.run.edits = [edit for edit in self.run.edits if edit.step <= self.run.step]

    def _forget(self):
        """Drop the weights of the earliest runs, as soon as those of all earlier ones take too much memory."""
        kept = 0
        for run in reversed(self.runs):
            kept += sum(array.nbytes for weights in run.weights for array in weights.values())
            if kept > KEPT:
                run.weights = []

    # -- looking, and changing by hand --------------------------------------------------------------

    def look_at(self, run, epoch):
        """Look at `run` as it was after `epoch`, from 0 to its last; ValueError if that is not kept."""
        run.weights_after(epoch)
        self.place = run, epoch

    def look_at_now(self):
        """Look at the present network, and go on looking at it while it learns."""
        self.place = None

    def seen(self):
        """The network that one looks at."""
        with self.lock:
            if self.place is None:
                return self.network
            run, epoch = self.place
            network = run.settings.network()
            vars(network).update(run.weights[epoch])
            return network

    def set_weight(self, name, index, value):
        """Set a weight of the present network, and note it in the run, which goes on with it.

        ValueError, and nothing changes, where one looks at an earlier epoch, before the first minibatch, and if there
        is no such weight or number.
        """
        with self.lock:
            if self.place is not None:
                raise ValueError(_("this is an earlier state, which is kept as it was. Move the epoch to its end to "
                                   "set a weight of the present network."))
            while self.run.step and self.run.step == self.epoch_done - 1 and not self.over:
                self._step()  # an epoch is evaluated to its end, so that its figures are those of its weights
            if self.going and self.run.step >= self._until:
                self.pause()  # it was to go no further than this epoch
            return self.run.set_weight(self.network, name, index, value)
