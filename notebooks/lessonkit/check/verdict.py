"""What a check answers: right, not yet, or what is wrong. Nothing is kept but the last verdict, for graders."""

import html
from dataclasses import dataclass

from .. import style
from ..words import _

RIGHT, NOT_YET, WRONG, ERROR = "right", "not yet", "wrong", "error"
COLOURS = {RIGHT: style.GREEN, NOT_YET: style.GREY, WRONG: style.RED, ERROR: style.RED}
_last = None


@dataclass(frozen=True)
class Verdict:
    """The answer of a check: `state`, `key` (the mistake's short name), `message` (a sentence for the student)."""

    state: str
    key: str
    message: str

    def __post_init__(self):
        global _last
        _last = self

    @property
    def heading(self):
        return {RIGHT: _("Right."), NOT_YET: _("Not yet."), WRONG: _("Not right."), ERROR: _("An error.")}[self.state]

    def __repr__(self):
        return f"{self.heading} {self.message}".strip()

    def _repr_html_(self):
        message = "<br>".join(html.escape(line).replace("  ", "&nbsp; ") for line in self.message.splitlines())
        return (f'<div class="verdict" role="status" style="border-left: 4px solid {COLOURS[self.state]}; '
                f'padding: 2px 8px"><b>{html.escape(self.heading)}</b> {message}</div>')


def right(message=""):
    return Verdict(RIGHT, RIGHT, message)


def not_yet(message=None):
    return Verdict(NOT_YET, NOT_YET, _("Write your own lines in the cell above, then run both cells.")
                   if message is None else message)


def wrong(key, message):
    return Verdict(WRONG, key, message)


def error(message):
    return Verdict(ERROR, ERROR, message)


def demand():
    """The last verdict, if it was *right*; AssertionError otherwise. For graders, which count a cell that fails."""
    if _last is None or _last.state != RIGHT:
        raise AssertionError(repr(_last) if _last else "no exercise has been checked yet")
    return _last
