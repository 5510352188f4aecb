"""The cost as a landscape: on a plane through a run's start, its end, and where its path leaves the line between them.

All weights and biases of a network together are one point, of 79,510 numbers with 100 hidden units; a run is a path
from point to point, an epoch each. A `Plane` goes through the first and the last of them, so that both lie in it, and
takes as its second direction the one in which the points in between lie farthest off the line, all in all. Every cost
is that of the network whose weights stand at that point of the plane: nothing is fitted.
"""

import asyncio
import copy
import functools
import itertools
import math
from typing import NamedTuple

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from traitlets.log import get_logger

from mlp_core import WEIGHTS

from .. import figures, style
from ..explorers import sample
from ..explorers.base import Explorer, choices, slider
from ..words import N_, _
from .replay import minibatches, stream
from .settings import Settings

DIGITS = 500  # whose cost is drawn: the first training digits of the run
POINTS = 21  # of the grid, each way
EPOCHS = 10  # of the run that is shown without another
UPDATES = 12  # that each rate makes from the same point
EVERY = 3  # updates the cost is measured: in the browser's Python that takes as long as two of them
LIMIT = 1e30  # of a weight; beyond it nothing is learned any more, and squares overflow
FACTOR = 10  # of the larger rate
ASPECT = 1.25  # of the picture of the plane, width to height
CONTOURS = 12
KEPT = 50  # views whose costs are kept
REST = 0.15  # seconds without a move until a new view gets all its points
COSTS = FuncFormatter(lambda value, place: f"{value:,.5g}" if value < 1e5 else f"{value:.0e}".replace("e+0", "e"))


# -- a network as a point ---------------------------------------------------------------------------


def flat(weights):
    """The four arrays of a dict as one vector, float64."""
    return np.concatenate([np.ravel(weights[name]) for name in WEIGHTS]).astype(np.float64)


def shaped(vector, like):
    """A vector as a dict of four arrays with the shapes that those of `like` have."""
    ends = np.cumsum([np.size(like[name]) for name in WEIGHTS])
    return {name: part.reshape(np.shape(like[name])) for name, part in zip(WEIGHTS, np.split(vector, ends[:-1]))}


def placed(network, weights, dtype=None):
    """A copy of `network` with a copy of these weights."""
    own = copy.copy(network)
    vars(own).update({name: np.array(weights[name], dtype) for name in WEIGHTS})
    return own


class Plane:
    """The plane of a path: `weights` is a list of dicts, start first.

    A point of it is `start + a * along + b * aside`. `along` has length 1 and points from start to end. `aside` has
    length 1, is orthogonal to `along`, and is the first principal direction of what remains of the path without
    `along`: of all directions the one with the largest sum of squares of the points' distances from the line. Its sign
    is such that the point with the largest distance in it has a positive one.

    Attributes: `path` (points, 2), the places (a, b) of the plane that are nearest to the path's points; `share`, the
    part of the squared lengths of the path's steps, added, that lies in the plane.
    """

    def __init__(self, weights):
        if len(weights) < 3:
            raise ValueError(_("the path has {count} points; expected at least 3, the start and two epochs: two points "
                               "give a line, no plane. Take a run of two epochs or more.").format(count=len(weights)))
        self.like = weights[0]
        self.start = flat(weights[0])
        moved = np.array([flat(point) - self.start for point in weights[1:]])
        if not (np.abs(moved) < LIMIT).all():
            raise ValueError(_("the path holds weights beyond {limit:.0e}, infinity or nan; expected smaller ones. It "
                               "can be drawn up to the epoch before.").format(limit=LIMIT))
        length = np.linalg.norm(moved[-1])
        if not length > 0:
            raise ValueError(_("the path ends where it began, so it has no direction. Was the learning rate 0?"))
        self.along = moved[-1] / length
        off = moved - np.outer(moved @ self.along, self.along)
        squares, directions = np.linalg.eigh(off @ off.T)
        if not squares[-1] > 1e-12 * length ** 2:
            raise ValueError(_("the path is a straight line, so there is no plane to be drawn."))
        aside = directions[:, -1] @ off
        aside -= (aside @ self.along) * self.along  # what rounding left
        aside /= np.linalg.norm(aside)
        heights = off @ aside
        self.aside = aside if heights[np.abs(heights).argmax()] > 0 else -aside
        self.path = np.vstack([[0.0, 0.0], self._coordinates(moved)])
        self.path[-1, 1] = 0.0  # as is its aim; rounding leaves another last digit on every machine
        steps = np.diff(np.vstack([np.zeros_like(self.start), moved]), axis=0)
        self.share = float(np.sum(self._coordinates(steps) ** 2) / np.sum(steps ** 2))

    def _coordinates(self, moved):
        return np.stack([moved @ self.along, moved @ self.aside], axis=-1)

    def place(self, weights):
        """Where the point of the plane is that is nearest to these weights: (a, b)."""
        return self._coordinates(flat(weights) - self.start)

    def weights(self, a, b):
        """The weights at (a, b), a dict of four arrays."""
        return shaped(self.start + a * self.along + b * self.aside, self.like)


