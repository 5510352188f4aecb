"""The runs of a sitting: what is kept of each, a run as a line of text, and all of them as a table.

A line has the settings of a run, the weights that were set by hand, and the result. Whoever gets it can run the same
again, and `compare` says whether the same came out:

    mlp-run n_hidden=100 l2=0.01 ... by_hand=none done=60 cost=279.6 train_acc=0.999 valid_acc=0.93 end=finished
"""

import csv
import io
import math
import re
import unicodedata
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import NamedTuple

import numpy as np

from mlp_core import WEIGHTS, Epoch

from ..words import N_, _
from .settings import NAMES, Settings

N_PIXELS, N_CLASSES = 784, 10
HEAD = "mlp-run"  # what a line begins with
RESULT = ("done", "cost", "train_acc", "valid_acc", "end")
RUNNING = "running"  # stands for an empty end where a word is needed
ENDS = (RUNNING, "finished", "paused", "stopped", "diverged", "failed")
COLUMNS = ("run", *NAMES, "by_hand", *RESULT)  # of the table
NONE = "none"  # by_hand of a run whose weights nobody set

# How far two computers may part that compute the same run. Thirteen settings were tried, with OpenBLAS playing three
# processors. At the course's rate, the costs parted by less than 0.00015 of their size, mostly by a millionth, and the
# accuracies not at all. From twice that rate on, where the first steps are too long, costs parted by half, accuracies
# by a point and more: no bound could tell such a run from another one.
CLOSE_COST, CLOSE_ACC = 0.001, 0.0021  # 0.002 is a digit of the 500 that validate


class Edit(NamedTuple):
    """A weight that was set by hand: `name`[`index`] = `value`, after so many steps of training (see `Run.step`)."""

    step: int
    name: str
    index: tuple
    value: float

    def __str__(self):
        return f"{self.step}:{self.name}[{','.join(map(str, self.index))}]={self.value!r}"


@dataclass(eq=False)
class Run:
    """A training, from its first weights to its end.

    number: from 1, in the order of the sitting.
    epochs: an `Epoch` for every one that is finished.
    weights: dicts of the four arrays, float32. The first is from before training, number k from the end of epoch k.
    edits: an `Edit` for each weight that was set by hand, in the order in which it was done.
    end: "" while it goes on; else "paused", "finished", "stopped", "diverged" or "failed".
    step: how many steps of training it has made. An epoch has one for each of its minibatches and one more, in which it
        is evaluated, so epoch k ends with step k * (settings.updates + 1). (`fit_steps` pauses several times in that
        last one. A run counts it when it is over.)
    planned: edits of an earlier run that are to be made again, each at its step; see `set_planned`.
    """

    number: int
    settings: Settings
    epochs: list = field(default_factory=list)
    weights: list = field(default_factory=list, repr=False)  # megabytes
    edits: list = field(default_factory=list)
    end: str = ""
    step: int = 0
    planned: list = field(default_factory=list)

    def keep(self, network, epoch=None):
        """Keep a copy of the weights of `network`, before training or at the end of `epoch`, and that `Epoch`."""
        self.weights.append({name: getattr(network, name).copy() for name in WEIGHTS})
        if epoch is not None:
            self.epochs.append(epoch)

    def set_weight(self, network, name, index, value):
        """Set a weight of `network`, which is trained in this run, and note it; return the `Edit`.

        `name` is one of "w_h", "b_h", "w_out", "b_out", `index` a place in that array, `value` a finite number.
        Anything else raises ValueError and changes nothing. So does a run before its first step, whose weights
        `fit_steps` has yet to draw. Not to be called while an epoch is evaluated: whether its figures are of the
        weights before or after could not be told later.
        """
        if not self.step:
            raise ValueError(_("run {number} has not begun, and training will draw its first weights. Train it for a "
                               "minibatch, then set the weight.").format(number=self.number))
        edit = _checked_edit(Edit(self.step, name, index, value), self.settings)
        getattr(network, edit.name)[edit.index] = edit.value
        self.edits.append(edit)
        return edit

    def set_planned(self, network):
        """Make those of the `planned` edits that are due at this step; call it after each."""
        while self.planned and self.planned[0].step <= self.step:
            _step, *what = self.planned.pop(0)
            self.set_weight(network, *what)

    def weights_after(self, epoch):
        """The weights that were kept after `epoch`, from 0 to the last; ValueError if there are none."""
        if not self.weights:
            raise ValueError(_("the weights of run {number} are no longer kept. Train it again from its line of text: "
                               "from the same settings the same weights come.").format(number=self.number))
        if not isinstance(epoch, Integral) or not 0 <= epoch < len(self.weights):
            raise ValueError(_("run {number} has no epoch {epoch}; expected one from 0 to {last}.").format(
                number=self.number, epoch=epoch, last=len(self.weights) - 1))
        return self.weights[epoch]

    def start_of_next(self, epoch):
        """The weights that the epoch after `epoch` began with: those kept, with what was set by hand in between."""
        weights = dict(self.weights_after(epoch))
        for edit in self.edits:
            if edit.step == self.last_step(epoch):
                weights[edit.name] = weights[edit.name].copy()
                weights[edit.name][edit.index] = edit.value
        return weights

    def last_step(self, epoch):
        """The number of the step with which `epoch` ends; 0 for epoch 0."""
        return epoch * (self.settings.updates + 1)

    def place(self, step):
        """(finished epochs, minibatches since) after that `step`."""
        return divmod(step, self.settings.updates + 1)

    @property
    def result(self):
        """The last finished `Epoch`, or None."""
        return self.epochs[-1] if self.epochs else None


