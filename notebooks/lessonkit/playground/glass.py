"""One real minibatch of training under glass: forward, cost, deltas, gradients, update, one line of the core at a time.

Each line stands as it is in the source of `mlp_core`, found there by what it assigns; its number is what it gave while
the core ran; and the same entry is worked out beside it in plain Python floats from what the lines before gave.
`lines` finds and watches, `by_hand` works out.
"""

import copy
import functools
import html
import math
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.patheffects import withStroke

from mlp_core import WEIGHTS, NeuralNetMLP

from .. import figures, style
from ..explorers import sample
from ..explorers.base import Explorer, choices, menu, slider
from ..explorers.mistakes import KeptText
from ..figures import SIDE
from ..words import N_, _
from . import lines
from .by_hand import Hand, Place, Term, aligned, difference, formula, rounded, total
from .replay import minibatches, stream

PIXELS = SIDE * SIDE
FORWARD, COST, DELTAS, GRADIENTS, UPDATE = (
    N_("Forward"), N_("Cost"), N_("Deltas"), N_("Gradients"), N_("Update"))
AXES = {"n": N_("digit"), "i": N_("pixel"), "j": N_("unit"), "k": N_("output")}  # what each letter of an index counts
BOUND = 250  # where the core's sigmoid cuts z


class Line(NamedTuple):
    """A line of the core: where it stands, what it works with, and what one of its numbers is."""

    name: str  # of what it gives, each its own: a_h and a_kept for the two lines that assign to a_h
    phase: str
    method: str  # the line is the one in it that assigns to `assigns` and reads `reads`
    assigns: str
    reads: str
    shown: str  # what its result is called, such as z_h
    letters: str  # of the axes of its result, such as "nj"
    operands: tuple  # the arrays that the picture has beside it, up to two, as (name, letters)
    shapes: str  # names in braces stand for the shapes of these arrays
    says: str


def line(name, phase, method, letters, operands, shapes, says, *, assigns=None, reads="", shown=None):
    return Line(name, phase, method, assigns or name, reads, shown or assigns or name, letters, operands, shapes, says)


