"""What all explorers share: controls, a picture that redraws in milliseconds, a sentence, and errors in plain sight.

An explorer is a subclass of `Explorer` with a `name`, an `alt` and four short methods:

    controls(self)            the widgets a student moves, at most three, by name
    figure(self)              a new figure and the artists in it that change
    compute(self, **state)    the values of the controls -> a dict of numbers; pure, asks `mlp_core`
    draw(self, **numbers)     puts the numbers into the artists; returns the sentence below the picture

Nothing else is needed: `SigmoidUnit()` at the end of a cell shows it. A saved notebook keeps the picture, its sentence
and its reading as a still twin, which is what GitHub, nbviewer and paper show.
"""

import contextlib
import copy
import html
import io
import struct
import threading
import zlib

import ipywidgets as widgets
import numpy as np
from matplotlib.image import AxesImage
from PIL import Image

from .. import live, style
from ..figures import image_tag, lay_out
from ..reading import read
from ..words import _

WIDE = {"width": "30em", "max_width": "100%"}  # a control's; in a narrower place live.css puts its label above it
LABELS = {"description_width": "11em"}


# -- controls ---------------------------------------------------------------------------------------


def slider(label, low, high, step, value, tooltip):
    """A slider from `low` to `high`; of whole numbers if all of them are."""
    kind = widgets.IntSlider if all(isinstance(v, int) for v in (low, high, step, value)) else widgets.FloatSlider
    return _control(kind, label, tooltip, value=value, min=low, max=high, step=step)


def choices(label, options, value, tooltip):
    """A slider over `options`, values or (text, value) pairs: for what is tried in factors, such as a rate."""
    return _control(widgets.SelectionSlider, label, tooltip, options=options, value=value)


def menu(label, options, value, tooltip):
    """A drop-down list of `options`, values or (text, value) pairs."""
    return _control(widgets.Dropdown, label, tooltip, options=options, value=value)


def _control(kind, label, tooltip, **settings):
    return kind(description=label, style=LABELS, layout=widgets.Layout(**WIDE), **live.tooltip(kind, tooltip),
                **settings)


# -- the picture ------------------------------------------------------------------------------------


class Picture:
    """A figure whose `moving` artists are drawn anew on a kept background, which takes a tenth of drawing it all."""

    KEPT = 8

    def __init__(self, fig, moving):
        self.fig, self.moving = fig, sorted(moving, key=lambda artist: artist.get_zorder())
        self._canvas, self._grounds, self._ground, self._laid_out = fig.canvas, {}, None, False
        for artist in self.moving:
            artist.set_animated(True)
            if isinstance(artist, AxesImage) and artist.get_interpolation() == "nearest":
                artist.make_image = _LargeSquares(artist)

    def redraw_all(self):
        """Draw the background too, next time: needed after what stands still has changed, such as an axis."""
        self._grounds = {}

    def turn_to(self, ground):
        """From now on draw on the background of that name; the last `KEPT` that were drawn are kept (1 MB each)."""
        self._ground = ground

    @style.course()
    def png(self, small=False):
        """The figure as it is now, as PNG: in few milliseconds, or if `small` in few bytes."""
        if self._ground not in self._grounds:
            if not self._laid_out:
                lay_out(self.fig)  # once: nothing may jump while a slider moves
                self._laid_out = True
            self._canvas.draw()
            self._grounds[self._ground] = self._canvas.copy_from_bbox(self.fig.bbox)
            while len(self._grounds) > self.KEPT:
                self._grounds.pop(next(iter(self._grounds)))
        self._canvas.restore_region(self._grounds[self._ground])
        renderer = self._canvas.get_renderer()
        for artist in self.moving:
            artist.draw(renderer)
        image = Image.fromarray(np.asarray(self._canvas.buffer_rgba())).convert("RGB")
        if not small:
            return _quick_png(np.asarray(image))
        encoded = io.BytesIO()
        image.save(encoded, "png", compress_level=9)
        return encoded.getvalue()


