"""The figures of the lessons.

    with figures.picture("Alt text.", 1, 2, size=(9, 3.2)) as (left, right):
        figures.plot_cost(left, costs)
        ...

makes a figure, and shows it at the end of the block. Each `plot_*` and `draw_*` takes an `ax` and returns it; a few
functions make a figure of their own, which `show` puts under the cell. All of it looks the same whatever the user's
own settings of Matplotlib are.
"""

import base64
import contextlib
import html
import io
import math

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from . import style
from .reading import read
from .words import N_, _

SIDE = 28  # a digit is SIDE x SIDE pixels


# -- making and showing a figure --------------------------------------------------------------------


def new(size=None):
    """An empty figure of `size` inches.

    It is no pyplot figure: whatever backend the user has, nothing else shows it.
    """
    with style.course():
        fig = Figure(figsize=size)
        FigureCanvasAgg(fig)
        return fig


@contextlib.contextmanager
def picture(alt, rows=1, columns=1, *, size=None, digits=4, **subplots):
    """A new figure for a `with` block, which gets its axes (as from `plt.subplots`); it is shown at the block's end.

    `alt` is a sentence that says what it shows, `size` its inches. Within the block all is drawn in the course's style.
    """
    with style.course():
        fig = new(size)
        yield fig.subplots(rows, columns, **subplots)
        show(fig, alt, digits)


@style.course()
def show(fig, alt, digits=4):
    """Put `fig` under the cell as a picture, with `alt`, a sentence that says what it shows, and its reading as text.

    The text is what nbval compares and what a text-only viewer gets.
    """
    png, text, layout = io.BytesIO(), read(fig, digits), lay_out(fig)  # `savefig` would do it twice
    try:
        fig.savefig(png, format="png", metadata={"Software": None})
    finally:
        fig.set_layout_engine(layout)
    display({"text/html": image_tag(png.getvalue(), alt), "text/plain": f"{alt}\n{text}"}, raw=True)


def lay_out(fig):
    """Lay `fig` out now, which takes as long as to draw it, and not again when it is drawn; return what laid it out."""
    layout = fig.get_layout_engine()
    if layout:
        layout.execute(fig)
    fig.set_layout_engine("none")
    return layout


def image_tag(png, alt, caption=""):
    """A PNG as HTML with its alt text, which front ends leave out of a bare picture; a `caption` stands below it."""
    data = base64.b64encode(png).decode()
    tag = f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="data:image/png;base64,{data}">'
    if not caption:
        return tag
    return f'<figure style="margin: 0">{tag}<figcaption>{html.escape(caption)}</figcaption></figure>'


# -- digits -----------------------------------------------------------------------------------------


def draw_digit(ax, pixels, title=None):
    """A digit, `pixels` (784,) or (28, 28) in any range, dark ink on white paper as in the document."""
    ax.imshow(np.reshape(pixels, (SIDE, SIDE)), cmap="Greys", origin="upper")
    ax.set_title("" if title is None else title)
    ax.set_axis_off()
    return ax