class Costs:
    """The cost of some digits, X (n, 784) and y (n,), at every point of a `plane`, as `network` computes it.

    In the plane every weight is start + a * along + b * aside, and the hidden layer's net inputs are linear in them:

        X @ w_h + b_h  =  (X @ start_w + start_b) + a (X @ along_w + along_b) + b (X @ aside_w + aside_b)

    So three large products, made once, serve all points, exactly but for rounding, and so do squares for the penalty.
    What follows them, the sigmoid, the output layer, the cost, is computed at each point with the network's own
    methods, in float32: that leaves four digits of a cost right at the least, and takes half the time.
    """

    def __init__(self, network, plane, X, y):
        self.network = network
        self.y_enc = network._onehot(y, plane.like["w_out"].shape[1]).astype(np.float32)
        parts = [shaped(vector, plane.like) for vector in (plane.start, plane.along, plane.aside)]
        X = np.asarray(X, np.float64)
        self.z_h = [(X @ part["w_h"] + part["b_h"]).astype(np.float32) for part in parts]
        self.out = [(part["w_out"].astype(np.float32), part["b_out"].astype(np.float32)) for part in parts]
        penalised = np.array([np.concatenate([part["w_h"].ravel(), part["w_out"].ravel()]) for part in parts])
        self.products = penalised @ penalised.T  # (3, 3): the sum of squares is a quadratic form of (1, a, b)

    def grid(self, a, b):
        """The costs (len(b), len(a)) at all pairs of places."""
        costs = np.empty((len(b), len(a)))
        with np.errstate(all="ignore"):
            for row, across in enumerate(np.asarray(b, np.float32)):
                z_row = self.z_h[0] + across * self.z_h[2]
                for column, far in enumerate(np.asarray(a, np.float32)):
                    costs[row, column] = self._cost(z_row + far * self.z_h[1], far, across)
        return costs

    def at(self, a, b):
        """The cost at one place."""
        return float(self.grid([a], [b])[0, 0])

    def _cost(self, z_h, a, b):
        (w, bias), (w_along, bias_along), (w_aside, bias_aside) = self.out
        a_h = self.network._sigmoid(z_h)
        z_out = a_h @ (w + a * w_along + b * w_aside) + (bias + a * bias_along + b * bias_aside)
        place = np.array([1, a, b], np.float64)
        return self.network._data_cost(self.y_enc, z_out) + self.network.l2 * float(place @ self.products @ place)


# -- a run, and what another rate would have done -------------------------------------------------------