def lines_for(nn):
    """The lines that a minibatch of `nn` goes through, in the order in which they run."""
    dropout = [line("a_kept", FORWARD, "_forward", "nj", (("a_h", "nj"), ("kept", "nj")), "{a_h} * {kept} → {a_kept}",
                    _("Dropout: the activation of a kept unit is scaled up, that of a dropped one is 0."),
                    assigns="a_h", reads="kept")] if nn.dropout else []
    penalty = [line("step_w_h", GRADIENTS, "_gradients", "ij", (("grad_w_h", "ij"), ("w_h", "ij")),
                    "{grad_w_h} + {w_h} → {step_w_h}", _("The penalty's part: eta times l2 times the weight."),
                    assigns="grad_w_h", reads="l2"),
               line("step_w_out", GRADIENTS, "_gradients", "jk", (("grad_w_out", "jk"), ("w_out", "jk")),
                    "{grad_w_out} + {w_out} → {step_w_out}", _("The penalty's part: eta times l2 times the weight."),
                    assigns="grad_w_out", reads="l2")] if nn.l2 else []
    a_h = "a_kept" if nn.dropout else "a_h"
    cost, number = {"assigns": "return", "shown": "cost"}, _("a number")
    return [
        line("z_h", FORWARD, "_forward", "nj", (("X", "ni"), ("w_h", "ij")), "{X} @ {w_h} + {b_h} → {z_h}",
             _("The net input of a hidden unit: each pixel times its weight, all added, and the bias.")),
        line("a_h", FORWARD, "_forward", "nj", (("z_h", "nj"),), "{z_h} → {a_h}",
             _("The activation of the hidden unit: the sigmoid of its net input."), reads="z_h"),
        *dropout,
        line("z_out", FORWARD, "_forward", "nk", ((a_h, "nj"), ("w_out", "jk")),
             f"{{{a_h}}} @ {{w_out}} + {{b_out}} → {{z_out}}",
             _("The net input of an output: each activation times its weight, all added, and the bias.")),
        line("a_out", FORWARD, "_forward", "nk", (("z_out", "nk"),), "{z_out} → {a_out}",
             _("The output: the sigmoid of its net input.")),
        line("terms", COST, "_data_cost", "nk", (("z_out", "nk"), ("y_enc", "nk")), "{z_out}, {y_enc} → {terms}",
             _("What this output costs for this digit.")),
        line("cost", COST, "_compute_cost", "", (("terms", "nk"),), f"{{terms}} → {number}",
             _("The cost of the minibatch: the terms of all its digits and outputs, and the penalty."), **cost),
        line("delta_out", DELTAS, "_gradients", "nk", (("a_out", "nk"), ("y_enc", "nk")),
             "{a_out} - {y_enc} → {delta_out}",
             _("The delta of the output: how far it is from its target, here times eta already.")),
        line("slope_h", DELTAS, "_gradients", "nj", ((a_h, "nj"),), f"{{{a_h}}} → {{slope_h}}",
             _("The slope of the sigmoid where the hidden unit stands.")),
        line("delta_h", DELTAS, "_gradients", "nj", (("delta_out", "nk"), ("w_out.T", "kj")),
             "({delta_out} @ {w_out.T}) * {slope_h} → {delta_h}",
             _("The delta of the hidden unit: those of the outputs, each back through its weight, times the slope.")),
        line("grad_w_h", GRADIENTS, "_gradients", "ij", (("X.T", "in"), ("delta_h", "nj")),
             "{X.T} @ {delta_h} → {grad_w_h}",
             _("The gradient of a weight of the hidden layer, times eta: pixel times delta, added over the digits."),
             reads="X"),
        line("grad_b_h", GRADIENTS, "_gradients", "j", (("delta_h", "nj"),), "{delta_h} → {grad_b_h}",
             _("The gradient of the hidden unit's bias, times eta: its deltas, added over the digits.")),
        line("grad_w_out", GRADIENTS, "_gradients", "jk", ((f"{a_h}.T", "jn"), ("delta_out", "nk")),
             f"{{{a_h}.T}} @ {{delta_out}} → {{grad_w_out}}",
             _("The gradient of a weight of the output layer, times eta: activation times delta, added over the "
               "digits."),
             reads="a_h"),
        line("grad_b_out", GRADIENTS, "_gradients", "k", (("delta_out", "nk"),), "{delta_out} → {grad_b_out}",
             _("The gradient of the output's bias, times eta: its deltas, added over the digits.")),
        *penalty,
        line("new_w_h", UPDATE, "_update", "ij", (("w_h", "ij"), ("step_w_h", "ij")), "{w_h} - {step_w_h} → {new_w_h}",
             _("The update: from each weight its step, four times the same line, once for each array."),
             assigns="setattr", shown="w_h"),
        line("new_cost", UPDATE, "_compute_cost", "", (("new_terms", "nk"),), f"{{new_terms}} → {number}",
             _("The cost of the same digits with the new weights."), **cost)]


# -- the minibatch ----------------------------------------------------------------------------------


def first_minibatch():
    """The network of lessons 4 to 6 before training, and the minibatch that it learns from first: nn, X, y."""
    nn = NeuralNetMLP(n_hidden=100, l2=0.01, epochs=60, eta=0.005, minibatch_size=100, seed=1)
    y = sample.labels("train")
    nn._init_weights(PIXELS, 10)
    batch = next(nn._minibatches(len(y)))
    return nn, sample.pixels("train", batch), y[batch]


def minibatch_of(run, epoch=0):
    """The network of a `run` of the playground after an `epoch`, and the minibatch that it learns from next: nn, X, y.

    It is the very one, shifted as it was, and with dropout the network drops the units that it dropped then (`replay`).
    Its rate is that of the epoch, and weights that were set by hand after the last one are set.
    """
    nn = run.settings.network()
    vars(nn).update(run.start_of_next(epoch), random=stream(run.settings, epoch), eta=run.settings.rate(epoch))
    batch, X = next(minibatches(nn, run.settings, lambda batch: sample.pixels("train", batch)))
    return nn, X, sample.labels("train", batch)


