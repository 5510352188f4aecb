"""Predict, then run: a widget that keeps a guess, and shows it beside the result."""

import html

import ipywidgets as widgets


class Guess:
    """A student's guess: one of `options`, or free text if there are none.

    Its cell stands right under the question; the cell with the result ends on `guess.beside(result)`.
    """

    def __init__(self, *options):
        self.options = options
        if options:
            # Not radio buttons: their arrow keys are taken by JupyterLab, which moves to the next cell.
            self.widget = widgets.ToggleButtons(options=options, value=None, description="Your guess",
                                                style={"button_width": "auto"})
        else:
            self.widget = widgets.Text(placeholder="write it down, then run the next cell", description="Your guess",
                                       layout=widgets.Layout(width="40em"))
        self.widget.add_class("guess")

    @property
    def value(self):
        """The guess as text; empty as long as there is none."""
        return self.widget.value or ""

    def beside(self, result):
        """A table of two cells to end a cell on: the guess, and `result`, a text."""
        return Beside(self.value or "none", result)

    def _repr_mimebundle_(self, **_):
        data = self.widget._repr_mimebundle_()
        data["text/plain"] = repr(self)
        return data

    def __repr__(self):
        return f"Your guess: {' / '.join(self.options) or '____'}"


class Beside:
    """A guess and a result, side by side, as HTML and as text."""

    def __init__(self, guess, result):
        self.guess, self.result = str(guess), str(result)

    def _repr_html_(self):
        cells = "".join(f'<td style="text-align: left"><b>{head}</b><br>{html.escape(text)}</td>'
                        for head, text in (("Your guess", self.guess), ("The result", self.result)))
        return f'<table class="beside"><tr>{cells}</tr></table>'

    def __repr__(self):
        return f"Your guess: {self.guess}\nThe result: {self.result}"
