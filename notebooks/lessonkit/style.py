"""How every figure of the course looks: set while one is drawn, and gone afterwards.

    with style.course():
        fig = Figure()
        ...

What is drawn within it looks the same whatever matplotlibrc, style sheet or theme the user has chosen, and the user's
own figures keep theirs.

Matplotlib's own font, DejaVu Sans, has no Hangul. In Korean a second font stands behind it, which draws what the first
lacks: letters, digits and signs that the first has look as in English. It is a file of a package, whose module is never
imported, since that would change all figures of the user.
"""

import contextlib
import dataclasses
import functools
import importlib.metadata
import warnings

import matplotlib
import matplotlib.style
from cycler import cycler
from matplotlib import font_manager

from . import words

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
FONT = "DejaVu Sans"
# For a language whose letters it lacks: a package, its font files, regular and bold; and fonts of systems, by name.
PACKAGED = {"ko": ("koreanize-matplotlib", ("koreanize_matplotlib/fonts/NanumGothic.ttf",
                                            "koreanize_matplotlib/fonts/NanumGothicBold.ttf"))}
OF_SYSTEMS = {"ko": ("NanumGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo")}


@contextlib.contextmanager
def course():
    """Within it, or in a function that it decorates, Matplotlib draws in the course's style."""
    # What rc_context does, without its checks of values that have been checked: they take a millisecond a move.
    settings = _complete(words.language())
    before = {name: dict.__getitem__(matplotlib.rcParams, name) for name in settings}
    dict.update(matplotlib.rcParams, settings)
    try:
        yield
    finally:
        dict.update(matplotlib.rcParams, before)


@functools.cache
def _complete(language):
    """Every setting: Matplotlib's own defaults and the course's changes to them; but never the user's backend."""
    second = second_font(language)
    with matplotlib.rc_context():
        matplotlib.style.use(["default", COURSE | ({"font.family": [FONT, second]} if second else {})])
        settings = dict.copy(matplotlib.rcParams)  # not dict(...): that would ask for the backend, and so load one
    return {name: value for name, value in settings.items() if not name.startswith("backend")}


@functools.cache
def second_font(language):
    """The name of the font for the letters that `FONT` lacks in a language; None where it lacks none, or there is none.

    That of the package is made known to Matplotlib, by its name alone.
    """
    if language not in PACKAGED:
        return None
    package, files = PACKAGED[language]
    try:
        paths = [str(importlib.metadata.distribution(package).locate_file(file)) for file in files]
        for path, weight in zip(paths, (400, 700)):
            font_manager.fontManager.addfont(path)
            # Matplotlib takes a bold font for a semibold one where its file says both, and would say so each time.
            font_manager.fontManager.ttflist[-1] = dataclasses.replace(font_manager.fontManager.ttflist[-1],
                                                                       weight=weight)
        return font_manager.get_font(paths[0]).family_name
    except (importlib.metadata.PackageNotFoundError, OSError):
        known = font_manager.get_font_names()
        found = next((name for name in OF_SYSTEMS[language] if name in known), None)
    if found is None:  # said once, and not for each letter
        warnings.warn(f"No font has the letters of this language, so pictures show boxes: `pip install {package}`, "
                      f"then "
                      "restart the kernel.", stacklevel=2)
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
    return found


def with_formula(text):
    """The Matplotlib `text`, of a formula and words: they are drawn in one font, which must have all letters."""
    if second := second_font(words.language()):
        text.set_fontfamily(second)
    return text