def _checked(nn, X, y):
    """A copy of `nn` in float64, X as float64 and y as integers; raise if they do not fit."""
    if not all(hasattr(nn, name) for name in WEIGHTS):
        raise ValueError(_("nn has no weights yet. Expected a NeuralNetMLP that was trained or loaded: call fit(...) "
                           "first."))
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim != 2 or X.shape[1] != PIXELS or not len(X) or X.dtype.kind not in "fiub":
        raise ValueError(_("X has shape {shape}; expected a minibatch of digits, (n, {pixels}).").format(
            shape=X.shape, pixels=PIXELS))
    if nn.w_h.shape[0] != PIXELS:
        raise ValueError(_("the network takes {features} features; expected one for digits, with {pixels}.").format(
            features=nn.w_h.shape[0], pixels=PIXELS))
    classes = nn.w_out.shape[1]
    if y.shape != (len(X),) or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= classes:
        raise ValueError(_("y does not fit X and the network; expected {n} labels, integers from 0 to {last}.").format(
            n=len(X), last=classes - 1))
    own = copy.deepcopy(nn)
    for name in WEIGHTS:
        setattr(own, name, np.asarray(getattr(nn, name), np.float64))
    if not all(np.isfinite(part).all() for part in (X, *(getattr(own, name) for name in WEIGHTS))):
        raise ValueError(_("X or the weights hold nan or infinity; expected finite numbers."))
    return own, X.astype(np.float64), y.astype(np.intp)


def watch(nn, X, y):
    """Let `nn` learn from one minibatch: its lines, and what each gave, both by name; also all that goes in.

    `nn` is changed by it: it has made the update.
    """
    found = {each.name: lines.find(type(nn), each.method, each.assigns, each.reads) for each in lines_for(nn)}
    values = {"X": X, "y_enc": nn._onehot(y, nn.w_out.shape[1]), **{name: getattr(nn, name).copy() for name in WEIGHTS}}

    names = {statement: name for name, statement in found.items() if not name.startswith("new_")}

    def run(function, *arguments, **named):
        result, seen = lines.watch([*names], functools.partial(function, **named), *arguments)
        return result, {names[statement]: value for statement, value in seen.items()}

    with np.errstate(all="ignore"):
        begin = nn.random.get_state()
        steps, seen = run(nn._gradients, X, values["y_enc"], scale=nn.eta)
        values |= seen
        _cost, seen = run(nn._compute_cost, values["y_enc"], values["a_out"], values["z_out"])
        values |= seen
        nn._update(steps)
        end = nn.random.get_state()
        nn.random.set_state(begin)  # the same units dropped as before, so that the weights alone differ
        *_hidden, z_out, a_out = nn._forward(X, nn.dropout)
        nn.random.set_state(end)
        _cost, seen = run(nn._compute_cost, values["y_enc"], a_out, z_out)
    values |= {f"new_{name}": value for name, value in seen.items()}
    values |= {f"step_{name}": step for name, step in zip(WEIGHTS, steps)}
    values |= {f"new_{name}": getattr(nn, name) for name in WEIGHTS}
    if nn.dropout:
        values["kept"] = (values["a_kept"] != 0).astype(float)
    return found, values


# -- the same by hand -------------------------------------------------------------------------------