class Walk(NamedTuple):
    """Some updates from one point: the places (a, b) of each, the costs after some of them, whether it overflowed."""

    rate: float
    places: np.ndarray  # (updates + 1, 2)
    share: float  # of the squared distance from its first point to its last that lies in the plane
    updates: list  # after so many there is a cost
    costs: list
    overflow: int  # the update in which a weight grew beyond LIMIT, or 0


class Path:
    """A run for the landscape: its `settings`, and its weights, a dict for the start and one for each epoch.

    `starts` are the weights that the next epoch began with: the same, but for what was set by hand in between.
    """

    def __init__(self, settings, weights, starts=None):
        self.settings, self.network, self.weights = settings, settings.network(), list(weights)
        self.starts = list(starts or weights)
        self.plane = Plane(self.weights)
        shown = slice(min(DIGITS, settings.digits))
        self.X, self.y = sample.pixels("train", shown), sample.labels("train", shown)
        self.costs = Costs(self.network, self.plane, self.X, self.y)
        self.walk = functools.cache(self._walk)

    @property
    def epochs(self):
        return len(self.weights) - 1

    def cost(self, weights):
        """The cost of the digits at these weights, by the network itself."""
        network = placed(self.network, weights, np.float64)
        with np.errstate(all="ignore"):
            *_hidden, z_out, a_out = network._forward(self.X)
            return network._compute_cost(network._onehot(self.y, z_out.shape[1]), a_out, z_out)

    def set_by_hand(self, epoch):
        """Whether the run went on from other weights than those that `epoch` left."""
        return any(self.starts[epoch][name] is not self.weights[epoch][name] for name in WEIGHTS)

    def place(self, epoch):
        """Where the run went on after `epoch`: the place (a, b) of the plane that is nearest."""
        return self.plane.place(self.starts[epoch]) if self.set_by_hand(epoch) else self.plane.path[epoch]

    def _walk(self, epoch, factor):
        """UPDATES updates from the run's point after `epoch`, with `factor` times its rate there, as a `Walk`.

        They learn from the minibatches that the run learned from next, shifted as they were, and drop the same units.
        """
        network, rate = placed(self.network, self.starts[epoch]), factor * self.settings.rate(epoch)
        network.random, dtype = stream(self.settings, epoch), network.w_h.dtype
        labels = sample.labels("train", slice(self.settings.digits))
        y_enc = network._onehot(labels, network.w_out.shape[1]).astype(dtype)
        endless = (batch for _epoch in itertools.count() for batch in
                   minibatches(network, self.settings, lambda batch: sample.pixels("train", batch, dtype)))
        start = end = flat(vars(network))
        places, updates, costs = [self.plane.place(vars(network))], [0], [self.cost(vars(network))]
        for number, (batch, X) in enumerate(itertools.islice(endless, UPDATES), 1):
            with np.errstate(all="ignore"):
                network._update(network._gradients(X, y_enc[batch], scale=rate))
            if not all((np.abs(getattr(network, name)) < LIMIT).all() for name in WEIGHTS):  # nan is not either
                return Walk(rate, np.array(places), self._part(start, end), updates, costs, number)
            end = flat(vars(network))
            places.append(self.plane.place(vars(network)))
            if number % EVERY == 0:
                updates.append(number)
                costs.append(self.cost(vars(network)))
        return Walk(rate, np.array(places), self._part(start, end), updates, costs, 0)

    def _part(self, start, end):
        moved = end - start
        squared = float(moved @ moved)
        return float(np.sum(self.plane._coordinates(moved) ** 2) / squared) if squared else 0.0


@functools.cache
def example():
    """The path of the course's network in its first EPOCHS epochs on the sample, in float64."""
    settings = Settings(epochs=EPOCHS)
    network = settings.network()
    network._init_weights(784, 10)
    weights = [{name: getattr(network, name) for name in WEIGHTS}]
    for _epoch in network.fit_epochs(*sample.training_and_validation(settings.digits)):
        weights.append({name: getattr(network, name).copy() for name in WEIGHTS})
    return Path(settings, weights)


