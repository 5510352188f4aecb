"""How every figure of the course looks: set while one is drawn, and gone afterwards.

    with style.course():
        fig = Figure()
        ...

What is drawn within it looks the same whatever matplotlibrc, style sheet or theme the user has chosen, and the user's
own figures keep theirs.
"""

import contextlib
import functools

import matplotlib
import matplotlib.style
from cycler import cycler

# Okabe and Ito's colours, told apart in every common kind of colour blindness; the line style changes with
# the colour, so that a black-and-white print can be read too.
BLUE, ORANGE, GREEN, PURPLE, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
GREY = "#888888"

COURSE = {
    "figure.dpi": 100,
    "figure.figsize": (6.4, 3.6),
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, SKY, RED],
                              linestyle=["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1))]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "image.cmap": "viridis",
    "image.interpolation": "nearest",
    "legend.frameon": False,
}


@contextlib.contextmanager
def course():
    """Within it, or in a function that it decorates, Matplotlib draws in the course's style."""
    # What rc_context does, without its checks of values that have been checked: they take a millisecond a move.
    before = {name: dict.__getitem__(matplotlib.rcParams, name) for name in _complete()}
    dict.update(matplotlib.rcParams, _complete())
    try:
        yield
    finally:
        dict.update(matplotlib.rcParams, before)


@functools.cache
def _complete():
    """Every setting: Matplotlib's own defaults and the course's changes to them; but never the user's backend."""
    with matplotlib.rc_context():
        matplotlib.style.use(["default", COURSE])
        settings = dict.copy(matplotlib.rcParams)  # not dict(...): that would ask for the backend, and so load one
    return {name: value for name, value in settings.items() if not name.startswith("backend")}
