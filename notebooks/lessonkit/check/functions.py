"""Find out by computing what is wrong with a student's function.

    def onehot(submitted):
        return judge(submitted, reference=_onehot, cases=_labels, mistakes=[
            Mistake("transposed classes", _("..."), lambda y, n_classes: ...)])

The function is called on cases drawn anew at every check, so that no constant can pass. Its answers are compared with
those of the reference, then with those of the likely mistakes of this exercise, then with what goes wrong anywhere:
another shape, a transposed or negated array, a constant factor, values that are not numbers. No message holds a value
of the right answer.
"""

import copy
import dis
import itertools
import linecache
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

import mlp_core

from ..words import _
from .verdict import error, not_yet, right, wrong

CLOSE = {"rtol": 1e-7, "atol": 1e-9}
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "LOAD_COMMON_CONSTANT", "CACHE"}
OURS = (str(Path(mlp_core.__file__).resolve()), str(Path(__file__).resolve().parent))
DRAWS = 20  # of cases, at the most, until every likely mistake shows on them
SHOWN = 8  # variables of a failing line, at the most
GROWTH = 1.5  # of the steps that Python takes, when the data is four times as large: a loop over the data has 4


class Mistake(NamedTuple):
    """A likely mistake: its short name, the sentence that tells it, and what an answer with it would be."""

    key: str
    message: str
    function: Callable


class Stop(Exception):
    """Carries the verdict that ends a check."""

    def __init__(self, verdict):
        super().__init__(verdict)
        self.verdict = verdict


def judge(submitted, *, reference, cases, mistakes=(), size=None, well_done="", close=None, may_change=False,
          may_use_core=False, whole=False):
    """The `Verdict` on a student's function.

    `reference(*arguments)` is the right answer: an array, a number, or a tuple or dict of them. `cases(random)` returns
    argument tuples, `random` a `numpy.random.Generator`; they should differ in every size. `size(n, random)`, if given,
    returns the arguments for n examples: the function may not loop over examples in Python. `close` are arguments of
    `numpy.allclose`. Unless `may_change`, no argument may be changed in place; unless `may_use_core`, the function may
    not call the course's own code. If `whole`, floats may not stand for whole numbers in an answer of several parts.
    """
    close = CLOSE | (close or {})
    try:
        _demand_function(submitted)
        random = np.random.default_rng()
        drawn, expected = _telling(cases, random, reference, mistakes, close)
        answers = [_call(submitted, arguments, may_change, spy=not may_use_core and not place)
                   for place, arguments in enumerate(drawn)]
        _demand_answer(submitted, answers)
        if not _agree(answers, expected, close):
            for mistake in mistakes:
                made = _made(mistake, drawn)
                if made and _agree(answers, made, close):
                    return wrong(mistake.key, mistake.message)
            return compare(answers, expected, [_length(arguments) for arguments in drawn], close)
        if whole:
            _demand_whole(answers, expected)
        if size is not None:
            _demand_no_loop(submitted, size, random)
    except Stop as stop:
        return stop.verdict
    return right(well_done)


def _telling(cases, random, reference, mistakes, close):
    """Cases on which no likely mistake passes for the right answer, nor for another one; and the right answers.

    By chance it may: where a row and a column of counts add up to the same, swapping them changes nothing.
    """
    for _draw in range(DRAWS):
        drawn = list(cases(random))
        expected = [reference(*copy.deepcopy(arguments)) for arguments in drawn]
        made = [expected, *filter(None, (_made(mistake, drawn) for mistake in mistakes))]
        if not any(_agree(a, b, close) for a, b in itertools.combinations(made, 2)):
            break
    return drawn, expected


# -- before the answers are compared ----------------------------------------------------------------


def _demand_function(submitted):
    if submitted is ... or submitted is None or isinstance(submitted, type(NotImplemented)):
        raise Stop(not_yet())
    if not callable(submitted):
        raise Stop(wrong("no function", _("This is a {kind}. Expected a function: pass its name without brackets.")
                         .format(kind=type(submitted).__name__)))


