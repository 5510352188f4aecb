"""The landscape: its costs against those of networks that stand there, its plane, its walks, and every sentence."""

import asyncio
import copy
import functools
import re

import numpy as np
import pytest
from explorer_support import drive, shown, values_of
from numpy.testing import assert_allclose
from playground_support import SMALL, Trained

from lessonkit.playground import landscape
from lessonkit.playground.landscape import (
    DIGITS, LIMIT, POINTS, UPDATES, Landscape, Path, Plane, flat, placed, round_steps, shaped)
from lessonkit.playground.records import Run
from lessonkit.playground.replay import stream
from lessonkit.playground.settings import Settings
from mlp_core import WEIGHTS, NeuralNetMLP, load_mnist

NUMBER = r"-?[\d,]+(?:\.\d+)?(?:e[+-]\d+)?"


@functools.cache
def sample():
    return load_mnist("sample", np.float64)


@functools.cache
def run(**settings):
    """A finished run of the playground, with its weights of every epoch."""
    made = Run(1, Settings(**{"n_hidden": 12, "epochs": 5, "digits": 600, "minibatch_size": 30} | settings))
    network = made.settings.network()
    network._init_weights(784, 10, np.float32)
    made.keep(network)
    for epoch in network.fit_epochs(*made.settings.digits_to_train(), **made.settings.fit_options()):
        made.keep(network, epoch)
    return made


RUNS = {"plain": {}, "another seed": {"seed": 5}, "without L2": {"l2": 0.0}, "strong L2": {"l2": 1.0},
        "dropout": {"dropout": 0.3}, "cosine": {"schedule": "cosine"}, "shifted": {"shifted": True},
        "too fast": {"eta": 0.5}, "few digits": {"digits": 60},
        "whole set": {"minibatch_size": 600, "eta": 0.001}}


RUNS_BY_SETTINGS = {Settings(**{"n_hidden": 12, "epochs": 5, "digits": 600, "minibatch_size": 30} | more): more
                    for more in RUNS.values()}


USUAL = ("plain", "cosine", "shifted", "too fast")


@pytest.fixture(params=[name if name in USUAL else pytest.param(name, marks=pytest.mark.slow) for name in RUNS],
                scope="module")
def made(request):
    return run(**RUNS[request.param])


@pytest.fixture(scope="module")
def path(made):
    return Path(made.settings, made.weights)


def cost_of(path, weights):
    """By the whole network, in float64: no linearity used."""
    network = copy.copy(path.network)
    for name in WEIGHTS:
        setattr(network, name, np.asarray(weights[name], np.float64))
    *_, z_out, a_out = network._forward(path.X)
    return network._compute_cost(np.eye(10)[path.y], a_out, z_out)


# -- the plane ----------------------------------------------------------------------------------------


def test_a_network_is_a_point_and_back(made):
    weights = made.weights[-1]
    again = shaped(flat(weights), weights)
    assert all(np.array_equal(again[name], weights[name]) for name in WEIGHTS)
    assert len(flat(weights)) == sum(weights[name].size for name in WEIGHTS)


def test_start_and_end_lie_in_the_plane(made, path):
    plane = path.plane
    assert_allclose(plane.path[0], [0, 0], atol=0)
    length = np.linalg.norm(flat(made.weights[-1]) - flat(made.weights[0]))
    assert_allclose(plane.path[-1], [length, 0], atol=1e-9 * length)
    for place, weights in ((plane.path[0], made.weights[0]), (plane.path[-1], made.weights[-1])):
        assert_allclose(flat(plane.weights(*place)), flat(weights), atol=1e-9 * length)


def test_its_directions_are_of_length_one_and_orthogonal(path):
    frame = np.array([path.plane.along, path.plane.aside])
    assert_allclose(frame @ frame.T, np.eye(2), atol=1e-9)