def _checked_edit(edit, settings):
    """`edit` with plain numbers, its value as float32 rounds it; raise ValueError if there is no such weight."""
    shapes = {"w_h": (N_PIXELS, settings.n_hidden), "b_h": (settings.n_hidden,),
              "w_out": (settings.n_hidden, N_CLASSES), "b_out": (N_CLASSES,)}
    if edit.name not in shapes:
        raise ValueError(_("there are no weights {name!r}; expected one of {names}.").format(
            name=edit.name, names=", ".join(shapes)))
    shape = shapes[edit.name]
    index = edit.index if isinstance(edit.index, (tuple, list)) else (edit.index,)
    if len(index) != len(shape) or not all(isinstance(i, Integral) and 0 <= i < n for i, n in zip(index, shape)):
        raise ValueError(_("{name} has no place {index}; its shape is {shape}.").format(
            name=edit.name, index=edit.index, shape=shape))
    index = tuple(map(int, index))
    with np.errstate(over="ignore"):
        value = float(np.float32(edit.value)) if isinstance(edit.value, Real) else math.nan
    if not math.isfinite(value):
        raise ValueError(_("{name}{index} cannot be {value!r}; expected a finite number that float32 can hold.").format(
            name=edit.name, index=list(index), value=edit.value))
    last = settings.epochs * (settings.updates + 1)
    if not 0 < edit.step <= last:
        raise ValueError(_("a weight cannot be set after step {step}; expected 1 to {last}, the steps of the run.")
                         .format(step=edit.step, last=last))
    return edit._replace(index=index, value=value)


# -- a run as a line --------------------------------------------------------------------------------


class Line(NamedTuple):
    """What a line of text says of a run. `result` is its last `Epoch`, or None if it has none."""

    settings: Settings
    edits: list
    result: Epoch
    end: str


def write_line(run):
    """`run` as one line of text, which `read_line` reads; numbers have all their digits."""
    return " ".join([HEAD, *(f"{name}={value}" for name, value in row(run).items()
                             if name != "run" and value is not None)])


