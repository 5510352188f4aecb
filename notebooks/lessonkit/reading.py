"""A figure as text: what a test can compare and what is read where no picture is shown.

Notebook checkers skip pictures, so an emptied or mislabelled plot would pass. `read` names everything that a figure
draws, with numbers to four digits, in a form that is the same on every machine.
"""

import math

import numpy as np
from matplotlib.category import StrCategoryFormatter
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.ticker import FixedFormatter, FuncFormatter

FEW = 20  # so many bars are read one by one
NUDGE = 1e-9  # relative; far above the rounding noise of float64, far below a printed digit
ROUNDING = "rounding"  # artist.set_gid(ROUNDING): its values are rounding noise, which differs between machines


def read(fig, digits=4):
    """Everything that `fig` draws, a line an axes and an artist; numbers rounded to `digits` of the largest."""
    lines = [f"title: {text.get_text()}" for text in fig.texts]
    for number, ax in enumerate(fig.axes, 1):
        lines.append(f"axes {number}: {_labels(ax, digits)}")
        lines += [f"  {part}" for part in _artists(ax, digits)]
    return "\n".join(lines)


def _labels(ax, digits):
    parts = [f'"{ax.get_title()}"'] if ax.get_title() else []
    if ax.axison:
        for name, axis, limits in (("x", ax.xaxis, ax.get_xlim()), ("y", ax.yaxis, ax.get_ylim())):
            label, log = axis.get_label_text(), ", log" if axis.get_scale() == "log" else ""
            if label:
                parts.append(f'{name} "{label}" {" to ".join(numbers(limits, digits, log))}{log}')
            if isinstance(axis.get_major_formatter(), (FixedFormatter, FuncFormatter, StrCategoryFormatter)):
                parts.append(f"{name} ticks " + " ".join(text.get_text() for text in axis.get_ticklabels()))
    if ax.get_legend():
        parts.append("legend " + ", ".join(f'"{text.get_text()}"' for text in ax.get_legend().get_texts()))
    return "; ".join(parts) or "no labels"


def _artists(ax, digits):
    for line in ax.lines:
        yield f"line{_name(line)} {to_hex(line.get_color())}: {_line(line, ax, digits)}"
    for image in ax.images:
        low, high = numbers(image.get_clim(), digits)
        yield f"image {_image(np.asarray(image.get_array(), float), digits)}, {image.get_cmap().name} {low} to {high}"
    if ax.patches:
        heights = np.array([patch.get_height() if hasattr(patch, "get_height") else np.nan for patch in ax.patches])
        colors = sorted({to_hex(patch.get_facecolor()) for patch in ax.patches})
        each = " ".join(numbers(heights, digits)) if len(heights) <= FEW else _series(heights, digits)
        yield f"{len(heights)} bars {' '.join(colors)}: {each}"
    for points in ax.collections:
        if isinstance(points, PathCollection):
            x, y = np.asarray(points.get_offsets()).T
            yield f"points{_name(points)}: {len(x)}, x {_series(x, digits)}, y {_series(y, digits)}"
        else:
            yield f"{type(points).__name__}{_name(points)}"
    words = [text.get_text() for text in ax.texts if text.get_text()]
    if words:
        yield "text " + " | ".join(words)


def _name(artist):
    label = str(artist.get_label())
    return "" if label.startswith("_") else f' "{label}"'


def _line(line, ax, digits):
    x, y = (np.asarray(data, float) for data in line.get_data())
    if not len(x):
        return "empty"
    across = f"{len(x)} points, x {' to '.join(numbers(x[[0, -1]], digits, ax.get_xscale() == 'log'))}"
    if line.get_gid() == ROUNDING:
        return f"{across}, y at rounding level"
    return f"{across}, y {_series(y, digits, ax.get_yscale() == 'log')}"


def _series(values, digits, log=False):
    values = np.asarray(values, float)
    mean = 10 ** np.mean(np.log10(values)) if log and (values > 0).all() else values.mean()
    first, middle, last, mean = numbers([values[0], values[len(values) // 2], values[-1], mean], digits, log,
                                        scale=np.abs(values).max())
    return f"first {first}, middle {middle}, last {last}, mean {mean}"


def _image(pixels, digits):
    rows, columns = pixels.shape[:2]
    # A mean alone would not notice an image that is flipped or transposed; the means of its quarters do.
    quarters = [pixels[r, c].mean() for r in (slice(rows // 2), slice(rows // 2, None))
                for c in (slice(columns // 2), slice(columns // 2, None)) if pixels[r, c].size]
    mean, deviation, *quarters = numbers([pixels.mean(), pixels.std(), *quarters], digits, scale=np.abs(pixels).max())
    return f"{rows} x {columns}: mean {mean}, standard deviation {deviation}, quarters {' '.join(quarters)}"


def numbers(values, digits=4, log=False, scale=None):
    """Floats as texts, to `digits` of the largest (or of `scale`); on a log scale to `digits` of each."""
    if log:
        return [f"{value:.{digits}g}" for value in values]
    scale = max(np.abs(values)) if scale is None else scale
    decimals = digits - 1 - math.floor(math.log10(scale * (1 + NUDGE))) if 0 < scale < math.inf else 0
    # The nudge decides ties (50.125, or a scale of 1.0) before rounding noise can; 0.0 turns -0.0 into 0.0.
    nudge = scale * NUDGE if scale < math.inf else 0
    return [f"{round(float(value) + nudge, decimals) + 0.0:.{max(decimals, 0)}f}" for value in values]