def is_blank(function):
    """Whether a function does nothing: no line of it but a docstring and the three dots."""
    code = getattr(function, "__code__", None)
    return code is not None and {step.opname for step in dis.get_instructions(code)} <= IDLE


def _demand_answer(submitted, answers):
    if all(answer is ... for answer in answers):
        raise Stop(not_yet())
    if all(answer is None for answer in answers):
        raise Stop(not_yet() if is_blank(submitted) else wrong(
            "nothing returned", _("Your function returns nothing. Does it end with return?")))


def _demand_whole(answers, expected):
    """Labels that came out as 3.0: they equal the right ones, but the class refuses them."""
    for answer, right_one in zip(answers, expected):
        for part, right_part in zip(answer, right_one):
            if np.asarray(right_part).dtype.kind in "iu" and np.asarray(part).dtype.kind not in "iu":
                raise Stop(wrong("floats", _("Right but for the kind: {kind}, where whole numbers are asked. The class "
                                             "refuses labels that are floats.").format(kind=describe(part))))


def _call(function, arguments, may_change=False, spy=False):
    """The answer of `function`; raises Stop with the student's own line if it fails."""
    given = copy.deepcopy(arguments)
    own = getattr(getattr(function, "__code__", None), "co_filename", None)
    used = []

    def watch(frame, event, argument):
        file = frame.f_code.co_filename
        if file.startswith(OURS):
            used.append(frame.f_code.co_name)

    before = sys.gettrace()
    try:
        with np.errstate(all="warn"), warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            if spy:
                sys.settrace(watch)
            try:
                answer = function(*given)
            finally:
                sys.settrace(before)
    except NotImplementedError:
        raise Stop(not_yet()) from None
    except Exception as problem:
        raise Stop(error(explain(problem, own))) from None
    if used:
        raise Stop(wrong("uses the course's code", _("Your function calls {name} of the course. Here the point is to "
                                                     "write it yourself.").format(name=used[0])))
    for warning in said:
        if issubclass(warning.category, RuntimeWarning) and "overflow" in str(warning.message):
            raise Stop(wrong("overflow", _("NumPy warns of an overflow: a number became too large to be held. Where "
                                           "does your function meet large inputs?")))
    if not may_change:
        for place, (was, now) in enumerate(zip(arguments, given), 1):
            if isinstance(was, (np.ndarray, list, dict)) and not same(now, was, {"rtol": 0, "atol": 0}):
                raise Stop(wrong("argument changed", _("Your function changes its argument number {place} in place. "
                                                       "Whoever called it still needs that. Make a new array.")
                                 .format(place=place)))
    return answer


def explain(problem, own):
    """An exception in the student's words: the line of the student's code that raised it, and the shapes there."""
    step, frame, number = problem.__traceback__, None, None
    while step is not None:
        if step.tb_frame.f_code.co_filename == own:
            frame, number = step.tb_frame, step.tb_lineno
        step = step.tb_next
    said = f"{type(problem).__name__}: {problem}"
    if frame is None:  # the call itself failed: a wrong number of arguments
        return said
    line = linecache.getline(own, number).strip()
    where = _("Line {number} of your cell: {line}").format(number=number, line=line)
    names = [name for name in frame.f_code.co_varnames + frame.f_code.co_names if _is_in(name, line)]
    held = {name: frame.f_locals[name] for name in dict.fromkeys(names) if name in frame.f_locals}
    shapes = [f"  {name}: {describe(value)}" for name, value in list(held.items())[:SHOWN]]
    return "\n".join([said, where, *([_("There:"), *shapes] if shapes else [])])


def _is_in(name, line):
    return name in line.replace("(", " ").replace(")", " ").replace("[", " ").replace("]", " ").replace(
        ",", " ").replace(".", " ").replace("=", " ").replace("*", " ").replace("@", " ").replace(
        "+", " ").replace("-", " ").replace("/", " ").replace(":", " ").split()