def _quick_png(pixels):
    """`pixels`, bytes of shape (rows, columns, 3), as a PNG file, two to four times as fast as Pillow.

    Pillow tries five filters on every line. For a chart of lines and letters one does as well: what changes from the
    line above.
    """
    rows, columns = pixels.shape[:2]
    flat, lines = pixels.reshape(rows, -1), np.empty((rows, 1 + 3 * columns), np.uint8)
    lines[:, 0] = 2  # the filter "up"
    lines[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=lines[1:, 1:])
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)  # 8 bits a colour, RGB, no interlacing
    parts = {b"IHDR": header, b"IDAT": zlib.compress(lines, 1), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(struct.pack(">I", len(data)) + kind + data +
                                             struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts.items())


class _LargeSquares:
    """`make_image` of an `AxesImage` that colours its values once each, not every pixel that shows one."""

    def __init__(self, image):
        self.image, self.found_for = image, None

    def __call__(self, renderer, *args, **kwargs):
        colours = self.image.to_rgba(self.image.get_array(), bytes=True)
        where = colours.shape, self.image.get_window_extent().bounds
        if where != self.found_for:
            self.found_for, self.value_of, self.place = where, *self._values_of_pixels(renderer, colours.shape)
        return colours.reshape(-1, 4).take(self.value_of, axis=0), *self.place

    def _values_of_pixels(self, renderer, shape):
        """Which value each pixel shows, from an image that Matplotlib draws of the values' own numbers, as bytes."""
        numbers = np.arange(shape[0] * shape[1]).reshape(shape[:2])
        places = copy.copy(self.image)
        places.set_data(np.stack([*(numbers >> shift & 255 for shift in (0, 8, 16)), 255 + 0 * numbers],
                                 axis=-1).astype(np.uint8))
        pixels, *place = AxesImage.make_image(places, renderer)
        return pixels[..., :3].astype(int) @ (1, 1 << 8, 1 << 16), place


# -- the explorer -----------------------------------------------------------------------------------


class Explorer:
    """Controls over a picture. Subclasses give `name`, `alt` and the four methods of the module's docstring.

    Attributes: `widgets`, the controls by name; `defaults` and `state`, their values at first and now; `picture`;
    `sentence`, the text below it; `box`, the whole as one widget.
    """

    alt = ""  # a sentence, marked with N_: what the picture shows, for those who do not see it
    name = ""  # what the whole is called, for the same

    def __init__(self):
        # What comes while a cell runs, JupyterLab sends to another thread of the kernel: two moves can be here at once.
        self.lock = threading.RLock()
        self.widgets = self.controls()
        self.defaults = self.state
        with style.course():
            self.picture = Picture(*self.figure())
        self.sentence = ""
        self._resetting = False
        self._alt = _(self.alt)
        self._image = live.Image(alt=self._alt, layout=widgets.Layout(max_width="100%"))
        self._text, self._message = widgets.HTML(), widgets.HTML()
        for widget in self.widgets.values():
            widget.observe(self._on_change, names="value")
        self._page = live.Page(name=_(self.name) or type(self).__name__)
        self.box = widgets.VBox([*self.rows(), self._image, self._text, self._message, self._page])
        self.box.add_class("explorer").add_class(type(self).__name__)
        self.refresh()

    # what a subclass says

    def controls(self):
        raise NotImplementedError

    def figure(self):
        raise NotImplementedError

    def compute(self, **state):
        raise NotImplementedError

    def draw(self, **numbers):
        raise NotImplementedError

    def rows(self):
        """The widgets above the picture: the controls, one below the other, and Reset."""
        return [*self.widgets.values(),
                self.button(_("Reset"), self.reset, _("Put every control back to where it began"))]

    # what it does

    @property
    def state(self):
        return {name: widget.value for name, widget in self.widgets.items()}

    def show_state(self, **state):
        """The picture of `state`, as PNG; sets `sentence`."""
        numbers = self.compute(**state)
        with style.course():
            self.sentence = self.draw(**numbers)
            return self.picture.png()

    def refresh(self):
        """Show the state that the controls are in."""
        with self.lock, self.errors_shown():
            self._image.value = self.show_state(**self.state)  # first: it is what one waits for
            self.show_text()

    def show_text(self):
        """Put what belongs to the picture below it, in words."""
        self._text.value, self._page.sentence = html.escape(self.sentence), self.sentence

    def reset(self):
        """Put every control back and show that."""
        with self.lock:
            self._resetting = True  # one picture at the end, not one for every control
            try:
                for name, value in self.defaults.items():
                    self.widgets[name].value = value
            finally:
                self._resetting = False
            self.refresh()

    def button(self, label, action, tooltip):
        """A button that does `action()`; an error in it is shown below the picture."""
        def on_click(_button):
            with self.errors_shown():
                action()

        button = widgets.Button(description=label, tooltip=tooltip)
        button.on_click(on_click)
        return button

    @contextlib.contextmanager
    def errors_shown(self):
        """Within it, an error is shown to the student, and raised all the same, so that tests and logs have it."""
        try:
            yield
        except Exception as error:
            what = html.escape(f"{type(error).__name__}: {error}")
            self._message.value = f'<div class="explorer-error" role="alert" style="color: {style.RED}">{what}</div>'
            raise
        self._message.value = ""

    def _on_change(self, change):
        if not self._resetting:
            self.refresh()

    def _ipython_display_(self, **_kwargs):
        """The live widget, and for where none can run the picture of its state with sentence and reading."""
        with self.lock, style.course():
            above, said = self.above_the_picture()
            text = "\n".join([self._alt, self.sentence, *said, read(self.picture.fig)])
            picture = image_tag(self.picture.png(small=True), self._alt, self.sentence)
        live.show(self.box, above + picture, text)

    def above_the_picture(self):
        """What the still twin has besides its picture: HTML, and the same as a list of texts."""
        return "", []

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.state.items())})"
