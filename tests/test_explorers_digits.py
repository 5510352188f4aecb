"""Lesson 1's explorers show the sample's digits as they are, and the hidden units where the formulas put them."""

import re
from itertools import pairwise

import numpy as np
import pytest
from explorer_support import drive
from matplotlib.colors import to_hex

from lessonkit import style
from lessonkit.explorers.digits import Contrast, LeafThrough
from mlp_core import DATA


@pytest.fixture(scope="module")
def sample():
    """The training digits as bytes (4000, 28, 28), scaled by hand to [-1, 1], and their labels."""
    with np.load(DATA / "mnist_sample.npz") as file:
        pixels, labels = file["X_train"].reshape(-1, 28, 28), file["y_train"]
    return pixels, pixels / 127.5 - 1, labels


def numbers(sentence):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", sentence)]


# -- leafing through --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def check_leaf(sample):
    _, X, y = sample
    means = np.array([np.sum(X[y == k], axis=0) / np.sum(y == k) for k in range(10)])
    stored = {digit: [row for row, label in enumerate(y) if label == digit] for digit in range(10)}
    nearest_first = {digit: sorted(rows, key=lambda row: np.linalg.norm(X[row] - means[digit]))
                     for digit, rows in stored.items()}

    def check(explorer):
        digit, number, order = (explorer.state[name] for name in ("digit", "number", "order"))
        rows = {"as in the sample": stored, "nearest the mean first": nearest_first}[order][digit]
        assert 0 < number <= len(rows) == 400
        row, first = rows[number - 1], 20 * ((number - 1) // 20)

        page = explorer.page.get_array()
        lines = [rows[start:start + 4] for start in range(first, first + 20, 4)]
        np.testing.assert_allclose(page, np.block([[X[shown] for shown in line] for line in lines]), atol=1e-12)
        across, down = (np.array([min(data), max(data)]) + 0.5 for data in explorer.frame.get_data())
        framed = page[slice(*down.astype(int)), slice(*across.astype(int))]
        np.testing.assert_allclose(framed, X[row], atol=1e-12)

        x, mean, difference = (image.get_array() for image in explorer.images)
        np.testing.assert_allclose(x, X[row], atol=1e-12)
        np.testing.assert_allclose(mean, means[digit], atol=1e-12)
        np.testing.assert_allclose(difference, X[row] - means[digit], atol=1e-12)
        distances = np.array([np.linalg.norm(X[row] - mean) ** 2 for mean in means])
        np.testing.assert_allclose([bar.get_height() for bar in explorer.bars], distances, rtol=1e-9)
        np.testing.assert_allclose(np.sum(difference ** 2), explorer.bars[digit].get_height(), rtol=1e-9)

        nearest = int(np.argmin(distances))
        colors = {k: to_hex(bar.get_facecolor()) for k, bar in enumerate(explorer.bars)}
        assert colors.pop(digit) == style.BLUE.lower()
        assert nearest == digit or colors.pop(nearest) == style.RED.lower()
        assert len(set(colors.values())) == 1 and not {style.BLUE.lower(), style.RED.lower()} & set(colors.values())
        assert [title.get_text() for title in explorer.titles] == [
            f"Class {digit}: {first + 1} to {first + 20} of 400", f"X_train[{row}]"]

        said = [row, digit, distances[digit]]
        said += [] if nearest == digit else [nearest, distances[nearest], nearest]
        np.testing.assert_allclose(numbers(explorer.sentence), said, atol=0.051)
        assert ("no other mean is nearer" in explorer.sentence) == (nearest == digit)

    return check


def test_leaf_through_shows_every_digit_of_every_class(check_leaf):
    explorer = LeafThrough()
    drive(explorer, check_leaf)
    ymax = explorer.bars[0].axes.get_ylim()[1]
    distances = [explorer.compute(digit, number, order="as in the sample")["distances"].max()
                 for digit in range(10) for number in range(1, 401)]
    assert max(distances) < ymax, "a bar leaves the picture"


def test_the_orders_hold_the_same_digits_and_end_on_the_oddest(check_leaf):
    explorer = LeafThrough()
    shown = {order: [explorer.compute(8, number, order)["row"] for number in range(1, 401)]
             for _, order in explorer.widgets["order"].options}
    stored, sorted_ = shown.values()
    assert stored == sorted(sorted_) != sorted_
    explorer.widgets["digit"].value = 8
    explorer.widgets["order"].value = "nearest the mean first"
    explorer.widgets["number"].value = 400
    check_leaf(explorer)
    assert "X_train[3]" in explorer.sentence, "lesson 1 names the eight that is farthest from its mean"


# -- scaling ----------------------------------------------------------------------------------------

ENDS = {"-1 to 1": ("-1", "0", "1"), "0 to 1": ("0", "0.5", "1"), "0 to 255": ("0", "127.5", "255")}


@pytest.fixture(scope="module")
def check_contrast(sample):
    pixels, X, _ = sample
    w_h = np.random.RandomState(1).normal(0.0, 0.1, (784, 100))   # the first weights of lesson 1

    def check(explorer):
        contrast, shift, scale = (explorer.state[name] for name in ("contrast", "shift", "scale"))
        ink = np.minimum(np.maximum(contrast * X[0] + shift, -1), 1)
        np.testing.assert_allclose(explorer.image.get_array(), ink, atol=1e-12)

        across, counts = explorer.pixels.get_data()
        edges = np.append(across[::2], across[-1])
        np.testing.assert_allclose(edges, np.linspace(-1, 1, 24), atol=1e-12)
        inside = [np.sum((ink > low - 1e-9) & (ink < high - 1e-9)) for low, high in pairwise(edges)]
        inside[-1] += np.sum(ink > 1 - 1e-9)
        assert counts[::2].tolist() == counts[1::2].tolist() == inside and sum(inside) == 784
        assert tuple(tick.get_text() for tick in explorer.ticks) == ENDS[scale]
        assert [tick.get_position()[0] for tick in explorer.ticks] == [-1, 0, 1]

        white, _, black = map(float, ENDS[scale])
        x = np.interp(ink, [-1, 1], [white, black])
        z = x.ravel() @ w_h
        a = (1 + np.tanh(z / 2)) / 2   # the sigmoid, in a form that cannot overflow
        saturated = (a < 0.01) | (a > 0.99)
        for points, which in (explorer.steep, ~saturated), (explorer.flat, saturated):
            shown_z, shown_a = points.get_data()
            np.testing.assert_allclose(shown_a, a[which], atol=1e-9)
            np.testing.assert_allclose(shown_z, np.maximum(np.minimum(z[which], 12), -12), atol=1e-9)
        said = [int((text.get_text() or "0").split()[0]) for text in explorer.counts]
        assert said == [np.sum(a < 0.01), np.sum(a > 0.99)]

        levels = [len(np.unique(np.round(ink, 9))), len(np.unique(pixels[0]))]
        np.testing.assert_allclose(
            numbers(explorer.sentence), [x.min(), x.max(), *levels, saturated.sum(), 100, np.mean(a * (1 - a)), 0.25],
            atol=0.0051)
        slope = re.search(r"mean slope (\S+) \(at most", explorer.sentence).group(1)
        assert abs(float(slope) - np.mean(a * (1 - a))) < 0.000051
        assert "-0.00" not in explorer.sentence and "nan" not in explorer.sentence

    return check


def test_contrast_moves_the_pixels_and_the_hidden_units(check_contrast):
    drive(Contrast(), check_contrast)


def test_only_the_scale_brings_the_units_back():
    """What lesson 1 asks to try: at 0 to 255 no contrast helps, at the other scales few units are saturated."""
    explorer = Contrast()
    saturated = {scale: [np.sum(np.abs(explorer.compute(contrast, 0.0, scale)["z_h"]) > np.log(99))
                         for _, contrast in explorer.widgets["contrast"].options] for scale in ENDS}
    assert min(saturated["0 to 255"]) > 95
    assert max(saturated["-1 to 1"] + saturated["0 to 1"]) < 15
    assert saturated["-1 to 1"][0] == 0