def test_aside_is_the_first_principal_direction_of_what_is_left(made, path):
    """By the singular values of the path without its part along: another way to the same."""
    points = np.array([flat(weights) for weights in made.weights]) - flat(made.weights[0])
    along = points[-1] / np.linalg.norm(points[-1])
    left = points - np.outer(points @ along, along)
    _u, values, directions = np.linalg.svd(left, full_matrices=False)
    assert values[0] > 1.001 * values[1], "no direction stands out: choose another run"
    sign = np.sign(left[np.abs(left @ directions[0]).argmax()] @ directions[0])
    assert_allclose(path.plane.aside, sign * directions[0], atol=1e-6)
    heights = path.plane.path[:, 1]
    assert heights[np.abs(heights).argmax()] > 0


def test_every_point_of_the_path_is_above_its_nearest_place(made, path):
    for weights, place in zip(made.weights, path.plane.path):
        off = flat(weights) - flat(path.plane.weights(*place))
        assert abs(off @ path.plane.along) < 1e-6 and abs(off @ path.plane.aside) < 1e-6


def test_the_share_is_that_of_the_steps(made, path):
    whole = inside = 0.0
    for before, after in zip(made.weights, made.weights[1:]):
        step = flat(after) - flat(before)
        whole += step @ step
        inside += (step @ path.plane.along) ** 2 + (step @ path.plane.aside) ** 2
    assert path.plane.share == pytest.approx(inside / whole, rel=1e-9) and 0 < path.plane.share <= 1


@pytest.mark.parametrize("change, said", [
    (lambda weights: weights[:2], "2 points; expected at least 3.*Take a run of two epochs or more"),
    (lambda weights: [*weights, weights[0]], "ends where it began"),
    (lambda weights: [weights[0], {name: 2 * weights[1][name] - weights[0][name] for name in WEIGHTS}, weights[1]],
     "straight"),
    (lambda weights: [*weights, {name: weights[0][name] * np.nan for name in WEIGHTS}], "infinity or nan")])
def test_a_path_without_a_plane_is_refused(change, said):
    weights = [{name: np.asarray(point[name], np.float64) for name in WEIGHTS} for point in run().weights]
    with pytest.raises(ValueError, match=said):
        Plane(change(weights))


# -- the costs ----------------------------------------------------------------------------------------


def test_every_cost_is_that_of_the_network_that_stands_there(path):
    """The short way by three products, against the network with these weights, on and far off the path."""
    low, high = path.plane.path.min(axis=0), path.plane.path.max(axis=0)
    far = high - low
    a, b = np.linspace(low[0] - far[0], high[0] + far[0], 5), np.linspace(low[1] - far[0], high[1] + far[0], 4)
    grid = path.costs.grid(a, b)
    assert grid.shape == (4, 5)
    for (row, column), cost in np.ndenumerate(grid):
        assert cost == pytest.approx(cost_of(path, path.plane.weights(a[column], b[row])), rel=2e-5)
    assert path.costs.at(a[2], b[1]) == grid[1, 2]


def test_the_costs_of_the_ends_are_those_of_the_run(made, path):
    for place, weights in ((path.plane.path[0], made.weights[0]), (path.plane.path[-1], made.weights[-1])):
        assert path.costs.at(*place) == pytest.approx(cost_of(path, weights), rel=2e-5)
        assert path.cost(weights) == pytest.approx(cost_of(path, weights), rel=1e-12)


def test_the_digits_are_the_first_that_the_run_learned_from(made, path):
    n = min(DIGITS, made.settings.digits)
    assert np.array_equal(path.X, sample().X_train[:n]) and np.array_equal(path.y, sample().y_train[:n])


# -- what another rate does -----------------------------------------------------------------------------


