"""Widgets on the page: shown with a still twin, and with what a screen reader, a keyboard and a phone need.

ipywidgets' sliders have no name, and nothing tells of a new sentence. A `Page` in the same box as they are mends that
where it shows, in the browser: see live.js and, for narrow pages, live.css. ipywidgets' pictures have no alternative
text and come a frame late: `Image` (image.js) stands for them. All work with ipywidgets 8 (JupyterLab, Notebook 7,
VS Code) and 7 (Colab).
"""

from pathlib import Path

import anywidget
import traitlets
from IPython.display import display

from .words import _

HERE = Path(__file__).parent


class Image(anywidget.AnyWidget):
    """A picture that is replaced while one looks: `value` holds its PNG, `alt` says what it shows."""

    _esm = (HERE / "image.js").read_text(encoding="utf-8")
    _css = ".lesson-image img { display: block; max-width: 100%; height: auto; }"
    value = traitlets.Bytes().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)

    def __repr__(self):
        return "Image()"


class Page(anywidget.AnyWidget):
    """A part of a box that names the other parts, and reads out `sentence` once it has come to rest; shows nothing."""

    _esm = (HERE / "live.js").read_text(encoding="utf-8")
    _css = (HERE / "live.css").read_text(encoding="utf-8")
    name = traitlets.Unicode().tag(sync=True)  # of the whole box
    sentence = traitlets.Unicode().tag(sync=True)
    restarted = traitlets.Unicode().tag(sync=True)
    value_of = traitlets.Unicode().tag(sync=True)  # the name of the field beside a slider, {label} for the slider's

    @traitlets.default("restarted")
    def _default_restarted(self):
        return _("The kernel has been restarted, so nothing here answers any more. Run this cell again.")

    @traitlets.default("value_of")
    def _default_value_of(self):
        return _("{label}, value")

    def __repr__(self):
        return "Page()"


def tooltip(kind, text):
    """What gives a widget of the class `kind` the tooltip `text`, as a keyword.

    ipywidgets 7 has another name for it.
    """
    return {"tooltip" if "tooltip" in kind.class_traits() else "description_tooltip": text}


def show(box, still, text):
    """Show the widget `box` under the cell; before it its twin, `still` (HTML) and `text`, for where no widget runs.

    Two outputs, not one with a choice: the twin must come back when the notebook is opened without its kernel, and a
    front end that has chosen the widget does not choose again. The box's `Page` hides the twin as long as it is there
    itself. And `display`, not the value of the cell: Colab's manager of widgets sees no other.
    """
    enable_in_colab()
    display({"text/html": f'<div class="still-twin">{still}</div>', "text/plain": text}, raw=True)
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)


def enable_in_colab():
    """Let Colab show widgets that it does not know itself; nothing to do elsewhere."""
    try:
        from google.colab import output
    except ImportError:
        return
    output.enable_custom_widget_manager()  # once is enough, and again does no harm
