"""A student's own settings, made before the course begins, and how to have them in a test."""

import os

# Each changes a picture where the course's style is not on; a test proves it.
SETTINGS = {
    "image.origin": "lower", "image.cmap": "hot", "font.size": 18, "font.family": "monospace",
    "axes.unicode_minus": False, "axes.facecolor": "black", "text.color": "red", "lines.linewidth": 5,
    "axes.grid": True, "axes.titlelocation": "left", "xtick.direction": "in", "legend.loc": "center",
    "patch.force_edgecolor": True, "figure.dpi": 50, "savefig.dpi": 40, "savefig.bbox": "tight",
    "savefig.facecolor": "black", "figure.autolayout": True, "path.sketch": (1, 100, 2)}

# The same before Matplotlib is imported, and what no running program may set: a backend that does not exist.
MATPLOTLIBRC = """\
backend: NoSuchBackend
image.origin: lower
font.size: 18
font.family: No Such Font
axes.unicode_minus: False
savefig.dpi: 40
savefig.bbox: tight
figure.autolayout: True
text.usetex: True
"""

# What IPython runs as a kernel starts. `settings_changed` names the settings that a lesson has not left alone.
STARTUP = """\
import warnings

import matplotlib.style
import numpy as np

matplotlib.style.use("dark_background")
matplotlib.rcParams.update({"image.origin": "lower", "axes.grid": True, "lines.linewidth": 7, "text.usetex": True})
np.set_printoptions(precision=2, threshold=5, sign="+", linewidth=40)
np.seterr(all="raise")
warnings.simplefilter("error")
own = dict.copy(matplotlib.rcParams)


def settings_changed():
    return [name for name, setting in own.items() if setting != dict.get(matplotlib.rcParams, name)]
"""


def write_profile(folder):
    """Write the student's files into `folder`; the environment, a dict, of a process that finds them."""
    startup = folder / "ipython" / "profile_default" / "startup" / "00-own.py"
    startup.parent.mkdir(parents=True)
    startup.write_text(STARTUP, encoding="utf-8")
    (folder / "matplotlibrc").write_text(MATPLOTLIBRC, encoding="utf-8")
    return os.environ | {"IPYTHONDIR": str(folder / "ipython"), "MATPLOTLIBRC": str(folder / "matplotlibrc")}, startup
