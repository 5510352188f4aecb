"""What the lessons need of the process that they run in: set once, when `lessonkit` is imported, and stated here alone.

    the core     the `mlp_core` of the same clone, though another one is installed
    threads      one for NumPy's matrix products, unless the user has set one of `mlp_core.THREAD_VARIABLES`; training
                 on the full MNIST takes more cores all the same, for as long as it lasts
    memory       an array of some megabytes goes back to the system as soon as nobody holds it (Linux): a class shares
                 one machine

and in a kernel, so that a student's startup file changes no output of a lesson:

    NumPy        its own print options and its own error state
    IPython      its own display of numbers and lists (%precision, %pprint), and of a cell's last value alone
    warnings     are no errors
    Matplotlib   lists its fonts the first time without saying so

Nothing else is touched: lessons draw from random streams of their own, no output depends on the locale or on the order
of a set, and `style` sees to the figures. Whoever wants other settings makes them in a cell after the first.
"""

import ctypes
import importlib
import importlib.util
import logging
import sys
import warnings
from pathlib import Path

import numpy as np

PRINTING = {"precision": 8, "threshold": 1000, "edgeitems": 3, "linewidth": 75, "suppress": False, "nanstr": "nan",
            "infstr": "inf", "formatter": None, "sign": "-", "floatmode": "maxprec", "legacy": False}
ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}
M_MMAP_THRESHOLD, LARGE = -3, 4 * 2**20  # from malloc.h; bytes
DISPLAY = {"float_precision": "", "pprint": True, "max_seq_length": 1000, "max_width": 79}


def set_up():
    """Set all of it."""
    core = own_core()
    core._blas().limit()
    give_memory_back()
    if shell := _kernel():
        display = shell.display_formatter.formatters["text/plain"]
        for name, value in DISPLAY.items():
            setattr(display, name, value)  # before NumPy: the precision sets that of NumPy too
        shell.ast_node_interactivity = "last_expr"
        np.set_printoptions(**PRINTING)
        np.seterr(**ERRORS)
        warnings.filters[:] = [filter_ for filter_ in warnings.filters if filter_[0] != "error"]
        warnings.simplefilter("default", append=True)  # tells the interpreter of the change above
        logging.getLogger("matplotlib.font_manager").addFilter(_is_not_about_the_list)


def give_memory_back():
    """Let large arrays be mapped one by one, where the C library is glibc.

    By itself it keeps the room of a large array that was freed, up to 64 MB, and soon puts all of 25 MB into that room.
    """
    try:
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)
    except (AttributeError, OSError, TypeError):
        pass  # macOS, Windows, musl, a browser: nothing to set


def own_core(place=Path(__file__)):
    """The `mlp_core` that belongs to this package, imported; ImportError if another one was imported before.

    In a clone it is two folders further up, in an installation beside the package.
    """
    up = place.resolve().parents
    path = next((folder / "mlp_core.py" for folder in up[1:3] if (folder / "mlp_core.py").exists()), None)
    if path is None:
        return importlib.import_module("mlp_core")
    core = sys.modules.get("mlp_core")
    if core is None:
        spec = importlib.util.spec_from_file_location("mlp_core", path)
        core = sys.modules["mlp_core"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(core)
    elif not path.samefile(core.__file__):
        raise ImportError(f"two copies of the course are mixed: lessonkit is from {up[0]}, but mlp_core was imported "
                          f"from {core.__file__} before. Restart the kernel and import lessonkit first, or install "
                          f"this copy: `pip install -e {path.parent}`.")
    return core


def _is_not_about_the_list(record):
    return "building the font cache" not in record.getMessage()


def _kernel():
    """IPython's shell where this runs in one, a kernel or a terminal; else None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