def read_line(text):
    """The `Line` that `write_line` wrote. It may have been broken into several, quoted or indented, by a letter on its
    way, and characters that nobody sees may have got into it.

    ValueError says what is wrong with it.
    """
    if not isinstance(text, str):
        raise TypeError(_("the line is a {kind}; expected text.").format(kind=type(text).__name__))
    head, *tokens = _tokens(text) or [""]
    if head != HEAD:
        raise ValueError(_('this is not a run: it begins with "{begin}". Expected a line that begins with "{head}". '
                           "Copy the whole line.").format(begin=_shown(head, 30), head=HEAD)
                         + (_foreign(head) if "run" in unicodedata.normalize("NFKC", head) else ""))
    if HEAD in "".join(tokens):
        raise ValueError(_("{name} is given twice: is this more than one line? Paste a single one.").format(name=HEAD))
    said = _said(tokens)
    optional = () if said.get("done") != "0" else ("cost", "train_acc", "valid_acc")
    missing = [name for name in COLUMNS[1:] if name not in said and name not in optional]
    if missing:
        raise ValueError(_("the line says nothing of {names}. Copy it to its end.").format(names=", ".join(missing)))
    settings = Settings(**{name: _parse(name, said[name], type(getattr(Settings, name))) for name in NAMES})
    return Line(settings, _parse_edits(said["by_hand"], settings), _parse_result(said, settings),
                _parse_end(said["end"]))


# ASCII's quotes, and those that a word processor makes of them.
QUOTES = "`'\"\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb"
# Of no width, or for the direction of writing. Not the soft hyphen: it may stand for a minus.
UNSEEN = "[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
LONGEST = 100  # characters of a number; the longest that `write_line` writes has 24


def _tokens(text):
    """What white space parts in `text`, without what a letter puts around it: quotes, ">", characters of no width."""
    text = " ".join(re.sub(r"^[\s>]+", "", line) for line in re.sub(UNSEEN, "", text).splitlines())
    text = re.sub(rf"^[\s>{QUOTES}]+|[\s>{QUOTES}]+$", "", text)
    # A by_hand that is broken between two edits can be mended. Within one, something may be lost.
    text = re.sub(r"\s*;\s*(?=\d+:)", ";", text)
    return [token for token in text.split() if token.strip(">")]  # ">": of a quoted line that was broken anew


def _said(tokens):
    """The values of a line's NAME=VALUE, by name, as text."""
    said = {}
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""]):
        name, equals, value = token.partition("=")
        if not equals or not value or name not in COLUMNS[1:]:
            expected = _('"{token}" is not understood; expected NAME=VALUE, where NAME is one of {names}.').format(
                token=_shown(token), names=", ".join(COLUMNS[1:]))
            broken = _broken(token, after) if name in COLUMNS else _broken(before, token)
            raise ValueError(expected + (_foreign(token) or broken))
        if name in said:
            raise ValueError(_("{name} is given twice: is this more than one line? Paste a single one.")
                             .format(name=name))
        said[name] = value
    return said


def _broken(first, second):
    """A sentence about white space within a token, if these two look like the halves of one; else nothing."""
    whole_one = second.partition("=")[0] in COLUMNS
    if not first or not second or whole_one or (second[0].isalpha() and not first.startswith("by_hand=")):
        return ""
    return " " + _('If a line break has cut "{whole}" in two, take it out, or copy the line again.').format(
        whole=_shown(first[-30:] + second[:30], 60))


def _foreign(text):
    """A sentence about the first character in `text` that no line has, which may look like one that it has."""
    char = next((char for char in text if not "!" <= char <= "~"), None)
    return " " + _('It has the character "{char}" (U+{code}), which is in no such line: a program may have put it in '
                   "place of another one. Type the right one, or copy the line again.").format(
        char=_shown(char), code=f"{ord(char):04X}") if char else ""