class ByHand:
    """One entry of every line in plain Python floats, from the numbers that the lines before gave.

    `values` is what `watch` returns. Each method has the name of a line, and returns a `Hand`.
    """

    def __init__(self, nn, values):
        self.eta, self.l2, self.dropout = float(nn.eta), float(nn.l2), float(nn.dropout)
        self.values = values
        self.a = "a_kept" if nn.dropout else "a_h"
        self.squares = {new: self._sum_of_squares(new) if self.l2 else 0.0 for new in ("", "new_")}

    def _sum_of_squares(self, new):
        return math.fsum(w * w for name in ("w_h", "w_out") for w in self.values[f"{new}{name}"].ravel().tolist())

    def _at(self, name, *index):
        return float(self.values[name][index])

    def _products(self, axis, left, right):
        """The terms of a sum over the axis with this letter: `left` and `right` are 1-D arrays."""
        return [Term(f"{axis} = {place}", factors) for place, factors in enumerate(zip(left.tolist(), right.tolist()))]

    def z_h(self, n, i, j, k):
        return total(self._products("i", self.values["X"][n], self.values["w_h"][:, j]), _("the {count} other pixels"),
                     [Term(f"b_h[{j}]", (self._at("b_h", j),))])

    def z_out(self, n, i, j, k):
        return total(self._products("j", self.values[self.a][n], self.values["w_out"][:, k]),
                     _("the {count} other units"), [Term(f"b_out[{k}]", (self._at("b_out", k),))])

    def a_h(self, n, i, j, k):
        return self._sigmoid(f"z_h[{n}, {j}]", self._at("z_h", n, j))

    def a_out(self, n, i, j, k):
        return self._sigmoid(f"z_out[{n}, {k}]", self._at("z_out", n, k))

    def _sigmoid(self, name, z):
        cut = max(-BOUND, min(BOUND, z))
        power = math.exp(-cut)
        rows = [(name, rounded(z))]
        if cut != z:
            rows.append((_("cut by _sigmoid to"), rounded(cut)))
        return formula(1 / (1 + power), "1 / (1 + exp(-z))", *rows, (f"exp({rounded(-cut)})", rounded(power)))

    def a_kept(self, n, i, j, k):
        a, kept = self._at("a_h", n, j), self._at("kept", n, j)
        return formula(a * kept / (1 - self.dropout), f"{rounded(a)} × {kept:.0f} / (1 - {self.dropout:g})",
                       (f"a_h[{n}, {j}]", rounded(a)), (_("kept, 1, or dropped, 0"), f"{kept:.0f}"))

    def terms(self, n, i, j, k):
        z, y = self._at("z_out", n, k), self._at("y_enc", n, k)
        m = -z if y else z
        value = math.log1p(math.exp(m)) if m < 0 else m + math.log1p(math.exp(-m))
        return formula(value, _("-log(a) = log(1 + exp(-z))") if y else _("-log(1 - a) = log(1 + exp(z))"),
                       (f"y_enc[{n}, {k}]", f"{y:.0f}"), (f"z_out[{n}, {k}]", rounded(z)))

    def cost(self, n, i, j, k):
        return self._cost("")

    def new_cost(self, n, i, j, k):
        return self._cost("new_")

    def _cost(self, new):
        terms = [Term(_("digit {n}, output {k}").format(n=n, k=k), (float(value),))
                 for (n, k), value in np.ndenumerate(self.values[f"{new}terms"])]
        penalty = [Term(_("l2 × all w²"), (self.l2, self.squares[new]))] if self.l2 else []
        return total(terms, _("the {count} others"), penalty)

    def delta_out(self, n, i, j, k):
        a, y = self._at("a_out", n, k), self._at("y_enc", n, k)
        return formula(self.eta * (a - y), "eta × (a_out - y_enc)", (f"a_out[{n}, {k}]", rounded(a)),
                       (f"y_enc[{n}, {k}]", f"{y:.0f}"), ("eta", f"{self.eta:g}"))

    def slope_h(self, n, i, j, k):
        a = self._at(self.a, n, j)
        rest = 1 - (1 - self.dropout) * a
        other = f"1 - {1 - self.dropout:g} × a" if self.dropout else "1 - a"
        return formula(a * rest, f"a × ({other})", (f"a_h[{n}, {j}]", rounded(a)), (other, rounded(rest)))

    def delta_h(self, n, i, j, k):
        terms = self._products("k", self.values["delta_out"][n], self.values["w_out"][j])
        slope = self._at("slope_h", n, j)
        value = math.fsum([term.value for term in terms]) * slope
        place = Place(value)
        back = total(terms, then=[(f"slope_h[{n}, {j}]", rounded(slope)), (_("together × slope"), place.text(value))])
        return Hand(value, back.text, place)

    def grad_w_h(self, n, i, j, k):
        return total(self._products("n", self.values["X"][:, i], self.values["delta_h"][:, j]),
                     _("the {count} other digits"))

    def grad_w_out(self, n, i, j, k):
        return total(self._products("n", self.values[self.a][:, j], self.values["delta_out"][:, k]),
                     _("the {count} other digits"))

    def grad_b_h(self, n, i, j, k):
        return self._added("delta_h", j)

    def grad_b_out(self, n, i, j, k):
        return self._added("delta_out", k)

    def _added(self, name, column):
        deltas = self.values[name][:, column].tolist()
        return total([Term(f"{name}[{n}, {column}]", (delta,)) for n, delta in enumerate(deltas)],
                     _("the {count} other digits"))

    def step_w_h(self, n, i, j, k):
        return self._with_penalty("w_h", i, j)

    def step_w_out(self, n, i, j, k):
        return self._with_penalty("w_out", j, k)

    def _with_penalty(self, name, *index):
        where = ", ".join(map(str, index))
        return total([Term(_("from the digits"), (self._at(f"grad_{name}", *index),)),
                      Term(f"eta × l2 × {name}[{where}]", (self.eta, self.l2, self._at(name, *index)))])

    def new_w_h(self, n, i, j, k):
        rows = [difference(f"{name}[{', '.join(map(str, at))}]", self._at(name, *at), self._at(f"step_{name}", *at))
                for name, at in zip(WEIGHTS, ((i, j), (j,), (j, k), (k,)))]
        value = self._at("w_h", i, j) - self._at("step_w_h", i, j)
        return Hand(value, aligned([row for row, _place in rows]), rows[0][1])