@style.course()
def draw_digits(images, titles=None, columns=5, size=1.1):
    """A gallery: a new figure with a digit for each row of `images` (n, 784), `titles` over them."""
    rows = -(-len(images) // columns)
    fig = new((size * columns, (size + 0.25 * (titles is not None)) * rows))
    axes = fig.subplots(rows, columns, squeeze=False)
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, pixels, title in zip(axes.flat, images, [None] * len(images) if titles is None else titles):
        draw_digit(ax, pixels, title).title.set_fontsize("small")
    return fig


def draw_answers(images, y, y_pred, confidence=None, **gallery):
    """A gallery of `images` (n, 784) with number, true class t and predicted class p over each, as in the document.

    `confidence` (n,) follows the classes if it is given; `gallery` goes to `draw_digits`.
    """
    titles = [f"{number}) t:{true} p:{answer}" for number, (true, answer) in enumerate(zip(y, y_pred), 1)]
    if confidence is not None:
        titles = [f"{title}  {sure:.2f}" for title, sure in zip(titles, confidence)]
    return draw_digits(images, titles, **gallery)


def draw_signed(ax, values, title=None, limit=None):
    """Weights or deltas, `values` (784,) or a matrix, as an image: red positive, blue negative, white zero."""
    values = np.asarray(values)
    values = values.reshape(SIDE, SIDE) if values.ndim == 1 and values.size == SIDE * SIDE else np.atleast_2d(values)
    limit = np.abs(values).max() if limit is None else limit
    ax.imshow(values, cmap="RdBu_r", vmin=-limit, vmax=limit, origin="upper")
    ax.set_title("" if title is None else title)
    ax.set_axis_off()
    return ax


def draw_forward(axes, pixels, a_h, a_out, title=None):
    """One digit on its way through a network, on three `axes`: `pixels` (784,), `a_h` as an image, `a_out` as bars.

    Hidden activations run from 0, dark, to 1, bright. The largest output, the answer, has another colour.
    """
    picture, hidden, outputs = axes
    rows = next(rows for rows in range(math.isqrt(len(a_h)), 0, -1) if len(a_h) % rows == 0)  # as square as can be
    draw_digit(picture, pixels, title)
    hidden.imshow(np.reshape(a_h, (rows, -1)), cmap="viridis", vmin=0, vmax=1, origin="upper")
    hidden.set_title(_("{n} hidden activations").format(n=len(a_h)))
    hidden.set_axis_off()
    answer = np.argmax(a_out)
    plot_bars(outputs, range(len(a_out)), a_out, _("Class"), _("Output"), _("Answer: {answer}").format(answer=answer),
              answer)
    outputs.set_ylim(0, 1)
    return axes


# -- curves, bars, matrices -------------------------------------------------------------------------


def plot_lines(ax, x, lines, xlabel, ylabel, title=None):
    """One line for each entry of `lines`, a dict label -> values; a legend if there are several."""
    for label, values in lines.items():
        ax.plot(x, values, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    if len(lines) > 1:
        ax.legend()
    return ax


def plot_cost(ax, costs, title=N_("Cost")):
    """The cost after every epoch; `costs` is `nn.eval_["cost"]`, or a dict label -> such a list."""
    lines = costs if isinstance(costs, dict) else {_("Training"): costs}
    longest = max(map(len, lines.values()))
    for label, cost in lines.items():
        ax.plot(np.arange(1, len(cost) + 1), cost, label=label)
    ax.set(xlabel=_("Epoch"), ylabel=_("Cost"), title=_(title), xlim=(0, longest + 1))
    if len(lines) > 1:
        ax.legend()
    return ax


def plot_accuracy(ax, eval_, title=N_("Accuracy")):
    """Training (solid) and validation accuracy (dashed) in per cent after every epoch, from `nn.eval_`."""
    epochs = np.arange(1, len(eval_["train_acc"]) + 1)
    ax.plot(epochs, 100 * np.array(eval_["train_acc"]), label=_("Training"))
    ax.plot(epochs, 100 * np.array(eval_["valid_acc"]), label=_("Validation"))
    ax.set(xlabel=_("Epoch"), ylabel=_("Accuracy (%)"), title=_(title), xlim=(0, len(epochs) + 1))
    ax.legend()
    return ax


@style.course()
def learning_curves(eval_):
    """A new figure: the cost on the left, both accuracies on the right."""
    fig = new((9, 3.2))
    left, right = fig.subplots(1, 2)
    plot_cost(left, eval_["cost"])
    plot_accuracy(right, eval_)
    return fig


@style.course()
def beside_published(eval_, published, title=N_("This lesson: 4,000 digits")):
    """A new figure: the accuracies of a lesson's run, `eval_`, and beside them those of the published run's `eval_`."""
    fig = new((9, 3.2))
    left, right = fig.subplots(1, 2, sharey=True)
    plot_accuracy(left, eval_, title)
    plot_accuracy(right, published, _("The published run: 55,000 digits"))
    right.set_ylabel("")
    right.get_legend().remove()
    left.set(ylim=(80, 100.5), xlim=(0, 1.05 * len(eval_["cost"])))  # room for the last tick's label
    return fig


@style.course()
def compare_networks(networks, bins=np.linspace(-0.7, 0.7, 36)):
    """A new figure, a column for each of `networks` (title -> trained network): accuracies above, `w_h` below."""
    fig = new((9, 5))
    axes = fig.subplots(2, len(networks), sharey="row", squeeze=False)
    for (top, bottom), (title, nn) in zip(axes.T, networks.items()):
        plot_accuracy(top, nn.eval_, title)
        plot_histogram(bottom, nn.w_h.ravel(), bins, _("Weight in w_h"), _("Number of weights"))
        top.set_xlim(0, 1.08 * len(nn.eval_["cost"]))  # room for the last tick's label beside the next panel's first
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    for ax in axes[0, 1:]:
        ax.get_legend().remove()
    return fig


def plot_bars(ax, labels, values, xlabel, ylabel, title=None, highlight=None):
    """A bar for each label; `highlight` is the position of one in another colour."""
    colors = [style.ORANGE if position == highlight else style.BLUE for position in range(len(values))]
    ax.bar([str(label) for label in labels], values, color=colors)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    return ax


def plot_histogram(ax, values, bins, xlabel, ylabel=N_("Count"), label=None, title=None):
    """How often `values` fall into `bins` (edges), as an outline, so that two can share the axes."""
    counts, edges = np.histogram(values, bins)
    ax.plot(np.repeat(edges, 2)[1:-1], np.repeat(counts, 2), label=label)
    ax.set(xlabel=xlabel, ylabel=_(ylabel), title=title or "")
    if label:
        ax.legend()
    return ax


def draw_matrix(ax, matrix, row_labels, column_labels, ylabel, xlabel, title=None, form="{:.0f}", cmap="viridis"):
    """A heat map with its values written in the cells; rows run down."""
    matrix = np.asarray(matrix)
    ax.imshow(matrix, cmap=cmap, origin="upper")
    middle = (matrix.max() + matrix.min()) / 2
    light_on_high = matplotlib.colormaps[cmap](1.0)[1] < 0.5
    for (row, column), value in np.ndenumerate(matrix):
        light = (value > middle) == light_on_high
        ax.text(column, row, form.format(value), ha="center", va="center", color="white" if light else "black",
                fontsize="small")
    ax.set_xticks(range(len(column_labels)), column_labels)
    ax.set_yticks(range(len(row_labels)), row_labels)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title or "")
    ax.spines[:].set_visible(False)
    return ax