def _shown(text, most=40):
    """The beginning of `text`, with codes for characters that cannot be seen."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[:most])


FORMS = {int: (r"\d+", N_("a whole number")), float: (r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", N_("a number")),
         bool: ("True|False", N_("True or False")), str: (r"\w+", N_("a word"))}  # each type's, as a line has it


def _parse(name, text, kind):
    form, expected = FORMS[kind]
    if not re.fullmatch(form, text, re.ASCII):  # int() would take 1_000 too, and the digits of every script
        raise ValueError(_("{name} is {text}; expected {expected}.").format(
            name=name, text=_shown(text), expected=_(expected)) + _foreign(text))
    if len(text) > LONGEST:  # Python refuses to read an integer of some thousand digits, in words of its own
        raise ValueError(_("{name} has a value of {n} characters; expected at most {most}. Copy the line again.")
                         .format(name=name, n=len(text), most=LONGEST))
    return text == "True" if kind is bool else kind(text)


def _parse_edits(text, settings):
    edits = []
    for part in text.split(";") if text != NONE else ():
        match = re.fullmatch(r"(\d+):(\w+)\[(\d+)(?:,(\d+))?\]=(\S+)", part, re.ASCII)
        if not match:
            raise ValueError(_('by_hand has "{part}"; expected STEP:NAME[PLACE]=VALUE, such as 41:w_h[300,5]=0.5, or '
                               "{none}.").format(part=_shown(part), none=NONE) + _foreign(part))
        step, name, *index, value = match.groups()
        step, *index = (_parse("by_hand", number, int) for number in (step, *index) if number is not None)
        edit = Edit(step, name, tuple(index), _parse("by_hand", value, float))
        edits.append(_checked_edit(edit, settings))
    if [edit.step for edit in edits] != sorted(edit.step for edit in edits):
        raise ValueError(_("the steps of by_hand go back; expected them in the order of training."))
    return edits


def _parse_result(said, settings):
    done = _parse("done", said["done"], int)
    if done > settings.epochs:
        raise ValueError(_("done is {done}; expected at most the {epochs} epochs of the run.").format(
            done=done, epochs=settings.epochs))
    if not done:
        return None
    cost, *accuracies = (_parse(name, said[name], float) for name in ("cost", "train_acc", "valid_acc"))
    if not (math.isfinite(cost) and cost >= 0 and all(0 <= share <= 1 for share in accuracies)):
        raise ValueError(_("the result is a cost of {cost} and accuracies of {train} and {valid}; expected a cost of "
                           "at least 0 and accuracies from 0 to 1.").format(
            cost=cost, train=accuracies[0], valid=accuracies[1]))
    return Epoch(done, cost, *accuracies)


def _parse_end(text):
    if text not in ENDS:
        raise ValueError(_("end is {text}; expected one of {names}.").format(
            text=_shown(text), names=", ".join(ENDS)) + _foreign(text))
    return "" if text == RUNNING else text


# -- does the same come out? ------------------------------------------------------------------------


class Comparison(NamedTuple):
    """What `compare` found: "same", "rounding", "differs" or "open", and that as a sentence."""

    verdict: str
    sentence: str


def compare(run, line):
    """Whether `run` came out as `line` says, a `Line` or its text: a `Comparison`.

    The same program, NumPy and processor give the same numbers to the last digit. Others add in another order, and
    training carries the differences of the last digit on: "rounding" is within CLOSE_COST and CLOSE_ACC.
    """
    line = read_line(line) if isinstance(line, str) else line
    other = [f"{name}: {getattr(run.settings, name)} / {getattr(line.settings, name)}" for name in NAMES
             if getattr(run.settings, name) != getattr(line.settings, name)]
    if other:
        return Comparison("differs", _("These are two different runs. Run {number} / the line: {settings}.").format(
            number=run.number, settings="; ".join(other)))
    done = line.result.number if line.result else 0
    before = run.last_step(done)  # what was set later has no part in the line's result
    if [edit for edit in run.edits if edit.step < before] != [edit for edit in line.edits if edit.step < before]:
        return Comparison("differs", _("The settings are the same, but not the weights that were set by hand. Run "
                                       "{number}: {ours}; the line: {theirs}.").format(
            number=run.number, ours=_by_hand(run.edits), theirs=_by_hand(line.edits)))
    if "diverged" in (run.end, line.end) and (ends := _compare_ends(run, line, done)):
        return ends
    if not done:
        return Comparison("open", _("The settings are the same. The line has no finished epoch to compare with."))
    if len(run.epochs) < done:
        return Comparison("open", _("The settings are the same. Run {number} has {ours} finished epochs, the line has "
                                    "{theirs}: train it until there.").format(
            number=run.number, ours=len(run.epochs), theirs=done))
    return _compare_results(run, line.result)


def _compare_ends(run, line, done):
    """How a run and a line differ of which one diverged; None if they do not, or if that cannot be said yet."""
    ours = len(run.epochs) + 1 if run.end == "diverged" else None
    theirs = done + 1 if line.end == "diverged" else None
    if ours and theirs == ours:
        return None if done else Comparison("same", _("Both diverged in epoch 1, before there was a result."))
    if ours and theirs:
        said = _("Run {number} diverged in epoch {ours}, the line's in epoch {theirs}. {reason}")
    elif ours and ours <= done:
        said = _("Run {number} diverged in epoch {ours}, the line's did not. {reason}")
    elif theirs and theirs <= len(run.epochs):
        said = _("The line's run diverged in epoch {theirs}, run {number} did not. {reason}")
    elif theirs:
        return Comparison("open", _("The settings are the same. The line's run diverged in epoch {theirs}: train run "
                                    "{number} until there.").format(theirs=theirs, number=run.number))
    else:
        return None
    reason = _("Near the rate at which training breaks, another NumPy or processor is enough for that.")
    return Comparison("differs", said.format(number=run.number, ours=ours, theirs=theirs, reason=reason))


def _compare_results(run, theirs):
    ours = run.epochs[theirs.number - 1]
    if ours == theirs:
        return Comparison("same", _("The same, to the last digit: after epoch {epoch} a cost of {cost:,.2f}, training "
                                    "{train:.2%}, validation {valid:.2%}.").format(
            epoch=ours.number, cost=ours.cost, train=ours.train_acc, valid=ours.valid_acc))
    numbers = _("After epoch {epoch}, run {number} / the line: cost {cost:,.4f} / {cost2:,.4f}, training {train:.2%} / "
                "{train2:.2%}, validation {valid:.2%} / {valid2:.2%}.").format(
        epoch=ours.number, number=run.number, cost=ours.cost, cost2=theirs.cost, train=ours.train_acc,
        train2=theirs.train_acc, valid=ours.valid_acc, valid2=theirs.valid_acc)
    off_acc = max(abs(ours.train_acc - theirs.train_acc), abs(ours.valid_acc - theirs.valid_acc))
    if abs(ours.cost - theirs.cost) <= CLOSE_COST * max(ours.cost, theirs.cost) and off_acc <= CLOSE_ACC:
        return Comparison("rounding", _("The same but for rounding: another NumPy or processor adds in another order, "
                                        "and training carries the last digits on. {numbers}").format(numbers=numbers))
    return Comparison("differs", _("The settings are the same, the result is not. {numbers} With the course's "
                                   "settings, another processor was seen to change the cost by about a millionth and "
                                   "no accuracy. At twice their learning rate or more it changed the accuracies by "
                                   "points: there it can be the reason.").format(numbers=numbers))


# -- all runs as a table ----------------------------------------------------------------------------


def _by_hand(edits):
    return ";".join(map(str, edits)) or NONE


def row(run):
    """What the table has of `run`: a dict of `COLUMNS`; None where it has no finished epoch to tell of."""
    numbers = run.result[1:] if run.epochs else (None, None, None)
    result = (len(run.epochs), *numbers, run.end or RUNNING)
    return dict(zip(COLUMNS, (run.number, *run.settings.as_dict().values(), _by_hand(run.edits), *result)))


def sort_runs(runs, column, descending=False):
    """`runs` in the order of one of `COLUMNS`; those without a value last, equal ones by their number."""
    if column not in COLUMNS:
        raise ValueError(_("there is no column {column!r}; expected one of {names}.").format(
            column=column, names=", ".join(COLUMNS)))

    def value(run):
        # Those without an edit first, then by how many there are.
        return len(run.edits) if column == "by_hand" else row(run)[column]

    known = sorted((run for run in runs if value(run) is not None), key=lambda run: run.number)
    known.sort(key=value, reverse=descending)  # a stable sort, backwards as well
    return known + sorted((run for run in runs if value(run) is None), key=lambda run: run.number)


def as_csv(runs):
    """`runs` as CSV with a head, commas and points wherever one is: `pandas.read_csv` reads it."""
    file = io.StringIO()
    table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(row(run) for run in runs)
    return file.getvalue()