def describe(value):
    """The kind of a value and its shape, without its numbers."""
    if isinstance(value, np.ndarray):
        return _("array of shape {shape}, {dtype}").format(shape=value.shape, dtype=value.dtype)
    if isinstance(value, (list, tuple, dict, str, bytes)):
        return _("{kind} of length {length}").format(kind=type(value).__name__, length=len(value))
    return type(value).__name__


def _steps(function, arguments):
    """How many steps Python takes in the student's own code for one call."""
    own, steps = function.__code__.co_filename, 0

    def watch(frame, event, argument):
        nonlocal steps
        if frame.f_code.co_filename != own:
            return None
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        function(*arguments)
    finally:
        sys.settrace(before)
    return steps


def _demand_no_loop(function, size, random):
    if not hasattr(function, "__code__"):
        return
    few, many = (_steps(function, size(n, random)) for n in (16, 64))
    if many > GROWTH * few:
        raise Stop(wrong("loop", _("The answers are right. But your function goes through the examples one by one in "
                                   "Python, which takes seconds for a whole data set. Let NumPy do it for all at "
                                   "once.")))


# -- comparing --------------------------------------------------------------------------------------


def same(a, b, close=CLOSE):
    """Whether two answers agree: arrays, numbers, texts, or tuples, lists and dicts of them."""
    if isinstance(b, dict):
        return isinstance(a, dict) and a.keys() == b.keys() and all(same(a[key], b[key], close) for key in b)
    if isinstance(b, (tuple, list)):
        return isinstance(a, (tuple, list)) and len(a) == len(b) and all(same(x, y, close) for x, y in zip(a, b))
    if b is None or isinstance(b, (str, bytes)):
        return type(a) is type(b) and a == b
    try:
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and a.dtype.kind in "fiub" and bool(np.allclose(a, b, equal_nan=True, **close))
    except (TypeError, ValueError):
        return b is a


def _made(mistake, drawn):
    """The answers with this mistake; None if it fails on one of the cases."""
    with np.errstate(all="ignore"):
        try:
            return [mistake.function(*copy.deepcopy(arguments)) for arguments in drawn]
        except Exception:
            return None


def _agree(those, these, close):
    """Whether two lists of answers are the same in every case."""
    return all(same(a, b, close) for a, b in zip(those, these))


def _length(arguments):
    """How many examples the arguments have: the length of the first array."""
    return next((len(value) for value in arguments if isinstance(value, np.ndarray) and value.ndim), 1)


def compare(answers, expected, lengths, close=CLOSE):
    """The verdict on answers that differ from what is expected, by what goes wrong anywhere."""
    first = next(place for place, (a, e) in enumerate(zip(answers, expected)) if not same(a, e, close))
    answer, right_one = answers[first], expected[first]
    if isinstance(right_one, (tuple, list)):
        return _compare_parts(answers, expected, lengths, close)
    if isinstance(right_one, (str, bytes, dict)) or right_one is None:
        return wrong("other", _("Your answer is {kind}; expected {expected}, with other contents.").format(
            kind=describe(answer), expected=describe(right_one)))
    try:
        answers, expected = [np.asarray(a) for a in answers], [np.asarray(e) for e in expected]
    except ValueError:
        answers = [np.empty(0, object)]
    if any(a.dtype.kind not in "fiub" for a in answers):
        return wrong("kind", _("Your answer is {kind}; expected numbers.").format(kind=describe(answer)))
    if any(a.shape != e.shape for a, e in zip(answers, expected)):
        return _compare_shapes(answers, expected, close)
    if any(not np.isfinite(a[np.isfinite(e)]).all() for a, e in zip(answers, expected) if a.ndim) or any(
            not np.isfinite(a) and np.isfinite(e) for a, e in zip(answers, expected) if not a.ndim):
        return wrong("not a number", _("Your answer holds nan or inf. Which of your steps divides by 0, takes the "
                                       "logarithm of 0, or meets a number that is too large?"))
    return _compare_values(answers, expected, lengths, close)