# -- an array as an image ---------------------------------------------------------------------------

WIDTH, MARGIN = 4.8, 0.3  # inches, of the picture and around a panel
FRAME = 0.025  # of a panel: how far a frame stands off what it frames at least, to be seen around a pixel


class Panel:
    """An array as an image, with a title, a line below and a frame; all of it changes."""

    def __init__(self, fig, x, y):
        side = 0.5 - 2 * MARGIN / WIDTH
        self.ax = fig.add_axes((x, y, side, side))
        self.ax.set_axis_off()
        self.ax.set(xlim=(0, 1), ylim=(1, 0))
        self.image = self.ax.imshow(np.zeros((2, 2)), extent=(0, 1, 1, 0), aspect="auto")
        self.edge, = self.ax.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], "-", color=style.GREY, linewidth=0.8, clip_on=False)
        outline = [withStroke(linewidth=3.5, foreground="white")]  # black alone would not show on the deepest colours
        self.border, = self.ax.plot([], [], "-", color="black", linewidth=1.5, path_effects=outline, clip_on=False)
        self.texts = [self.ax.add_artist(KeptText(0.5, y, "", ha="center", va=va, fontsize=9))
                      for y, va in ((-0.02, "bottom"), (1.03, "top"))]
        self.artists = [self.image, self.edge, self.border, *self.texts]

    def show(self, values, cmap, clim, title, below):
        self.image.set(data=values, cmap=cmap, clim=clim)
        self._say(title, below, shown=True)

    def clear(self, title):
        self.image.set_data(np.zeros((1, 1)))
        self.border.set_data([], [])
        self._say(title, "", shown=False)

    def _say(self, title, below, shown):
        for text, said in zip(self.texts, (title, below)):
            text.set_text(said)
        for artist in (self.image, self.edge, self.border):
            artist.set_visible(shown)

    def frame(self, rows, columns):
        """A frame around `rows` and `columns`, both as (first, behind the last)."""
        count_down, count_across = self.image.get_array().shape
        (top, bottom), (left, right) = (self._around(*span, count) for span, count in
                                        ((rows, count_down), (columns, count_across)))
        self.border.set_data([left, right, right, left, left], [top, top, bottom, bottom, top])

    @staticmethod
    def _around(first, last, count):
        first, last = first / count, last / count
        off = max(0.0, FRAME - (last - first) / 2)
        return first - off, last + off


