"""The Python that repeats a run with `mlp_core` alone, to the bit on the same computer."""

import inspect
from itertools import groupby
from numbers import Integral

from .. import best_run
from ..words import N_, _
from .settings import ALL_DIGITS

INDENT = " " * 4
RESULT = """\
cost, train_acc, valid_acc = (values[-1] for values in nn.eval_.values())
print(f"{said}")"""
SAID = N_("cost {cost:.2f}, training {train_acc:.2%}, validation {valid_acc:.2%}")


def as_code(run, epoch=None):
    """The program after which its network `nn` has the weights that `run` had after `epoch`; 0 is before training.

    Without `epoch` it has those of now, be it within an epoch, with all that was set by hand.
    """
    done = len(run.epochs)
    if epoch is not None and not (isinstance(epoch, Integral) and 0 <= epoch <= done):
        raise ValueError(_("run {number} has no epoch {epoch}; expected one from 0 to {done}.").format(
            number=run.number, epoch=epoch, done=done))
    stop = run.step if epoch is None else run.last_step(epoch)
    before = [edit for edit in run.edits if edit.step < stop]
    at_the_end = [edit for edit in run.edits if edit.step == stop and epoch is None]
    lines = [*_head(run.settings, stop), *_training(run, before, stop), *map(_setting, at_the_end)]
    if stop >= run.last_step(1):
        lines.append(RESULT.replace("{said}", _(SAID)))
    return "\n".join(lines) + "\n"


def _head(settings, stop):
    """The lines down to the untrained network."""
    functions = [function for function in settings.fit_options().values() if function and stop]
    if functions or not stop:
        yield "import numpy as np"
    yield f"from mlp_core import NeuralNetMLP{', load_mnist' if stop else ''}"
    yield ""
    for function in functions:
        yield inspect.getsource(function).replace("SIDE", str(best_run.SIDE))
    if stop:
        yield 'digits = load_mnist("sample")'
    yield f"nn = NeuralNetMLP({', '.join(f'{name}={value!r}' for name, value in settings.of_network().items())})"


def _training(run, before, stop):
    """The lines that train it for `stop` steps, and set on the way what was set by hand `before`."""
    if not stop:
        yield "nn._init_weights(784, 10, np.float32)"
        return
    settings = run.settings
    data, n = "*digits[:4]", settings.digits
    if n < ALL_DIGITS:
        yield f"data = digits.X_train[:{n}], digits.y_train[:{n}], digits.X_valid, digits.y_valid"
        data = "*data"
    options = "".join(f", {name}={function.__name__}"
                      for name, function in settings.fit_options().items() if function)
    places = {run.place(step): list(edits) for step, edits in groupby(before, key=lambda edit: edit.step)}
    stop_at, to_the_end = run.place(stop), stop == run.last_step(settings.epochs)
    if to_the_end and not places:
        yield f"nn.fit({data}{options}, progress=False)"
        return
    within = any(minibatches for _epochs, minibatches in (*places, stop_at))
    if within:
        # By a name: a training that nobody holds ends, and takes back the epoch that it is in.
        yield f"training = nn.fit_steps({data}{options})"
        yield "done = minibatches = 0  # " + _("finished epochs, and minibatches since")
        yield "for epoch in training:"
        yield f"{INDENT}done, minibatches = (epoch.number, 0) if epoch else (done, minibatches + 1)"
    else:
        yield f"for epoch in nn.fit_epochs({data}{options}):"
    for place, edits in places.items():
        yield f"{INDENT}if {_at(place, within)}:"
        yield from (f"{INDENT * 2}{_setting(edit)}" for edit in edits)
    if not to_the_end:
        yield f"{INDENT}if {_at(stop_at, within)}:"
        yield f"{INDENT * 2}break"


def _at(place, within):
    return f"(done, minibatches) == {place}" if within else f"epoch.number == {place[0]}"


def _setting(edit):
    """The line that sets a weight by hand."""
    return f"nn.{edit.name}[{', '.join(map(str, edit.index))}] = {edit.value!r}"