def test_with_the_run_s_own_rate_a_walk_is_what_the_run_did_next(made):
    """With as many updates an epoch as a walk has, it ends where the run stood an epoch later, whatever was random."""
    settings = RUNS_BY_SETTINGS[made.settings]
    made = run(**settings | {"digits": 60, "minibatch_size": 60 // UPDATES})
    path = Path(made.settings, made.weights)
    for epoch in (0, 1, 3):
        walk = path.walk(epoch, 1)
        assert_allclose(walk.places[-1], path.plane.path[epoch + 1], rtol=1e-4, atol=1e-4)
        assert walk.costs[-1] == pytest.approx(cost_of(path, made.weights[epoch + 1]), rel=1e-5)
        assert walk.updates == list(range(0, UPDATES + 1, landscape.EVERY)) and walk.overflow == 0


def test_a_walk_begins_with_what_was_set_by_hand():
    settings = Settings(n_hidden=5, epochs=3, digits=60, minibatch_size=60 // UPDATES)
    edit = settings.updates + 1, "w_out", (0, 0), 5.0  # after the first epoch
    made = Trained(settings, edits=[edit]).run
    explorer = landscape.Landscape(made)
    for epoch in (0, 1, 2):
        walk = explorer.path.walk(epoch, 1)
        assert_allclose(walk.places[-1], explorer.path.plane.path[epoch + 1], rtol=1e-4, atol=1e-4)
        assert walk.costs[0] == pytest.approx(cost_of(explorer.path, made.start_of_next(epoch)), rel=1e-6)
        explorer.widgets["epoch"].value = epoch
        assert ("with what was set by hand, it is" in explorer.sentence) == (epoch == 1)
    assert made.weights[1]["w_out"][0, 0] != 5.0


@pytest.mark.parametrize("zoom", [4, 16])
def test_a_start_that_was_set_by_hand_is_in_the_circle_and_in_the_closer_views(zoom):
    settings = Settings(**SMALL)
    made = Trained(settings, edits=[(settings.updates + 1, "w_out", (0, 0), 5.0)]).run
    explorer = landscape.Landscape(made)
    explorer.widgets["epoch"].value, explorer.widgets["zoom"].value = 1, zoom
    place = explorer.path.plane.place(made.start_of_next(1))
    assert np.linalg.norm(place - explorer.path.plane.path[1]) > 0.5, "choose another weight"
    assert_allclose(explorer.here.get_xydata()[0], place, atol=1e-6)
    assert_allclose(explorer.walks[0].get_xydata()[0], place, atol=1e-6)
    for (low, high), middle in zip(explorer.view(1, zoom), place):
        assert (low + high) / 2 == pytest.approx(middle)
    assert_allclose(explorer.view(1, 1), explorer.view(2, 1))


def test_a_run_whose_weights_are_no_longer_kept_is_refused():
    made = Trained(Settings(**SMALL)).run
    made.weights = []
    with pytest.raises(ValueError, match="the weights of run 1 are no longer kept"):
        landscape.Landscape(made)


@pytest.mark.parametrize("epoch", [0, 3, 5])
@pytest.mark.parametrize("factor", [1, 10])
def test_a_walk_is_the_updates_of_the_network(made, path, epoch, factor, monkeypatch):
    """The rate, the places and the costs, by a network that makes the same updates."""
    walk, seen = path.walk(epoch, factor), []
    schedule = made.settings.fit_options()["schedule"]
    rate = factor * made.settings.eta * (schedule(min(epoch, 4) / 5) if schedule else 1)
    assert walk.rate == pytest.approx(rate)
    gradients = NeuralNetMLP._gradients
    monkeypatch.setattr(NeuralNetMLP, "_gradients", lambda self, X, y_enc, scale=1.0: (
        seen.append((X.copy(), y_enc.copy(), gradients(self, X, y_enc, scale), scale)), seen[-1][2])[1])
    path.walk.__wrapped__(epoch, factor)
    weights = {name: made.weights[epoch][name].copy() for name in WEIGHTS}
    places, costs = [path.plane.path[epoch]], [cost_of(path, weights)]
    start = flat(weights)
    for number, (_X, _y_enc, steps, scale) in enumerate(seen, 1):
        assert scale == pytest.approx(rate)
        weights = {name: weights[name] - step for name, step in zip(WEIGHTS, steps)}
        places.append(path.plane.place(weights))
        if number % landscape.EVERY == 0:
            costs.append(cost_of(path, weights))
    assert len(seen) == UPDATES
    assert_allclose(walk.places, places, rtol=1e-6, atol=1e-5)
    assert_allclose(walk.costs, costs, rtol=1e-5)
    moved = flat(weights) - start
    inside = (moved @ path.plane.along) ** 2 + (moved @ path.plane.aside) ** 2
    assert walk.share == pytest.approx(inside / (moved @ moved), rel=1e-4)


def test_two_walks_learn_from_the_same_minibatches(monkeypatch):
    path, seen = Path(run(dropout=0.3).settings, run(dropout=0.3).weights), []
    pixels = landscape.sample.pixels

    def noted(part, rows, dtype=np.float64):
        seen.append(rows)
        return pixels(part, rows, dtype)

    monkeypatch.setattr(landscape.sample, "pixels", noted)
    streams = [path.walk(2, factor) and stream(path.settings, 2).get_state()[1] for factor in (1, 10)]
    assert len(seen) == 2 * UPDATES and all(np.array_equal(*two) for two in zip(seen[:UPDATES], seen[UPDATES:]))
    assert np.array_equal(*streams), "a walk takes the stream along with it"


def test_the_run_itself_stays_as_it_is():
    made = copy.deepcopy(run())
    before = [{name: weights[name].copy() for name in WEIGHTS} for weights in made.weights]
    explorer = Landscape(made)
    for epoch in (0, 3, 5):
        explorer.widgets["epoch"].value = epoch
    assert all(np.array_equal(weights[name], old[name])
               for weights, old in zip(made.weights, before) for name in WEIGHTS)


def exploding():
    """A run whose weights double in every update at fifty times its rate: eta * l2 is then 2.5."""
    return run(eta=0.001, l2=50.0, epochs=3, minibatch_size=30)


def test_a_walk_whose_weights_overflow_ends_and_says_so(monkeypatch):
    monkeypatch.setattr(landscape, "LIMIT", 30.0)
    explorer = Landscape(exploding())
    explorer.widgets["factor"].value = 50
    walk = explorer.path.walk(explorer.state["epoch"], 50)
    assert 0 < walk.overflow <= UPDATES and len(walk.places) == walk.overflow
    assert f"cannot be made: in update {walk.overflow} a weight grew beyond 3e+01." in explorer.sentence
    assert np.isfinite(walk.costs).all()
    assert LIMIT < np.finfo(np.float32).max


# -- what is seen and said ----------------------------------------------------------------------------


def plain(text):
    return float(text.replace(",", ""))


def check(explorer):
    epoch, factor, zoom = explorer.state.values()
    path, sentence = explorer.path, explorer.sentence
    assert "nan" not in sentence and "inf" not in sentence
    # the grid
    across, up, costs = explorer.grid(epoch, zoom, False)
    down, over = map(int, re.match(rf"The cost of {len(path.y)} digits, at (\d+) x (\d+) points\.", sentence).groups())
    drawn = np.asarray(explorer.image.get_array())
    assert drawn.shape == (down, over) == costs.shape and down in (POINTS, POINTS // 2 + 1)
    assert f"{len(path.y)} digits, {down} x {over} points" in explorer.map.get_title()
    left, right, bottom, top = explorer.image.get_extent()
    for row, column in ((0, 0), (down // 2, 1), (down - 1, over - 1)):
        a, b = left + (column + 0.5) * (right - left) / over, bottom + (row + 0.5) * (top - bottom) / down
        assert drawn[row, column] == pytest.approx(path.costs.at(a, b), rel=1e-4), "a colour is not where its cost is"
    assert explorer.map.get_xlim() == pytest.approx((across[0], across[-1]))
    assert explorer.map.get_ylim() == pytest.approx((up[0], up[-1]))
    assert explorer.image.get_clim() == pytest.approx((costs.min(), costs.max()))
    # the path
    assert_allclose(np.transpose(explorer.trail.get_data()), path.plane.path)
    assert_allclose(np.ravel(explorer.here.get_data()), path.plane.path[epoch])
    sides = np.array([explorer.map.get_xlim(), explorer.map.get_ylim()])
    if zoom <= 1:
        assert (sides[:, 0] < path.plane.path.min(axis=0)).all() and (path.plane.path.max(axis=0) < sides[:, 1]).all()
    else:
        assert sides.mean(axis=1) == pytest.approx(path.plane.path[epoch])
    # where it starts
    here = cost_of(path, path.weights[epoch])
    if epoch == 0:
        said, = re.search(rf"Before training it is ({NUMBER})\.", sentence).groups()
    elif epoch == path.epochs:
        said, = re.search(rf"After epoch {epoch}, where the path ends, it is ({NUMBER})\.", sentence).groups()
    else:
        said, below = re.search(rf"After epoch {epoch} it is ({NUMBER}), and ({NUMBER}) at the nearest point of the "
                                r"plane\.", sentence).groups()
        nearest = path.plane.weights(*path.plane.path[epoch])
        assert plain(below) == pytest.approx(cost_of(path, nearest), rel=2e-5, abs=0.051)
    assert plain(said) == pytest.approx(here, rel=1e-6, abs=0.051)
    # the walks
    own, larger = path.walk(epoch, 1), path.walk(epoch, factor)
    parts = re.search(rf"({UPDATES} updates at the run's rate of .*?) ({UPDATES} updates at \d+ times that rate, .*?) "
                      "In the plane lie", sentence).groups()
    assert f"rate of {own.rate:.4g} " in parts[0] and f" {factor} times that rate, on the same minibatches," in parts[1]
    for part, walk, line, curve in zip(parts, (own, larger), explorer.walks, explorer.curves):
        assert_allclose(np.transpose(line.get_data()), walk.places)
        assert_allclose(np.transpose(curve.get_data()), np.transpose([walk.updates, walk.costs]))
        low, high = explorer.side.get_ylim()
        assert low < min(walk.costs) and max(walk.costs) < high
        outside = sum(not (across[0] <= a <= across[-1] and up[0] <= b <= up[-1]) for a, b in walk.places[1:])
        reached = re.search(rf"lead to ({NUMBER})[.;]", part)[1]
        assert plain(reached) == pytest.approx(walk.costs[-1], rel=6e-3 if "e" in reached else 1e-6, abs=0.051)
        said = f"; outside the picture: {outside} of their {UPDATES} points."
        assert part.endswith(said) if outside else "outside" not in part
    shares = re.search(r"In the plane lie (.*?) of the squared lengths of the run's steps, and (.*?) and (.*?) of the "
                       r"squared distances that these updates went\.$", sentence).groups()
    for text, share in zip(shares, (path.plane.share, own.share, larger.share)):
        assert share < 0.001 if text == "less than 0.1%" else float(text[:-1]) == pytest.approx(100 * share, abs=0.051)


@pytest.mark.slow
def test_all_is_true_in_every_state(made):
    explorer = Landscape(made)
    check(explorer)
    random = np.random.RandomState(1)
    for epoch in values_of(explorer.widgets["epoch"]):
        for zoom in (1, random.choice([0.25, 4, 16]).item()):
            explorer.widgets["epoch"].value, explorer.widgets["zoom"].value = epoch, zoom
            explorer.widgets["factor"].value = random.choice(values_of(explorer.widgets["factor"])).item()
            check(explorer)
    explorer.refine()
    assert f"{POINTS} x {POINTS} points" in explorer.sentence
    check(explorer)
    explorer.reset()
    assert explorer.state == explorer.defaults


@pytest.mark.parametrize("bug", ["turned", "flipped", "path", "digits", "penalty"])
def test_the_check_sees_a_bug(bug, monkeypatch):
    explorer = Landscape(run(l2=1.0))
    if bug == "turned":
        real = explorer.path.costs.grid
        monkeypatch.setattr(explorer.path.costs, "grid", lambda a, b: real(a, b).T if len(a) > 1 else real(a, b))
    elif bug == "flipped":
        explorer.image.origin = "upper"
        real_set = explorer.image.set_data
        monkeypatch.setattr(explorer.image, "set_data", lambda costs: real_set(costs[::-1]))
    elif bug == "path":
        monkeypatch.setattr(explorer.path, "cost", lambda weights: 1.0)
        explorer.path.walk.cache_clear()
    elif bug == "digits":
        monkeypatch.setattr(landscape, "POINTS", 15)
    else:
        explorer.path.costs.network = placed(explorer.path.network, explorer.path.weights[0])
        explorer.path.costs.network.l2 = 0.0
    with pytest.raises(AssertionError):
        explorer.widgets["zoom"].value = 4
        explorer.refine()
        check(explorer)


def test_says_what_it_shows_and_what_each_control_does():
    explorer = Landscape(run())
    assert re.fullmatch(r"[A-Z].{30,}\.", explorer.alt) and len(explorer.widgets) <= 3
    assert all(control.description and len(control.tooltip.split()) > 2 for control in explorer.widgets.values())


def test_a_cost_of_zero_can_be_drawn(monkeypatch):
    explorer = Landscape(run())
    real = explorer.path.costs.grid
    monkeypatch.setattr(explorer.path.costs, "grid", lambda a, b: 0 * real(a, b))
    explorer.widgets["zoom"].value = 4
    assert np.isfinite(explorer.image.get_clim()).all()


def test_every_control_and_reset():
    explorer = Landscape(run())
    drive(explorer, lambda explorer: None, moves=10)


def test_a_move_redraws_all_that_has_changed():
    explorer = Landscape(run())
    random = np.random.RandomState(2)
    for _ in range(12):
        name = random.choice(list(explorer.widgets))
        explorer.widgets[name].value = random.choice(values_of(explorer.widgets[name])).item()
        moved = explorer._image.value
        explorer.picture.redraw_all()
        assert explorer.picture.png() == moved, explorer
    explorer.reset()


def test_the_first_picture_and_the_saved_one_have_all_points():
    explorer = Landscape(run())
    assert f"at {POINTS} x {POINTS} points" in explorer.sentence
    explorer.widgets["zoom"].value = 4
    assert f"at {POINTS // 2 + 1} x {POINTS // 2 + 1} points" in explorer.sentence  # no event loop here, so it stays
    still, _alive = shown(explorer)
    text = still["text/plain"]
    assert text.startswith(f"{explorer.alt}\n{explorer.sentence}\n") and " at 0x" not in text
    assert re.search(rf"image {POINTS // 2 + 1} x {POINTS // 2 + 1}: mean", text)


def test_in_a_kernel_the_points_come_by_themselves():
    async def move():
        explorer = Landscape(run())
        explorer.widgets["zoom"].value = 16
        coarse = explorer.sentence
        explorer.widgets["zoom"].value = 4
        await asyncio.sleep(3 * landscape.REST)
        while not explorer.task.done():
            await asyncio.sleep(0.05)
        return coarse, explorer.sentence, explorer

    coarse, fine, explorer = asyncio.run(move())
    assert f"at {POINTS // 2 + 1} x" in coarse and f"at {POINTS} x {POINTS} points" in fine
    check(explorer)


def test_an_error_in_the_background_is_shown_and_logged(monkeypatch, caplog):
    async def move():
        explorer = Landscape(run())
        monkeypatch.setattr(explorer, "refine", lambda: 1 / 0)
        explorer.widgets["zoom"].value = 16
        while not explorer.task.done():
            await asyncio.sleep(0.05)
        await asyncio.sleep(0)

    asyncio.run(move())
    assert "the landscape failed" in caplog.text


def test_the_default_is_the_courses_network():
    explorer = Landscape()
    path = explorer.path
    assert (path.epochs, path.network.n_hidden, path.network.eta, path.settings.digits) == (10, 100, 0.005, 4000)
    assert path.weights[0]["w_h"].dtype == np.float64
    explorer.widgets["epoch"].value = 4
    check(explorer)


@pytest.mark.parametrize("low, high", [(200, 163600), (0.7, 0.71), (263, 480), (1e-3, 1e9), (5.0, 5.0)])
def test_round_steps(low, high):
    steps = round_steps(low, high)
    assert all(low <= step <= high for step in steps) and list(steps) == sorted(steps) and len(steps) <= 14
    assert len(steps) >= 2 or high / low < 1.001