def path_of(run):
    """The path of a `run` of the playground, as far as it is now."""
    run.weights_after(0)  # says so if they are no longer kept
    return Path(run.settings, run.weights, map(run.start_of_next, range(len(run.weights))))


# -- the explorer -----------------------------------------------------------------------------------


class Landscape(Explorer):
    """The cost on a plane through a run's start and end, its path upon it, and what a larger rate would have done.

    `run` is one of the playground's runs, with at least two finished epochs; by default ten epochs of the course's
    network. `Plane` says which plane it is, `Costs` how the cost is computed. A view that is new is drawn with few
    points first; where an event loop runs, as in every kernel, the others follow by themselves, else by `refine()`.
    """

    name = N_("Landscape of the cost")
    alt = N_("The cost on a plane of the weights as shades with contour lines, the path of a run upon it, and updates "
            "at two rates from one of its points; below it the cost over these updates.")

    def __init__(self, run=None):
        self.path = example() if run is None else path_of(run)
        self._grids, self._fine, self.task = {}, True, None  # the first picture is a fine one
        super().__init__()

    def controls(self):
        last = self.path.epochs
        return {"epoch": slider(_("From epoch"), 0, last, 1, min(2, last), _("The point of the path to start from")),
                "factor": choices(_("Rate, times"), [2, 5, 10, 20, 50], FACTOR,
                                  _("What the run's rate is multiplied by")),
                "zoom": choices(_("Zoom, times"), [("1/4", 0.25), ("1", 1), ("4", 4), ("16", 16)], 1,
                                _("1 shows the whole path; closer views are about the point to start from"))}

    # -- the view -----------------------------------------------------------------------------------------

    def view(self, epoch, zoom):
        """The sides of the picture: (left, right), (bottom, top). Closer ones are about the point after `epoch`."""
        low, high = self.path.plane.path.min(axis=0), self.path.plane.path.max(axis=0)
        width = max(1.3 * (high - low)[0], 1.3 * (high - low)[1] * ASPECT)
        middle = (low + high) / 2 if zoom <= 1 else self.path.place(epoch)
        half = np.array([width, width / ASPECT]) / 2 / zoom
        return tuple(zip(middle - half, middle + half))

    def grid(self, epoch, zoom, fine):
        """The places across and up, and the costs there; every other place only unless `fine`."""
        key = (zoom, epoch if zoom > 1 else None)
        if key not in self._grids or fine and self._grids[key][2].shape != (POINTS, POINTS):
            across, up = (np.linspace(*side, POINTS) for side in self.view(epoch, zoom))
            step = 1 if fine else 2
            across, up = across[::step], up[::step]
            self._grids[key] = across, up, self.path.costs.grid(across, up)
            while len(self._grids) > KEPT:
                self._grids.pop(next(iter(self._grids)))
        return self._grids[key]

    def refresh(self):
        super().refresh()
        self._fine = False
        self._refine_later()

    def refine(self):
        """Draw the view that is shown with all its points."""
        with self.lock:
            self._fine = True
            super().refresh()
            self._fine = False

    def _refine_later(self):
        if self.grid(self.state["epoch"], self.state["zoom"], fine=False)[2].shape == (POINTS, POINTS):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self.task is not None:
            self.task.cancel()
        self.task = loop.create_task(self._refine_soon())
        self.task.add_done_callback(_log_error)

    async def _refine_soon(self):
        await asyncio.sleep(REST)  # while a slider moves, each move puts it off
        self.refine()

    # -- the picture --------------------------------------------------------------------------------------

    def figure(self):
        fig = figures.new((5.6, 5.6))  # narrow, for a phone
        self.map, self.side = fig.subplots(2, 1, height_ratios=[2.4, 1])
        self.map.set(xlabel=_("Along, from start (square) to end (star)"), ylabel=_("Aside"))
        self.map.set_aspect("equal")
        self.image = self.map.imshow(np.ones((2, 2)), cmap="Blues", origin="lower", interpolation="bilinear",
                                     norm=LogNorm(1, 2), extent=(0, 1, 0, 1))
        self.bar = fig.colorbar(self.image, ax=self.map, shrink=0.85, pad=0.02)
        self.contour = self._drawn = None
        halo = [withStroke(linewidth=3.5, foreground="white")]
        places = self.path.plane.path
        self.trail, = self.map.plot(*places.T, "o-", color="black", markersize=4, linewidth=1.3, path_effects=halo,
                                    label=_("the run, an epoch a point"))
        for place, marker in ((places[0], "s"), (places[-1], "*")):
            self.map.plot(*place[:, np.newaxis], marker, color="black", markersize=9, path_effects=halo)
        self.here, = self.map.plot([], [], "o", color="black", markerfacecolor="none", markersize=13,
                                   markeredgewidth=1.5)
        looks = (("s-", style.GREEN), ("^--", style.RED))
        self.walks = [self.map.plot([], [], look, color=colour, markersize=3.5, linewidth=1.3, path_effects=halo)[0]
                      for look, colour in looks]
        self.curves = [self.side.plot([], [], look, color=colour, markersize=5)[0] for look, colour in looks]
        self.side.set(xlabel=_("Updates"), ylabel=_("Cost"), yscale="log", xlim=(-0.5, UPDATES + 0.5),
                      xticks=range(0, UPDATES + 1, EVERY))
        self.side.yaxis.set(minor_locator=NullLocator(), major_formatter=COSTS)
        self.side.legend(self.curves, [_("the run's rate"), _("the larger one")], loc="lower center",
                         bbox_to_anchor=(0.5, 0.99), ncols=2)
        return fig, [self.here, *self.walks, *self.curves, self.side.yaxis]

    def compute(self, epoch, factor, zoom):
        across, up, costs = self.grid(epoch, zoom, self._fine)
        path = self.path
        return {"epoch": epoch, "factor": factor, "view": self.view(epoch, zoom), "across": across, "up": up,
                "costs": costs, "own": path.walk(epoch, 1), "larger": path.walk(epoch, factor),
                "below": path.costs.at(*path.place(epoch))}

    def draw(self, epoch, factor, view, across, up, costs, own, larger, below):
        if self._drawn != (view, costs.shape):  # else it stands still
            self._draw_map(view, across, up, costs)
            self._drawn = view, costs.shape
            self.picture.turn_to(self._drawn)
        self.here.set_data(*self.path.place(epoch)[:, np.newaxis])
        top = 0
        for line, curve, walk in zip(self.walks, self.curves, (own, larger)):
            line.set_data(*walk.places.T)
            curve.set_data(walk.updates, walk.costs)
            top = max(top, *walk.costs)
        bottom = max(min(*own.costs, *larger.costs), lowest(top))
        self.side.set_ylim(bottom / 1.2, top * 1.2)
        self.side.yaxis.set_major_locator(FixedLocator(round_steps(bottom / 1.2, top * 1.2)))
        return self._describe(epoch, factor, view, costs, own, larger, below)

    def _draw_map(self, view, across, up, costs):
        (left, right), (bottom, top) = view
        costs = np.maximum(costs, lowest(costs.max()))
        low, high = float(costs.min()), float(costs.max())
        half = [(side[1] - side[0]) / 2 for side in (across, up)]  # a point's colour is in the middle of its cell
        self.image.set_data(costs)
        self.image.set_extent((across[0] - half[0], across[-1] + half[0], up[0] - half[1], up[-1] + half[1]))
        # A new norm, since to set its ends one by one turns it round. The bar follows by itself.
        self.image.set_norm(LogNorm(low, high * (1 + 1e-9)))
        self.bar.ax.yaxis.set(major_locator=FixedLocator(round_steps(low, high)), minor_locator=NullLocator(),
                              major_formatter=COSTS)
        self.map.set(xlim=(left, right), ylim=(bottom, top))
        self.map.set_title(_("Cost of {digits} digits, {down} x {across} points").format(
            digits=len(self.path.y), down=len(up), across=len(across)))
        if self.contour is not None:
            self.contour.remove()
            self.contour = None
        if high > low:
            self.contour = self.map.contour(across, up, costs, np.geomspace(low, high, CONTOURS + 2)[1:-1],
                                            colors="black", linewidths=0.5, alpha=0.5)

    def _describe(self, epoch, factor, view, costs, own, larger, below):
        said = [_("The cost of {digits} digits, at {down} x {across} points.").format(
                    digits=len(self.path.y), down=costs.shape[0], across=costs.shape[1]),
                self._describe_start(epoch, own.costs[0], below),
                self._describe_walk(_("{updates} updates at the run's rate of {rate:.4g}").format(
                    updates=UPDATES, rate=own.rate), own, view),
                self._describe_walk(_("{updates} updates at {factor} times that rate, on the same minibatches,").format(
                    updates=UPDATES, factor=factor), larger, view),
                _("In the plane lie {path} of the squared lengths of the run's steps, and {own} and {larger} of the "
                  "squared distances that these updates went.").format(
                      path=percent(self.path.plane.share), own=percent(own.share), larger=percent(larger.share))]
        return " ".join(said)

    def _describe_start(self, epoch, cost, below):
        if epoch == 0:
            return _("Before training it is {cost}.").format(cost=written(cost))
        if self.path.set_by_hand(epoch):
            return _("After epoch {epoch}, with what was set by hand, it is {cost}, and {below} at the nearest point "
                     "of the plane.").format(epoch=epoch, cost=written(cost), below=written(below))
        if epoch == self.path.epochs:
            return _("After epoch {epoch}, where the path ends, it is {cost}.").format(epoch=epoch, cost=written(cost))
        return _("After epoch {epoch} it is {cost}, and {below} at the nearest point of the plane.").format(
            epoch=epoch, cost=written(cost), below=written(below))

    @staticmethod
    def _describe_walk(who, walk, view):
        if walk.overflow:
            return _("{who} cannot be made: in update {number} a weight grew beyond {limit:.0e}.").format(
                who=who, number=walk.overflow, limit=LIMIT)
        (left, right), (bottom, top) = view
        outside = sum(not (left <= a <= right and bottom <= b <= top) for a, b in walk.places[1:])
        said = _("{who} lead to {cost}").format(who=who, cost=written(walk.costs[-1]))
        if not outside:
            return f"{said}."
        return said + _("; outside the picture: {outside} of their {updates} points.").format(
            outside=outside, updates=UPDATES)


def lowest(largest):
    """What stands for a smaller cost, such as 0, on a logarithmic scale that goes up to `largest`."""
    return max(largest * 1e-9, 1e-12)


def written(cost):
    """A cost with one decimal, a very large one as a power of ten."""
    return f"{cost:,.1f}" if cost < 1e7 else f"{cost:.2e}"


def percent(share):
    return f"{share:.1%}" if share >= 0.001 or not share else _("less than 0.1%")


def _log_error(task):
    """Nobody awaits the task: without this only the student would learn of an error in it."""
    if not task.cancelled() and task.exception():
        get_logger().error("the landscape failed", exc_info=task.exception())


def round_steps(low, high):
    """Round numbers from `low` to `high`: 1, 2, 5, 10, ... where they are far apart, else evenly spaced ones."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = [step * 10.0 ** power for power in powers for step in (1, 2, 5) if low <= step * 10.0 ** power <= high]
    if len(steps) > 9:
        steps = [step for step in steps if f"{step:e}".startswith("1")]
    if len(steps) < 3:
        steps = [step for step in MaxNLocator(4).tick_values(low, high) if low <= step <= high]
    return steps
