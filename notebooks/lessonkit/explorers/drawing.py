"""Lesson 6: a digit of one's own, from the canvas to the network's answer.

The digits of MNIST were scans of all sizes before they became 28 x 28 pixels. A drawing goes the same way here, by
functions that each are a step, and the picture shows every step: `bounding_box`, `fit`, `centre`.
"""

from pathlib import Path

import anywidget
import ipywidgets as widgets
import numpy as np
import traitlets
from ipywidgets.widgets.trait_types import CByteMemoryView
from PIL import Image

from mlp_core import DATA, NeuralNetMLP, _scale

from .. import figures, style
from .base import Explorer

SIDE, PEN = 280, 20  # pixels: the canvas, the width of its pen
BOX, FIELD, MIDDLE = 20, 28, 14  # pixels: MNIST's digits fit a box, in a field, about the pixel (14, 14) of it
SMALLEST = 60  # pixels: a drawing that is neither as high nor as wide is a blot
SURE = 0.5  # a smaller output says: rather not this class

# Made by hand, small and off the middle: a seven, as points (x, y) on the canvas.
EXAMPLE = [[(38, 128), (66, 122), (98, 120), (138, 112), (128, 142), (112, 176), (100, 206), (90, 248)]]


# -- the canvas -------------------------------------------------------------------------------------


class Pad(anywidget.AnyWidget):
    """A canvas to draw on. `value` is its ink as bytes, row by row, 0 to 255; empty until somebody draws."""

    _esm = (Path(__file__).parent / "pad.js").read_text(encoding="utf-8")
    # Not traitlets.Bytes: what a browser sends comes as a memoryview, which that refuses without a word.
    value = CByteMemoryView().tag(sync=True, echo_update=False)
    side = traitlets.Int(SIDE).tag(sync=True)
    pen = traitlets.Int(PEN).tag(sync=True)

    def __repr__(self):
        return "Pad()"


def ink_of(value):
    """The bytes of a canvas as its ink (280, 280), uint8: 0 is paper, 255 full ink."""
    if len(value) != SIDE * SIDE:
        raise ValueError(f"the canvas sent {len(value):,} bytes; expected {SIDE * SIDE:,}, one for each of its "
                         f"{SIDE} x {SIDE} pixels. Run the cell again.")
    return np.frombuffer(value, np.uint8).reshape(SIDE, SIDE)


def draw_strokes(strokes, pen=PEN):
    """The ink (280, 280), uint8, of `strokes`, lists of points (x, y), drawn with a round pen as on the canvas."""
    middles = np.arange(SIDE) + 0.5
    pixels = np.stack(np.meshgrid(middles, middles), axis=-1)  # (280, 280, 2): x and y of each
    distance = np.full((SIDE, SIDE), np.inf)
    for stroke in strokes:
        for start, end in zip(np.array(stroke, float), np.array(stroke[1:] or stroke, float)):  # a point is a dot
            line = end - start
            share = np.clip((pixels - start) @ line / max(line @ line, 1e-12), 0, 1)  # where on the line is nearest
            distance = np.minimum(distance, np.linalg.norm(pixels - start - share[..., None] * line, axis=-1))
    return np.rint(255 * np.clip(pen / 2 + 0.5 - distance, 0, 1)).astype(np.uint8)


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
    return np.asarray(Image.fromarray(cut).resize((columns, rows), Image.Resampling.BOX))


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

    alt = ("A drawn digit in its bounding box, the same fitted into 20 x 20 pixels, then centred in 28 x 28, "
           "and the network's outputs as bars.")

    def __init__(self, network=None):
        self.network = NeuralNetMLP.load(DATA / "best_run.npz") if network is None else network
        self.network.predict(np.zeros((1, FIELD * FIELD)))  # says so if it is untrained, or for other pixels
        super().__init__()
        # Side by side where there is room; and instead of a Reset the pad has a Clear.
        self._image.layout = widgets.Layout(flex="1 1 420px", min_width="0", max_width="560px")
        drawing = widgets.HBox([self.widgets["pad"], self._image],
                               layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"))
        self.box.children = [drawing, self._text, self._message]

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
        axes["centred"].set_title(f"Centred: {FIELD} x {FIELD}")
        self.outline, = axes["drawn"].plot([], [], "-", color=style.ORANGE)
        middle = {"color": style.GREY, "linestyle": ":"}
        cross = [axes["centred"].axhline(MIDDLE, **middle), axes["centred"].axvline(MIDDLE, **middle)]
        self.mass, = axes["centred"].plot([], [], "o", color=style.ORANGE)
        self.bars = axes["outputs"].bar([str(label) for label in range(len(self.network.b_out))], 0)
        axes["outputs"].axhline(SURE, **middle)
        axes["outputs"].set(xlabel="Class", ylabel="Output", ylim=(0, 1))
        return fig, [*self.images.values(), self.outline, *cross, self.mass, *self.bars,
                     *(axes[name].title for name in ("drawn", "fitted", "outputs"))]

    def compute(self, pad):
        example = len(pad) == 0
        ink = draw_strokes(EXAMPLE) if example else ink_of(pad)
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
        self.axes["drawn"].set_title(("Example" if example else "Drawn") + _size(ink[box] if box else None))
        self.images["fitted"].set_data(_framed(fitted))
        self.axes["fitted"].set_title("Fitted" + _size(fitted))
        self.images["centred"].set_data(np.zeros((FIELD, FIELD)) if centred is None else centred)
        self.outline.set_data(*(_around(*box) if box else ([], [])))
        self.mass.set_data(*([[mass[1]], [mass[0]]] if mass else ([], [])))
        answer = None if a_out is None else int(a_out.argmax())
        for label, bar in enumerate(self.bars):
            bar.set_height(0 if a_out is None else a_out[label])
            bar.set_facecolor(style.ORANGE if label == answer else style.BLUE)
        self.axes["outputs"].set_title("No answer yet" if answer is None else f"Answer: {answer}")
        if box is None:
            return "Draw a digit on the canvas."
        if answer is None:
            return f"Too little ink for an answer: draw on, until it is {SMALLEST} pixels high or wide."
        return ("An example until you draw. " if example else "") + _answer(a_out)

    def __repr__(self):
        return "DrawDigit()"  # its state is 78,400 bytes long


def _size(digit):
    """Width and height, as the end of a title."""
    return "" if digit is None else f": {digit.shape[1]} x {digit.shape[0]}"


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
    runner_up = f"the runner-up is {second} with {a_out[second]:.2f}."
    if a_out[first] < SURE:
        return f"The network is unsure: its largest output is only {a_out[first]:.2f}, for {first}; {runner_up}"
    return f"The answer is {first} with an output of {a_out[first]:.2f}; {runner_up}"
