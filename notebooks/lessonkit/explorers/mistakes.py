"""Lesson 6: the digits of a set by true class, answer and confidence, and where in the confusion matrix they stand."""

import functools

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from .. import figures, style
from ..figures import SIDE
from ..words import N_, _
from .base import Explorer, choices, menu

ROWS, COLUMNS = 4, 6
SHOWN = ROWS * COLUMNS
LIMITS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)

# The cells of the confusion matrix (10, 10) that a choice asks for; row: true class, column: answer.
ROW, COLUMN = np.indices((10, 10))
TRUE = {N_("all"): ROW >= 0} | {str(k): ROW == k for k in range(10)}
ANSWER = {N_("any"): COLUMN >= 0, N_("the right one"): COLUMN == ROW, N_("any wrong one"): COLUMN != ROW}
ANSWER |= {str(k): COLUMN == k for k in range(10)}
TINT, DARKEST = 0.2, 2.2  # shades of cells: that of an empty one, and black; 1 is the most frequent confusion


class Gallery(Explorer):
    """The digits of one cell of the confusion matrix, or of several, the surest first.

    `nn` is a trained network, `X` (n, 784) and `y` (n,) are digits and their classes 0 to 9. Digits above the limit
    of confidence are left out, in the matrix too: as the limit sinks, the hits go first.
    """

    name = N_("Gallery")
    alt = N_("The confusion matrix of the digits within a limit of confidence, and up to 24 digits of its shaded "
             "cells, "
             "the surest first.")

    def __init__(self, nn, X, y):
        self.X, self.y, self.y_pred = X, y, nn.predict(X)
        self.confidence = nn._forward(X)[3].max(axis=1)
        self.most_confused = max(1, self._confusion(self.y != self.y_pred).max())
        super().__init__()

    def controls(self):
        return {"true": menu(_("True class t"), [(_(name), name) for name in TRUE], "all",
                             _("Only digits of this class: a row of the matrix")),
                "answer": menu(_("Answer p"), [(_(name), name) for name in ANSWER], "any wrong one",
                               _("Only digits with this answer: a column of the matrix, its diagonal, or the rest")),
                "limit": choices(_("Confidence up to"), [(f"{limit:.2f}", limit) for limit in LIMITS], 1.0,
                                 _("Leave out the digits that the network was surer of"))}

    def figure(self):
        fig = figures.new((9, 4.2))
        left, right = fig.subplots(1, 2, width_ratios=(1, 1.7))
        self.shades = left.imshow(np.zeros((10, 10)), cmap="Greys", vmin=0, vmax=DARKEST)
        self.counts = [left.add_artist(KeptText(p, t, ha="center", va="center", fontsize=9))
                       for t, p in np.ndindex(10, 10)]
        left.set(title=_("How many, by class and answer"), xlabel=_("Answer p"), ylabel=_("True class t"),
                 xticks=range(10), yticks=range(10))
        left.tick_params(length=0)
        left.spines[:].set_visible(False)

        # For each an image, its number and its classes above it, and the line between. The number is a text of its own:
        # so there are a hundred texts of classes to keep, and not 24 times as many.
        self.places = []
        for place, (row, column) in enumerate(np.ndindex(ROWS, COLUMNS), 1):
            middle, bottom = column + 0.5, 1.1 * (row + 1)
            extent = (middle - 0.4, middle + 0.4, bottom, bottom - 0.8)
            self.places.append((
                right.imshow(np.zeros((SIDE, SIDE)), cmap="Greys", vmin=-1, vmax=1, extent=extent),
                right.add_artist(KeptText(middle - 0.137, bottom - 0.89, f"{place})", ha="right", fontsize=9)),
                right.add_artist(KeptText(middle - 0.092, bottom - 0.89, ha="left", fontsize=9)),
                right.add_artist(KeptText(middle, bottom - 0.75, ha="center", fontsize=9, color="0.35"))))
        right.set(xlim=(0, COLUMNS), ylim=(1.1 * ROWS, 0))
        right.set_axis_off()
        return fig, [self.shades, *self.counts, *(artist for place in self.places for artist in place)]

    def compute(self, true, answer, limit):
        cells = TRUE[true] & ANSWER[answer]
        within = self.confidence <= limit
        chosen = np.flatnonzero(within & cells[self.y, self.y_pred])
        counts = self._confusion(within)
        return {"counts": counts, "shades": np.where(cells, TINT + counts / self.most_confused, 0),
                "chosen": chosen[np.argsort(-self.confidence[chosen], kind="stable")],
                "asked": (_("Of {n} digits") if true == "all" else _("Of {n} digits of class {true}")).format(
                    n=TRUE[true][self.y, 0].sum(), true=true),
                "got": self._got(answer, limit)}

    def draw(self, counts, shades, chosen, asked, got):
        self.shades.set_data(shades)
        for text, count, shade in zip(self.counts, counts.flat, shades.flat):
            text.set_text(str(count) if count else "")
            text.set_color(style.GREY if shade == 0 else "black" if 2 * shade < DARKEST else "white")

        shown = chosen[:SHOWN]
        for place, artists in enumerate(self.places):
            for artist in artists:
                artist.set_visible(place < len(shown))
        for k, (image, _number, classes, sure) in zip(shown, self.places):
            image.set_data(self.X[k].reshape(SIDE, SIDE))
            classes.set_text(f"t:{self.y[k]} p:{self.y_pred[k]}")
            sure.set_text(f"{self.confidence[k]:.2f}")
        return self._sentence(chosen).format(
            asked=asked, got=got, n=len(chosen), wrong=np.sum(self.y[chosen] != self.y_pred[chosen]), shown=SHOWN,
            span=self._span(shown))

    @staticmethod
    def _got(answer, limit):
        """What the digits got that are shown, as the end of "how many of them got ..."."""
        got = {"any": _("an answer"), "the right one": _("the right answer"), "any wrong one": _("a wrong answer")}
        said = got.get(answer, _("the answer {answer}").format(answer=answer))
        return _("{answer} with a confidence up to {limit:.2f}").format(answer=said, limit=limit) if limit < 1 else said

    def _sentence(self, chosen):
        """The sentence on the `chosen` digits: how many there are and are wrong, how sure those are that are shown."""
        if not len(chosen):
            return _("{asked}, none got {got}.")
        mixed = 0 < np.sum(self.y[chosen] != self.y_pred[chosen]) < len(chosen)
        if len(chosen) > SHOWN:
            return (_("{asked}, {n} got {got}, {wrong} of them wrong; shown are the {shown} surest, confidence {span}.")
                    if mixed else _("{asked}, {n} got {got}; shown are the {shown} surest, confidence {span}."))
        return (_("{asked}, {n} got {got}, {wrong} of them wrong; confidence {span}.") if mixed else
                _("{asked}, {n} got {got}; confidence {span}."))

    def _span(self, shown):
        """From the surest of the `shown` digits to the least sure; one number, if both are the same."""
        if not len(shown):
            return ""
        high, low = (f"{self.confidence[k]:.2f}" for k in shown[[0, -1]])
        return high if high == low else _("{high} to {low}").format(high=high, low=low)

    def _confusion(self, within):
        """The confusion matrix (10, 10) of the digits where `within` (n,) is true."""
        return np.bincount(10 * self.y[within] + self.y_pred[within], minlength=100).reshape(10, 10)


