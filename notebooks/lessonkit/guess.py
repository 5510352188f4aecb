"""Predict, then run: a widget that keeps a guess, and shows it beside the result."""

import html

import ipywidgets as widgets

from . import live
from .words import N_, _

LABEL = N_("Your guess")


class Guess:
    """A student's guess: one of `options`, or free text if there are none.

    Its cell stands right under the question; the cell with the result ends on `guess.beside(result)`.
    """

    def __init__(self, *options):
        self.options = options
        if options:
            # Not radio buttons: their arrow keys are taken by JupyterLab, which moves to the next cell.
            self.widget = widgets.ToggleButtons(options=options, value=None, description=_(LABEL),
                                                style={"button_width": "auto"}, layout={"width": "auto"},
                                                **live.tooltip(widgets.ToggleButtons, _(LABEL)))
        else:
            self.widget = widgets.Text(placeholder=_("write it down, then run the next cell"), description=_(LABEL),
                                       layout={"width": "40em", "max_width": "100%"})
        self.box = widgets.VBox([self.widget, live.Page(name=_(LABEL))])
        self.box.add_class("guess")

    @property
    def value(self):
        """The guess as text; empty as long as there is none."""
        return self.widget.value or ""

    def beside(self, result):
        """A table of two cells to end a cell on: the guess, and `result`, a text."""
        return Beside(self.value or _("none"), result)

    def _ipython_display_(self, **_kwargs):
        live.show(self.box, html.escape(repr(self)), repr(self))

    def __repr__(self):
        return f"{_(LABEL)}: {' / '.join(self.options) or '____'}"


class Beside:
    """A guess and a result, side by side, as HTML and as text."""

    def __init__(self, guess, result):
        self.guess, self.result = str(guess), str(result)

    def _repr_html_(self):
        cells = "".join(f'<td style="text-align: left"><b>{head}</b><br>{html.escape(text)}</td>'
                        for head, text in ((_(LABEL), self.guess), (_("The result"), self.result)))
        return f'<table class="beside"><tr>{cells}</tr></table>'

    def __repr__(self):
        return f"{_(LABEL)}: {self.guess}\n{_('The result')}: {self.result}"
