"""Lesson 6: a digit of one's own, from the canvas to the network's answer.

The digits of MNIST were scans of all sizes before they became 28 x 28 pixels. A drawing goes the same way here, by
functions that each are a step, and the picture shows every step: `bounding_box`, `fit`, `centre`.
"""

from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from PIL import Image

from mlp_core import DATA, NeuralNetMLP, _scale

from .. import figures, style
from ..words import N_, _
from .base import Explorer

SIDE, PEN = 280, 20  # pixels: the canvas, the width of its pen
BOX, FIELD, MIDDLE = 20, 28, 14  # pixels: MNIST's digits fit a box, in a field, about the pixel (14, 14) of it
MIDDLES = np.arange(SIDE) + 0.5  # of the canvas's pixels, in a row or a column
SMALLEST = 60  # pixels: a drawing that is neither as high nor as wide is a blot
SURE = 0.5  # a smaller output says: rather not this class

# Made by hand, small and off the middle: a seven, as points (x, y) on the canvas.
EXAMPLE = [[(38, 128), (66, 122), (98, 120), (138, 112), (128, 142), (112, 176), (100, 206), (90, 248)]]


# -- the canvas -------------------------------------------------------------------------------------


class Pad(anywidget.AnyWidget):
    """A canvas to draw on. `value` is the way of its pen: strokes, each a list of points (x, y) in pixels.

    It is None until somebody draws. The way and not the pixels, because some browsers give false pixels to whoever
    reads a canvas, so that no page can know them by how they draw.
    """

    _esm = (Path(__file__).parent / "pad.js").read_text(encoding="utf-8")
    value = traitlets.Any(None, allow_none=True).tag(sync=True, echo_update=False)  # `Ink.of` says what is wrong
    side = traitlets.Int(SIDE).tag(sync=True)
    pen = traitlets.Int(PEN).tag(sync=True)
    words = traitlets.Dict().tag(sync=True)  # all that it says

    @traitlets.default("words")
    def _default_words(self):
        return {"canvas": _("Canvas to draw a digit on; arrow keys move the pen, Space puts it down or lifts it, C "
                            "clears"),
                "hint": _("draw here"), "clear": _("Clear"), "wipe": _("Wipe the canvas"),
                "up": _("Keys: arrows move the pen, Space puts it down, C clears"),
                "down": _("Keys: arrows move the pen, Space lifts it, C clears")}

    def __repr__(self):
        return "Pad()"


class Ink:
    """The ink of strokes drawn with a round pen. What it drew last it keeps, and draws only what has been added."""

    def __init__(self, pen=PEN):
        self.pen = pen
        self._start_anew()

    def _start_anew(self):
        self._drawn, self._squares = [], np.full((SIDE, SIDE), np.inf)  # squared distances of pixels from the pen's way

    def of(self, strokes):
        """The ink (280, 280), uint8, of `strokes`, lists of points (x, y): 0 is paper, 255 full ink.

        Raises ValueError if they are anything else.
        """
        lines = [line for stroke in _checked(strokes) for line in zip([stroke[0], *stroke], stroke)]  # first a dot
        if lines[:len(self._drawn)] != self._drawn:
            self._start_anew()
        for line in lines[len(self._drawn):]:
            self._add(*line)
        self._drawn = lines
        return np.rint(255 * np.clip(self.pen / 2 + 0.5 - np.sqrt(self._squares), 0, 1)).astype(np.uint8)

    def _add(self, start, end):
        """Bring the distances up to date with a line, near it: what is further off gets no ink from it."""
        near = [slice(*(round(min(max(edge, 0), SIDE)) for edge in (min(pair) - self.pen, max(pair) + self.pen)))
                for pair in zip(start, end)]
        x, y = MIDDLES[near[0]] - start[0], MIDDLES[near[1], np.newaxis] - start[1]
        dx, dy = end[0] - start[0], end[1] - start[1]
        if length := dx * dx + dy * dy:
            share = (x * (dx / length) + y * (dy / length)).clip(0, 1)  # where on the line is nearest
            x, y = x - share * dx, y - share * dy
        part = self._squares[near[1], near[0]]
        np.minimum(part, x * x + y * y, out=part)