class KeptText(Text):
    """A short text whose picture is kept: setting the letters of a hundred anew would take most of a move's time."""

    def draw(self, renderer):
        if not self.get_text() or not self.get_visible():
            return
        x, y = self.get_transform().transform(self.get_position()).round().astype(int)
        picture, right, up = _picture(self.figure.dpi, self.get_text(), color=self.get_color(),
                                      fontsize=self.get_fontsize(), ha=self.get_ha(), va=self.get_va())
        renderer.draw_image(renderer.new_gc(), x + right, y + up, picture)
        self.stale = False


@functools.lru_cache(maxsize=1000)  # some 3 kB each
def _picture(dpi, words, **look):
    """Words as pixels (rows, columns, 4), bottom row first, and how far right and up their corner is from x and y."""
    fig = Figure(figsize=(4, 1), dpi=dpi)
    renderer = RendererAgg(4 * dpi, dpi, dpi)
    x, y = round(2 * dpi), round(dpi / 2)
    fig.text(x, y, words, transform=None, **look).draw(renderer)  # no transform: x and y are pixels
    pixels = np.asarray(renderer.buffer_rgba())[::-1]
    rows, columns = (np.flatnonzero(pixels[..., 3].any(axis=axis)) for axis in (1, 0))
    return pixels[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1].copy(), columns[0] - x, rows[0] - y