def _compare_parts(answers, expected, lengths, close):
    for answer, parts in zip(answers, expected):
        if not isinstance(answer, (tuple, list)) or len(answer) != len(parts):
            return wrong("parts", _("Your answer is {kind}; expected {number} values.").format(
                kind=describe(answer), number=len(parts)))
    if all(sorted(map(repr, a)) == sorted(map(repr, e)) for a, e in zip(answers, expected)):
        return wrong("order", _("All values are there, but in another order."))
    for place in range(len(expected[0])):
        those, these = [a[place] for a in answers], [e[place] for e in expected]
        if not all(same(a, e, close) for a, e in zip(those, these)):
            found = compare(those, these, lengths, close)
            return wrong(found.key, _("Value number {place} of your answer: {message}").format(
                place=place + 1, message=found.message))
    raise AssertionError("the answers do not differ")


def _compare_shapes(answers, expected, close):
    answer, right_one = next((a, e) for a, e in zip(answers, expected) if a.shape != e.shape)
    if all(a.ndim > 1 and same(a.T, e, close) for a, e in zip(answers, expected)):
        return wrong("transposed", _("The numbers are right, but the array lies on its side: its shape is {shape}, "
                                     "expected {expected}. A row is an example.").format(
                                         shape=answer.shape, expected=right_one.shape))
    hint = _(" Was the sum taken along the other axis?") if (
        answer.ndim == right_one.ndim == 1) else _(" Is something transposed?") if (
        answer.shape == right_one.shape[::-1]) else ""
    return wrong("shape", _("The shape of your answer is {shape}; expected {expected}.").format(
        shape=answer.shape, expected=right_one.shape) + hint)


def _factor(answer, right_one):
    """The number that the right answer was multiplied by, or None."""
    norm = float(np.sum(np.square(right_one, dtype=float)))
    if norm == 0:
        return None
    factor = float(np.sum(np.multiply(answer, right_one, dtype=float))) / norm
    return factor if np.allclose(answer, factor * np.asarray(right_one, float), rtol=1e-6, atol=1e-9) else None


def _compare_values(answers, expected, lengths, close):
    factors = [_factor(a, e) for a, e in zip(answers, expected)]
    if None not in factors and not np.allclose(factors, 0):
        def is_factor(wanted):
            return np.allclose(factors, wanted, rtol=1e-6)

        if is_factor(-1):
            return wrong("sign", _("Right but for the sign: every number is negated."))
        if is_factor(1 / np.array(lengths)):
            return wrong("averaged", _("Right but for a factor 1 / n: you took the mean over the examples, where the "
                                       "sum is asked."))
        if is_factor(lengths):
            return wrong("summed", _("Right but for a factor n: you took the sum over the examples, where the mean is "
                                     "asked."))
        if is_factor(2) or is_factor(0.5):
            return wrong("factor two", _("Right but for a factor: your answer is {times} as large as it should be.")
                         .format(times=_("twice") if is_factor(2) else _("half")))
        if np.allclose(factors, factors[0], rtol=1e-6) and not is_factor(1):  # else a few small numbers are wrong
            return wrong("factor", _("Right but for a factor: all your numbers are {factor:.4g} times as large as they "
                                     "should be.").format(factor=factors[0]))
    if all(a.ndim == 2 and a.shape[0] == a.shape[1] and same(a.T, e, close) for a, e in zip(answers, expected)):
        return wrong("transposed", _("The numbers are right, but rows and columns have changed places."))
    return _compare_entries(answers, expected, close)


def _compare_entries(answers, expected, close):
    answer, right_one = next((a, e) for a, e in zip(answers, expected) if not same(a, e, close))
    off = ~np.isclose(answer, right_one, **close)
    if not answer.ndim:
        side = _("too large") if answer > right_one else _("too small")
        return wrong("value", _("Your answer is {side}.").format(side=side))
    place = tuple(int(k) for k in np.argwhere(off)[0])
    side = _("too large") if answer[place] > right_one[place] else _("too small")
    return wrong("value", _("The shape is right. {wrong} of {all} numbers are not: the first, at {place}, is {side}.")
                 .format(wrong=int(off.sum()), all=off.size, place=place if len(place) > 1 else place[0], side=side))
