"""Sums and formulas worked out by hand: plain Python floats in, lines of text out.

What is printed adds up: a sum gets as many digits as it takes until its rounded parts add up to its rounded total.
Factors are printed with a digit more than their product, which is worked out from all of theirs.
"""

import math
from typing import NamedTuple

from ..tables import width
from ..words import _

LARGEST = 5  # so many terms of a sum are written out, the others together
NUDGE = 1e-12  # relative; decides ties before the rounding noise of the computation can
MORE = 6  # so many digits more are tried
FIXED = 8  # so many decimals at most; smaller numbers get a common power of ten, as do those from 1e9 on


class Hand(NamedTuple):
    """A number worked out by hand, and how: `text` ends on it as `Place` writes it."""

    value: float
    text: str
    place: "Place"


class Place:
    """The decimal place to which the numbers of a calculation are rounded: so many `digits` of the largest of them."""

    def __init__(self, *numbers, digits=4):
        self.largest = max(map(abs, numbers), default=0.0)
        self.decimals = digits
        if self.largest:
            self.decimals = digits - 1 - math.floor(math.log10(self.largest * (1 + NUDGE)))
        self.power = None  # of ten, which all numbers have in common
        if self.decimals - digits > FIXED - 4 or self.largest >= 1e9:
            self.power = digits - 1 - self.decimals
            self.decimals = digits - 1
        self.decimals = max(self.decimals, 0)

    def units(self, number):
        """`number` as a whole number of the last place."""
        return round(self._scaled(number) + NUDGE * self._scaled(self.largest))

    def _scaled(self, number):
        number = number if self.power is None else number / 10.0 ** self.power
        return number * 10.0 ** self.decimals

    def remainder(self, number):
        """What rounding takes from `number`, in units of the last place."""
        return self._scaled(number) - self.units(number)

    def written(self, units):
        text = f"{units / 10 ** self.decimals:.{self.decimals}f}"
        return text if self.power is None else f"{text}e{self.power:+03d}"

    def text(self, number):
        return self.written(self.units(number))


def rounded(number, digits=5):
    """A factor, to so many digits of its own; without zeros behind where it has no more."""
    number += 0.0  # never -0
    short = f"{number:.4g}"
    return f"{number:g}" if float(short) == number and "e" not in short else Place(number, digits=digits).text(number)


def adding_up(numbers, digits=4, rest=None):
    """A `Place` from `digits` of the largest on at which the rounded `numbers` add up, and they in units of it.

    Where there is none within MORE digits, one time in a hundred, what is missing goes to the number with the index
    `rest`, or without it to those that it makes least wrong.
    """
    value = math.fsum(numbers)
    for more in range(MORE):
        place = Place(value, *numbers, digits=digits + more)
        units = [place.units(number) for number in numbers]
        if sum(units) == place.units(value):
            return place, units
    place = Place(value, *numbers, digits=digits + 1)
    units = [place.units(number) for number in numbers]
    gap = place.units(value) - sum(units)
    sign = 1 if gap > 0 else -1
    nearest = sorted(range(len(units)), key=lambda k: -sign * place.remainder(numbers[k]))
    for k in nearest[:abs(gap)] if rest is None else [rest] * abs(gap):
        units[k] += sign
    return place, units


class Term(NamedTuple):
    """A term of a sum: its name, and the factors whose product it is."""

    name: str
    factors: tuple

    @property
    def value(self):
        return math.prod(self.factors)


def total(terms, others="", extra=(), then=()):
    """The sum of `terms` and of the few `extra` ones, which are always written out; `others` names what is not.

    `others` has a place for {count}; without it all are written out. `then` are rows (name, text) for below the sum.
    """
    value = math.fsum([term.value for term in (*terms, *extra)])
    order = sorted(range(len(terms)), key=lambda k: (-abs(terms[k].value), k))
    shown = [terms[k] for k in order[:LARGEST if others else None]]
    rest = [terms[k].value for k in order[len(shown):]]
    parts = [(term.name, term.factors, term.value) for term in shown]
    if rest:
        parts.append((others.format(count=len(rest)), (), math.fsum(rest)))
    parts += [(term.name, term.factors, term.value) for term in extra]
    numbers = [part[2] for part in parts]
    # Three digits of the largest term at least, four of the largest number.
    spread = _magnitude(max(map(abs, (value, *numbers)))) - _magnitude(min(map(_largest_of, (terms, extra or terms))))
    place, units = adding_up(numbers, min(max(4, 3 + spread), 10), len(shown) if rest else None)
    # Factors have a digit more than the largest product.
    digits = max(5, 1 + max(len(f"{abs(count)}") for count in units))
    rows = [(label, _product(factors, digits), place.written(count))
            for (label, factors, _value), count in zip(parts, units)]
    rows.append((_("together"), "", place.text(value)))
    return Hand(value, aligned([*rows, *((name, "", text) for name, text in then)], rule=len(parts)), place)


def _largest_of(terms):
    return max((abs(term.value) for term in terms), default=0.0)


def _magnitude(number):
    return math.floor(math.log10(number)) if number else 0


def formula(value, name, *rows):
    """A number that a formula called `name` gives: rows of (name, text), then the number."""
    place = Place(value)
    return Hand(value, aligned([*((label, "", text) for label, text in rows), (name, "", place.text(value))],
                               rule=len(rows)), place)


def difference(name, before, step):
    """A row for `before` - `step`, with a place that shows the step if eight decimals do."""
    spread = _magnitude(abs(before)) - _magnitude(abs(step)) if before and step else 0
    place, (minuend, taken) = adding_up([before, -step], digits=min(max(4, 4 + spread), FIXED))
    sign = "+" if taken > 0 else "-"
    return (name, f"{place.written(minuend)} {sign} {place.written(abs(taken))}", place.text(before - step)), place


def _product(factors, digits):
    return " × ".join(rounded(factor, digits) for factor in factors) if len(factors) > 1 else ""


def aligned(rows, rule=None):
    """Rows of three texts as lines: the first to the left, which may reach into the second, the others to the right.

    After so many rows as `rule` says there is a line across.
    """
    left = max(width(label) + len(product) + 2 * bool(product) for label, product, _last in rows)
    right = max(len(last) for _label, _product, last in rows)
    lines = [f"{label}{product:>{left - width(label)}} = {last:>{right}}" for label, product, last in rows]
    if rule:
        lines.insert(rule, "-" * max(map(width, lines)))
    return "\n".join(lines)
