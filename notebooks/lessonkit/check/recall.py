"""Questions to recall a lesson: a choice, and a word on each choice. What was chosen is kept nowhere."""

import html
from typing import NamedTuple

import ipywidgets as widgets

from .. import live, style
from ..words import _


class Question(NamedTuple):
    """A question, its choices with what is said to each, and which one is right. They are shown in alphabetic order.

    Its texts are marked with `N_`: a module is imported before a language is set.
    """

    text: str
    choices: dict  # choice -> feedback
    right: str

    def spoken(self):
        """The question in the language of the notebook."""
        return Question(_(self.text), {_(choice): _(word) for choice, word in self.choices.items()}, _(self.right))


class Recall:
    """A question as a widget: buttons, one for each choice, and the word on the last one that was pressed."""

    def __init__(self, number, question):
        self.number, self.question = number, question
        self.choices = sorted(question.choices)  # so that the right one has no place of its own
        self.buttons = widgets.ToggleButtons(options=self.choices, value=None, style={"button_width": "auto"},
                                             layout={"width": "auto"})
        self.feedback = widgets.HTML()
        self.page = live.Page(name=question.text)
        self.buttons.observe(self._answer, names="value")
        self.box = widgets.VBox([widgets.HTML(self.heading), self.buttons, self.feedback, self.page])
        self.box.add_class("guess").add_class("recall")  # live.js and live.css see to guesses

    @property
    def heading(self):
        return f"<b>{self.number}. {html.escape(self.question.text)}</b>"

    def _answer(self, change):
        choice = change["new"]
        if choice is None:
            return
        is_right = choice == self.question.right
        said = _("Right.") if is_right else _("Not this one.")
        colour = style.GREEN if is_right else style.RED
        word = self.question.choices[choice]
        self.feedback.value = (f'<div style="border-left: 4px solid {colour}; padding: 2px 8px">'
                               f"<b>{html.escape(said)}</b> {html.escape(word)}</div>")
        self.page.sentence = f"{said} {word}"  # a screen reader gets it from there

    def _ipython_display_(self, **_kwargs):
        choices = "".join(f"<li>{html.escape(choice)}</li>" for choice in self.choices)
        live.show(self.box, f"{self.heading}<ul>{choices}</ul>", repr(self))

    def __repr__(self):
        return "\n".join([f"{self.number}. {self.question.text}", *(f"  ( ) {choice}" for choice in self.choices)])


def asker(questions):
    """The function `recall(number)` of a lesson's checks, for its `questions`, numbered from 1."""
    def recall(number):
        if number not in range(1, len(questions) + 1):
            raise ValueError(f"there is no question {number}; expected 1 to {len(questions)}.")
        return Recall(number, questions[number - 1].spoken())

    return recall
