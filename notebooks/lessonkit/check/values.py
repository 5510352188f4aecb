"""Find out what is wrong with a number or an array that a student has set: a setting, a prediction, a result."""

import numpy as np

from ..words import _
from .functions import compare, same
from .verdict import not_yet, right, wrong


def is_blank(*values):
    """Whether the three dots still stand there."""
    return any(value is ... or value is None for value in values)


def judge_value(submitted, expected, *, mistakes=(), well_done="", close=None):
    """The `Verdict` on a value. `mistakes` are (key, message, value that this mistake would give)."""
    close = {"rtol": 1e-6, "atol": 1e-9} | (close or {})
    if is_blank(submitted):
        return not_yet()
    if same(submitted, expected, close):
        return right(well_done)
    for key, message, value in mistakes:
        if same(submitted, value, close):
            return wrong(key, message)
    return compare([submitted], [expected], [1], close)


def demand_number(submitted, low=-np.inf, high=np.inf):
    """None if `submitted` is a number from `low` to `high`, else the verdict that says what it is instead."""
    if is_blank(submitted):
        return not_yet()
    if isinstance(submitted, bool) or not isinstance(submitted, (int, float, np.integer, np.floating)):
        return wrong("kind", _("This is a {kind}; expected a number.").format(kind=type(submitted).__name__))
    if not low <= submitted <= high:
        return wrong("range", _("{value} is out of range; expected a number from {low:g} to {high:g}.").format(
            value=submitted, low=low, high=high))
    return None
