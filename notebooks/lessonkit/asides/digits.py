"""Lesson 1: the figures and tables around the digits, their bytes and the first hidden units."""

import numpy as np

from .. import figures, style
from ..tables import table
from ..words import _


# -- digits and answers -----------------------------------------------------------------------------


def show_answers(images, labels, answers):
    """Digits, `images` (n, 784), five in a row, with the answer over each; a wrong one in red, with the label."""
    titles = [f"{answer}" if answer == label else _("{answer}, not {label}").format(answer=answer, label=label)
              for label, answer in zip(labels, answers)]
    fig = figures.draw_digits(images, titles, columns=5, size=1.05)
    for ax, label, answer in zip(fig.axes, labels, answers):
        if answer != label:
            ax.title.set_color(style.RED)
    right = int(np.sum(np.equal(labels, answers)))
    figures.show(fig, _("{n} handwritten digits with a network's answers, {right} of them right: {answers}.").format(
        n=len(images), right=right, answers="; ".join(titles)))


def show_hits(hits):
    """Bars of how many of 50 digits of each class were right, `hits` (10,); the class with fewest in orange."""
    with figures.picture(_("Bars of the validation digits that the nearest mean gets right, by class."),
                         size=(6.4, 2.8)) as ax:
        figures.plot_bars(ax, range(10), hits, _("Class"), _("Right, of 50"),
                          _("Nearest mean on the validation digits"),
                          highlight=np.argmin(hits))
    print(_("right of 50, by class: {hits}").format(hits=hits))


# -- bytes and pixels -------------------------------------------------------------------------------


def _frame(ax, rows, columns):
    """A frame around a range of pixels."""
    top, bottom, left, right = rows[0] - 0.5, rows[-1] + 0.5, columns[0] - 0.5, columns[-1] + 0.5
    ax.plot([left, right, right, left, left], [top, top, bottom, bottom, top])


def show_two_readings(image, forgotten):
    """The same digit read from byte 16 of the file and, the header `forgotten`, from byte 0; both in frames."""
    with figures.picture(_("A six read rightly, and the same six cut in two when read with the header."),
                         1, 2, size=(4.8, 2.65)) as axes:
        for ax, pixels, title in zip(axes, (image, forgotten), (_("From byte 16"), _("From byte 0"))):
            figures.draw_digit(ax, pixels, title)
            _frame(ax, range(figures.SIDE), range(figures.SIDE))


def print_pixels(pixels):
    """The bytes of a picture, or of a part of one, (rows, columns), as numbers in their places."""
    print("\n".join("".join(f"{pixel:4d}" for pixel in row) for row in pixels))


def show_pixels(image, rows, columns):
    """A digit with a frame around some of its `rows` and `columns`, and beside it their numbers."""
    with figures.picture(_("A six, and ten by ten of its pixels with their values written on them."),
                         1, 2, size=(9, 4.4)) as (left, right):
        figures.draw_digit(left, image, _("The whole digit"))
        _frame(left, rows, columns)
        figures.draw_matrix(right, image[np.ix_(rows, columns)], rows, columns, _("Row"), _("Column"),
                            _("Inside the frame"),
                            cmap="Greys")


def describe_arrays(arrays):
    """Name, shape, kind of numbers and their range, a line for each of `arrays`, a dict name -> array."""
    values = arrays.values()
    table({_("array"): list(arrays), _("shape"): [str(array.shape) for array in values],
           _("numbers"): [str(array.dtype) for array in values],
           _("values"): [_("{low:g} to {high:g}").format(low=array.min(), high=array.max()) for array in values]})


# -- hidden units -----------------------------------------------------------------------------------


def show_units(z_bytes, z_scaled, a_bytes, a_scaled):
    """Histograms of the net inputs of the hidden units for bytes and for scaled pixels, and of both activations."""
    names = _("0 to 255"), _("-1 to 1")
    with figures.picture(_("Net inputs at two scales, and activations, most of them at 0 and 1 for bytes."),
                         1, 3, size=(9, 3)) as axes:
        for ax, name, z_h, edge in zip(axes, names, (z_bytes, z_scaled), (1000, 12)):
            figures.plot_histogram(ax, z_h, np.linspace(-edge, edge, 41), _("Net input"),
                                   title=_("Pixels {scale}").format(scale=name))
            ax.set_xticks((-edge, 0, edge))
        for name, a_h in zip(names, (a_bytes, a_scaled)):
            figures.plot_histogram(axes[2], a_h, np.linspace(0, 1, 26), _("Activation"), label=name)