def _checked(strokes):
    """`strokes` as lists of points (x, y) of floats."""
    try:
        if not isinstance(strokes, (list, tuple)):
            raise TypeError
        points = [np.array(stroke, float) for stroke in strokes]
    except (TypeError, ValueError):
        points = [None]
    if not all(p is not None and p.ndim == 2 and len(p) and p.shape[1] == 2 and np.isfinite(p).all() for p in points):
        raise ValueError(f"a canvas cannot show {str(strokes)[:60]}. Expected a list of strokes, each a list of points "
                         "(x, y) in pixels. Run the cell again.")
    return [list(map(tuple, p.tolist())) for p in points]


def draw_strokes(strokes, pen=PEN):
    """The ink (280, 280), uint8, of `strokes`, lists of points (x, y), drawn with a round pen as on the canvas."""
    return Ink(pen).of(strokes)


# -- MNIST's normalisation, step by step ------------------------------------------------------------


def bounding_box(ink):
    """Where there is ink, as two slices, rows and columns; None where there is none."""
    if not ink.any():
        return None
    spans = (np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0)))
    return tuple(slice(int(span[0]), int(span[-1]) + 1) for span in spans)


def fit(ink):
    """What is in the bounding box, scaled until its longer side is 20 pixels: uint8, grey where ink covers a part."""
    cut = ink[bounding_box(ink)]
    rows, columns = (max(1, round(BOX * length / max(cut.shape))) for length in cut.shape)
    # Two calls, since it depends on Pillow's version which direction comes first within one, and with it the rounding.
    across = Image.fromarray(cut).resize((columns, cut.shape[0]), Image.Resampling.BOX)
    return np.asarray(across.resize((columns, rows), Image.Resampling.BOX))


def centre_of_mass(image):
    """The mean place (row, column) of the pixels of `image`, each weighted with its ink."""
    ink = image.sum(dtype=float)
    return (float(image.sum(axis=1) @ np.arange(image.shape[0]) / ink),
            float(image.sum(axis=0) @ np.arange(image.shape[1]) / ink))


def centre(fitted):
    """A field (28, 28), uint8, with `fitted` in it, moved by whole pixels until its centre of mass is at (14, 14).

    That is within half a pixel, as in MNIST, or as near as it comes without ink over the edge.
    """
    corner = [min(max(round(MIDDLE - mass), 0), FIELD - length)
              for mass, length in zip(centre_of_mass(fitted), fitted.shape)]
    field = np.zeros((FIELD, FIELD), np.uint8)
    field[corner[0]:corner[0] + fitted.shape[0], corner[1]:corner[1] + fitted.shape[1]] = fitted
    return field


# -- the explorer -----------------------------------------------------------------------------------


