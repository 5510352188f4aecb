"""Drives an explorer as a student would: every control to both ends, then at random, and back."""

import numpy as np
import pytest

from lessonkit import live


def shown(widget):
    """What an explorer or a guess puts under its cell: the data of each output."""
    outputs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "display", lambda data, raw: outputs.append(data))
        widget._ipython_display_()
    return outputs


def values_of(control):
    """All values that `control` can take, in order."""
    if hasattr(control, "options"):
        return [option[1] if isinstance(option, tuple) else option for option in control.options]
    steps = round((control.max - control.min) / control.step)
    return [type(control.value)(round(control.min + step * control.step, 10)) for step in range(steps + 1)]


def drive(explorer, check, moves=200, seed=1):
    """Move every control to both ends, then make random moves, then reset.

    `check(explorer)` compares what the artists of the picture hold with what the core computes for `explorer.state`;
    it is called after every move. A control that leaves the picture as it was is an error, as is a Reset that leads
    to another picture than the first.
    """
    check(explorer)
    first = explorer._image.value
    for name, control in explorer.widgets.items():
        pictures = []
        for value in (values_of(control)[0], values_of(control)[-1]):
            control.value = value
            check(explorer)
            pictures.append(explorer._image.value)
        assert pictures[0] != pictures[1], f"{name} does not change the picture"
        explorer.reset()
    random = np.random.RandomState(seed)
    names = list(explorer.widgets)
    for _ in range(moves):
        control = explorer.widgets[names[random.randint(len(names))]]
        choices = values_of(control)
        control.value = choices[random.randint(len(choices))]
        check(explorer)
    explorer.reset()
    check(explorer)
    assert explorer.state == explorer.defaults and explorer._image.value == first