# -- the explorer -----------------------------------------------------------------------------------

FONT = "font-family: var(--jp-code-font-family, monospace); font-size: 12px; "
INK = FONT + ("color: inherit; background: transparent; margin: 0; line-height: 1.4; white-space: pre; "
              "overflow-x: auto; ")
CODE = FONT + "overflow-wrap: anywhere; "
ROW = "display: flex; flex-wrap: wrap; gap: 0 1em; justify-content: space-between; padding: 0 4px"


class MinibatchUnderGlass(Explorer):
    """A minibatch on its way through the network and back, a line of `mlp_core` at a time, each with its numbers.

    Parameters
    ----------
    nn : NeuralNetMLP with weights for 784 pixels; a copy of it makes the update. By default the one of lessons 4 to 6
        before training.
    X, y : the minibatch, (n, 784) pixels and (n,) labels. By default the one that this network learns from first; for
        another `nn` the first `nn.minibatch_size` training digits of the sample.

    Everything is computed in float64, from weights of either dtype. `minibatch_of(run, epoch)` has all three for a run
    of the playground.
    """

    name = N_("Minibatch under glass")
    alt = N_("The arrays of one line of the network as images: the digit, what the line multiplies or takes, and its "
            "result; the row, the column and the entry that are worked out by hand are framed.")

    def __init__(self, nn=None, X=None, y=None):
        if (X is None) != (y is None):
            raise TypeError(_("X and y belong together: pixels and labels of one minibatch. Expected both or neither."))
        if nn is None and X is None:
            nn, X, y = first_minibatch()
        elif nn is None:
            nn = first_minibatch()[0]
        elif X is None:
            X, y = sample.pixels("train", slice(nn.minibatch_size)), sample.labels("train", slice(nn.minibatch_size))
        network, X, y = _checked(nn, X, y)
        self.y, self.lines = y, lines_for(network)
        self.statements, self.values = watch(network, X, y)
        self.hand = ByHand(network, self.values)
        self._listing, self._working = widgets.HTML(), widgets.HTML()
        super().__init__()
        # Side by side where there is room.
        column = widgets.VBox([self._listing, self._working], layout=widgets.Layout(flex="1 1 360px", min_width="0"))
        self._image.layout = widgets.Layout(flex="0 1 auto", max_width="100%")
        both = widgets.HBox([column, self._image],
                            layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"))
        self.box.children = [*self._controls, both, self._text, self._message, self._page]

    # -- controls ---------------------------------------------------------------------------------------

    def controls(self):
        n, units = self.values["a_h"].shape
        steps = [(f"{number} / {len(self.lines)}", number) for number in range(1, len(self.lines) + 1)]
        return {"step": choices(_("Step"), steps, 1, _("Which line of the network runs")),
                "digit": self._index(_("Digit n"), n, 0, _("A row of the minibatch")),
                "pixel": self._index(_("Pixel i"), PIXELS, 14 * SIDE + 14, _("A pixel of the digits, row after row")),
                "unit": self._index(_("Unit j"), units, min(17, units - 1), _("A unit of the hidden layer")),
                "output": self._index(_("Output k"), self.values["a_out"].shape[1], int(self.y[0]),
                                      _("An output of the network, one for each class"))}

    @staticmethod
    def _index(label, count, value, tooltip):
        if count == 1:  # a slider needs two places
            return menu(label, [0], 0, tooltip)
        return slider(label, 0, count - 1, 1, value, tooltip)

    def rows(self):
        step, *indices = self.widgets.values()
        buttons = widgets.HBox([self.button(_("Back"), lambda: self._go(-1), _("The line before")),
                                self.button(_("Next"), lambda: self._go(1), _("The line after")),
                                self.button(_("Reset"), self.reset, _("Put every control back to where it began"))])
        for button in buttons.children:
            button.layout.width = "6em"
        self._controls = [step, buttons, widgets.HBox(indices)]
        return self._controls

    def _go(self, by):
        step = self.widgets["step"]
        step.value = min(max(step.value + by, 1), len(self.lines))

    # -- the picture ------------------------------------------------------------------------------------

    def figure(self):
        """Four panels in Falk's scheme: a row of the left factor and a column of the upper one meet in the product."""
        fig = figures.new((WIDTH, WIDTH))
        fig.set_layout_engine("none")  # each panel has its place
        self.digit, self.upper, self.left, self.result = self.panels = [
            Panel(fig, *((place + MARGIN) / WIDTH for place in corner)) for corner in
            ((0, WIDTH / 2), (WIDTH / 2, WIDTH / 2), (0, 0), (WIDTH / 2, 0))]
        return fig, [artist for panel in self.panels for artist in panel.artists]

    def compute(self, step, digit, pixel, unit, output):
        each = self.lines[step - 1]
        index = dict(zip("nijk", (digit, pixel, unit, output)))
        return {"step": step, "index": index, "hand": getattr(self.hand, each.name)(**index),
                "entries": [self._entry(one, index) for one in self.lines]}

    def _array(self, name):
        return self.values[name.removesuffix(".T")].T if name.endswith(".T") else np.asarray(self.values[name])

    def _entry(self, each, index):
        """What an entry is called and its value."""
        where = [index[letter] for letter in each.letters]
        value = float(self._array(each.name)[tuple(where)])
        return f"{each.shown}[{', '.join(map(str, where))}]" if where else each.shown, value

    def draw(self, step, index, hand, entries):
        each = self.lines[step - 1]
        entry, value = entries[step - 1]
        self._beside = self._list(step, entries), self._work(entry, hand)
        self._draw_panels(each, index)
        said = _("Step {step} of {count}, {phase}. {says} The line gives {entry} = {value}; by hand it is {hand}.")
        return said.format(step=step, count=len(self.lines), phase=_(each.phase).lower(), says=self._says(each),
                           entry=entry, value=hand.place.text(value), hand=hand.place.text(hand.value))

    def show_text(self):
        self._listing.value, self._working.value = self._beside
        super().show_text()

    def _says(self, each):
        if each.name != "new_cost":
            return each.says
        before, after = float(self.values["cost"]), float(self.values["new_cost"])
        place = Place(before, after)
        texts = {"before": place.text(before), "after": place.text(after)}
        if texts["before"] == texts["after"]:
            return f"{each.says} " + _("It was {before} and stays, to the digits printed.").format(**texts)
        verdict = _("It was {before}: the update has made it smaller.") if after < before else \
            _("It was {before}: the update has made it larger.")
        return f"{each.says} {verdict.format(**texts)}"

    def _draw_panels(self, each, index):
        n, (row, column) = index["n"], divmod(index["i"], SIDE)
        self.digit.show(self.values["X"][n].reshape(SIDE, SIDE), "Greys", (-1, 1),
                        _("digit {n}, label {label}").format(n=n, label=self.y[n]),
                        "i = {i}, j = {j}, k = {k}".format(**index))
        self.digit.frame((row, row + 1), (column, column + 1))
        left, upper = [*each.operands, None][:2]
        for panel, array in ((self.left, left), (self.upper, upper), (self.result, (each.name, each.letters))):
            self._draw_array(panel, array, each.letters, index)

    def _draw_array(self, panel, array, fixed, index):
        """Show an array as (name, letters) with a frame around what an entry with the letters `fixed` takes of it."""
        if array is None or not array[1]:
            panel.clear("" if array is None else _("a number"))
            return
        name, letters = array
        values = self._array(name)
        down, across = letters if len(letters) == 2 else ("", letters)
        title = f"{self._called(name)} {values.shape}"
        below = f"→ {_(AXES[across])} {across}"
        if down:
            below = f"↓ {_(AXES[down])} {down}   {below}"
        panel.show(np.atleast_2d(values), *self._colours(name.removesuffix(".T"), values), title, below)
        rows, columns = np.atleast_2d(values).shape
        panel.frame((index[down], index[down] + 1) if down and down in fixed else (0, rows),
                    (index[across], index[across] + 1) if across in fixed else (0, columns))

    @staticmethod
    def _colours(name, values):
        """The colour map of an array and its ends: grey for pixels, dark to bright from 0, else white at 0."""
        if name == "X":
            return "Greys", (-1, 1)
        if name in ("slope_h", "terms", "new_terms"):
            return "viridis", (0, 0.25 if name == "slope_h" else float(values.max()))
        if name in ("a_h", "a_kept", "a_out", "y_enc", "kept"):
            return "viridis", (0, max(1.0, float(values.max())))
        limit = float(np.abs(values).max()) or 1.0
        return "RdBu_r", (-limit, limit)

    @staticmethod
    def _called(name):
        """What the code calls it."""
        bare, transposed = name.removesuffix(".T"), ".T" if name.endswith(".T") else ""
        old = {"a_kept": "a_h", "new_terms": "terms", "new_w_h": "w_h", "step_w_h": "grad_w_h",
               "step_w_out": "grad_w_out"}
        return old.get(bare, bare) + transposed

    # -- the lines ----------------------------------------------------------------------------------------

    def shapes(self, each):
        """The shapes of a line's arrays."""
        text = each.shapes
        for name in {*self.values, *(f"{name}.T" for name in self.values)}:
            if f"{{{name}}}" in text:
                text = text.replace(f"{{{name}}}", str(self._array(name).shape))
        return text

    def _list(self, step, entries):
        """All lines as HTML, grouped by phase; those that have run with their numbers."""
        parts, phase = [], None
        for number, (each, (entry, value)) in enumerate(zip(self.lines, entries), 1):
            if each.phase != phase:
                parts += ["</ol>" if phase else "",
                          f'<div style="margin-top: 4px"><b>{html.escape(_(each.phase))}</b></div>',
                          f'<ol start="{number}" style="list-style: none; margin: 0; padding: 0">']
                phase = each.phase
            current = number == step
            mark = "aria-current=step " if current else ""
            look = "background: rgba(230, 159, 0, 0.18); " if current else ""
            shown = f"{html.escape(entry)} = <b>{self._short(value)}</b>" if number <= step else ""
            parts.append(f'<li {mark}style="{look}{ROW}"><code style="{CODE}background: transparent; color: inherit" '
                         f'title="{each.method}">{html.escape(self.statements[each.name].text)}</code>'
                         f'<span style="font-size: 12px; margin-left: auto">{shown}</span></li>')
        return f'<div style="line-height: 1.5">{"".join(parts)}</ol></div>'

    @staticmethod
    def _short(value):
        return Place(value).text(value)

    def _work(self, entry, hand):
        each = self.lines[self.state["step"] - 1]
        return (f'<div style="{CODE}margin-top: 12px">{each.method}: {html.escape(self.shapes(each))}</div>'
                f'<div><b>{html.escape(_("{entry} by hand").format(entry=entry))}</b></div>'
                f'<pre tabindex="0" style="{INK}">{html.escape(hand.text)}</pre>')

    def working(self):
        """How the entry is worked out by hand, as lines of text."""
        step, *index = self.state.values()
        return getattr(self.hand, self.lines[step - 1].name)(*index).text

    def text(self):
        """The lines that have run, with their numbers, and the working by hand, as plain text."""
        step = self.state["step"]
        index = dict(zip("nijk", list(self.state.values())[1:]))
        shown = []
        for each in self.lines[:step]:
            entry, value = self._entry(each, index)
            shown.append(f"{each.method}: {self.statements[each.name].text}  # {self.shapes(each)}\n"
                         f"    {entry} = {self._short(value)}")
        return "\n".join([*shown, self.working()])

    def above_the_picture(self):
        return "".join(self._beside), [self.text()]