class DrawDigit(Explorer):
    """A canvas to draw a digit on, the steps of its normalisation, and what the network makes of it, live.

    `network` is a trained `NeuralNetMLP` for 784 pixels, by default the best one that comes with the course. Until
    somebody draws, an example is shown.
    """

    name = N_("Draw digit")
    alt = N_("A drawn digit in its bounding box, the same fitted into 20 x 20 pixels, then centred in 28 x 28, "
             "and the network's outputs as bars.")

    def __init__(self, network=None):
        self.network = NeuralNetMLP.load(DATA / "best_run.npz") if network is None else network
        self.network.predict(np.zeros((1, FIELD * FIELD)))  # says so if it is untrained, or for other pixels
        self.ink = Ink()
        super().__init__()
        # Side by side where there is room; and instead of a Reset the pad has a Clear.
        self._image.layout = widgets.Layout(flex="1 1 320px", min_width="0", max_width="560px")
        drawing = widgets.HBox([self.widgets["pad"], self._image],
                               layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"))
        self.box.children = [drawing, self._text, self._message, self._page]

    def controls(self):
        return {"pad": Pad()}

    def figure(self):
        fig = figures.new((5.6, 3.6))
        axes = fig.subplot_mosaic([["drawn", "fitted", "centred"], ["outputs"] * 3], height_ratios=[1.5, 1])
        self.axes, self.images = axes, {}
        for name, side, shown in (("drawn", SIDE, SIDE // 2), ("fitted", BOX, BOX), ("centred", FIELD, FIELD)):
            self.images[name] = axes[name].imshow(np.zeros((shown, shown)), cmap="Greys", vmin=0, vmax=255,
                                                  extent=(-0.5, side - 0.5, side - 0.5, -0.5))
            axes[name].set(xticks=[], yticks=[])
            axes[name].spines[:].set_visible(True)
            axes[name].spines[:].set_color(style.GREY)
            axes[name].spines[:].set_position(("outward", 1))  # not under the image, which would wipe them away
        self.images["drawn"].set_interpolation("bilinear")  # a drawing; of the other two the pixels are to be seen
        axes["centred"].set_title(_("Centred: {width} x {height}").format(width=FIELD, height=FIELD))
        self.outline, = axes["drawn"].plot([], [], "-", color=style.ORANGE)
        middle = {"color": style.GREY, "linestyle": ":"}
        cross = [axes["centred"].axhline(MIDDLE, **middle), axes["centred"].axvline(MIDDLE, **middle)]
        self.mass, = axes["centred"].plot([], [], "o", color=style.ORANGE)
        self.bars = axes["outputs"].bar([str(label) for label in range(len(self.network.b_out))], 0)
        axes["outputs"].axhline(SURE, **middle)
        axes["outputs"].set(xlabel=_("Class"), ylabel=_("Output"), ylim=(0, 1))
        return fig, [*self.images.values(), self.outline, *cross, self.mass, *self.bars,
                     *(axes[name].title for name in ("drawn", "fitted", "outputs"))]

    def compute(self, pad):
        example = pad is None
        ink = draw_strokes(EXAMPLE) if example else self.ink.of(pad)
        box = bounding_box(ink)
        numbers = {"example": example, "ink": ink, "box": box}
        if box is None or max(ink[box].shape) < SMALLEST:
            return numbers
        fitted = fit(ink)
        centred = centre(fitted)
        # In float64, though the network is float32: the outputs then are the same on every machine.
        a_out = self.network._forward(_scale(centred.reshape(1, -1), np.float64))[3][0]
        return numbers | {"fitted": fitted, "centred": centred, "mass": centre_of_mass(centred), "a_out": a_out}

    def draw(self, example, ink, box, fitted=None, centred=None, mass=None, a_out=None):
        self.images["drawn"].set_data(ink[::2, ::2])  # the panel has no more pixels, and they take a fourth of the time
        self.axes["drawn"].set_title(_sized(_("Example") if example else _("Drawn"), ink[box] if box else None))
        self.images["fitted"].set_data(_framed(fitted))
        self.axes["fitted"].set_title(_sized(_("Fitted"), fitted))
        self.images["centred"].set_data(np.zeros((FIELD, FIELD)) if centred is None else centred)
        self.outline.set_data(*(_around(*box) if box else ([], [])))
        self.mass.set_data(*([[mass[1]], [mass[0]]] if mass else ([], [])))
        answer = None if a_out is None else int(a_out.argmax())
        for label, bar in enumerate(self.bars):
            bar.set_height(0 if a_out is None else a_out[label])
            bar.set_facecolor(style.ORANGE if label == answer else style.BLUE)
        self.axes["outputs"].set_title(_("No answer yet") if answer is None else
                                       _("Answer: {answer}").format(answer=answer))
        if box is None:
            return _("Draw a digit on the canvas.")
        if answer is None:
            return _("Too little ink for an answer: draw on, until it is {pixels} pixels high or wide.").format(
                pixels=SMALLEST)
        return (_("An example until you draw.") + " " if example else "") + _answer(a_out)

    def __repr__(self):
        return "DrawDigit()"  # its state can be a thousand points long


def _sized(title, digit):
    """A title that ends on width and height."""
    return title if digit is None else f"{title}: {digit.shape[1]} x {digit.shape[0]}"


def _framed(fitted):
    """`fitted` in the middle of its box (20, 20), which is empty if it is None."""
    if fitted is None:
        return np.zeros((BOX, BOX))
    return np.pad(fitted, [((BOX - length) // 2, (BOX - length + 1) // 2) for length in fitted.shape])


def _around(rows, columns):
    """The outline x, y of a bounding box, along the outer edges of its pixels."""
    top, bottom, left, right = (edge - 0.5 for edge in (rows.start, rows.stop, columns.start, columns.stop))
    return [left, right, right, left, left], [top, top, bottom, bottom, top]


def _answer(a_out):
    """The largest output and the next, as a sentence."""
    second, first = np.argsort(a_out, kind="stable")[-2:]
    said = (_("The network is unsure: its largest output is only {output:.2f}, for {first}; the runner-up is {second} "
              "with "
              "{other:.2f}.") if a_out[first] < SURE else
            _("The answer is {first} with an output of {output:.2f}; the runner-up is {second} with {other:.2f}."))
    return said.format(output=a_out[first], first=first, second=second, other=a_out[second])
