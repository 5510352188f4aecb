"""The explorer of a digit of one's own: each step of the normalisation, MNIST itself as its judge, and the picture."""

import html
import re

import numpy as np
import pytest
from explorer_support import shown
from hypothesis import given, settings, strategies as st
from matplotlib.colors import to_hex
from PIL import Image

from lessonkit import style
from lessonkit.explorers.drawing import (EXAMPLE, PEN, SIDE, SMALLEST, DrawDigit, Ink, Pad, bounding_box, centre,
                                         centre_of_mass, draw_strokes, fit)
from mlp_core import DATA, NeuralNetMLP, _scale, load_mnist

NETWORK = NeuralNetMLP.load(DATA / "best_run.npz")
SEVEN = [[(90, 80), (190, 80), (120, 230)]]


@pytest.fixture
def explorer():
    return DrawDigit(NETWORK)


def canvas(image, top, left):
    """A canvas with `image`, an array of ink, at that place."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[top:top + image.shape[0], left:left + image.shape[1]] = image
    return ink


@st.composite
def pieces(draw, shapes=st.tuples(st.integers(1, 60), st.integers(1, 60))):
    """Pieces of ink with some in the first and last row and column, so that they are their own bounding box."""
    rows, columns = draw(shapes)
    random = np.random.RandomState(draw(st.integers(0, 99)))
    piece = random.choice([0, 0, 0, 90, 255], (rows, columns)).astype(np.uint8)
    piece[[0, -1], random.randint(columns, size=2)] = 255
    piece[random.randint(rows, size=2), [0, -1]] = 255
    return piece


strokes = st.lists(st.tuples(st.integers(10, 270), st.integers(10, 270)), min_size=2, max_size=5)
places = st.tuples(st.integers(0, SIDE - 60), st.integers(0, SIDE - 60))

# -- the steps --------------------------------------------------------------------------------------


@given(pieces(), places)
def test_the_bounding_box_is_exact(piece, place):
    rows, columns = bounding_box(canvas(piece, *place))
    assert (rows.start, columns.start) == place
    assert (rows.stop - rows.start, columns.stop - columns.start) == piece.shape


def test_no_ink_has_no_box():
    assert bounding_box(np.zeros((SIDE, SIDE), np.uint8)) is None


@given(pieces(), places, places)
def test_where_it_is_drawn_does_not_matter(piece, here, there):
    here, there = canvas(piece, *here), canvas(piece, *there)
    assert np.array_equal(fit(here), fit(there))


@given(pieces(st.sampled_from([shape for n in range(1, 21) for shape in ((n, 20), (20, n))])), st.integers(1, 14))
def test_a_digit_that_fits_comes_back_from_any_enlargement(piece, times):
    assert np.array_equal(fit(canvas(np.kron(piece, np.ones((times, times), np.uint8)), 0, 0)), piece)


@pytest.mark.parametrize("digit", [EXAMPLE, SEVEN])
def test_a_drawing_half_as_large_with_a_pen_half_as_wide_comes_out_alike(digit):
    half = [[(x / 2 + 31, y / 2 + 7) for x, y in stroke] for stroke in digit]
    large, small = (centre(fit(ink)).astype(int) for ink in (draw_strokes(digit), draw_strokes(half, PEN / 2)))
    # The boxes differ by up to a pixel in 60, a third of a pixel in 20: only the edges of the strokes change.
    assert np.abs(large - small).mean() < 4 and np.corrcoef(large.ravel(), small.ravel())[0, 1] > 0.99


@given(pieces(), places)
def test_the_fitted_digit_fits_its_box_and_keeps_its_proportions(piece, place):
    fitted = fit(canvas(piece, *place))
    assert fitted.dtype == np.uint8 and max(fitted.shape) == 20
    for length, before in zip(fitted.shape, piece.shape):
        assert abs(length - max(20 * before / max(piece.shape), 1)) <= 0.5


def overlaps(outer, inner):
    """The share (inner, outer) of each of `inner` equal parts of a length that lies in each of its `outer` pixels."""
    edges, pixels = np.arange(inner + 1)[:, None] * outer / inner, np.arange(outer)
    shared = np.minimum(edges[1:], pixels + 1) - np.maximum(edges[:-1], pixels)
    return np.clip(shared, 0, None) * inner / outer


@settings(max_examples=30)
@given(strokes)
def test_grey_is_the_share_that_ink_covers(points):
    ink = draw_strokes([points])
    cut, fitted = ink[bounding_box(ink)], fit(ink)
    covered = overlaps(cut.shape[0], fitted.shape[0]) @ cut @ overlaps(cut.shape[1], fitted.shape[1]).T
    # Pillow's box counts pixels by their middles, which is at most 4 grey levels off on average; without
    # anti-aliasing, by picking single pixels, it is some 15.
    assert np.abs(fitted - covered).mean() < 6


def test_a_pixel_that_is_half_covered_is_half_grey():
    ink = canvas(np.full((40, 40), 255, np.uint8), 10, 20)
    ink[11, 20:60] = 0  # the second row of the first two
    assert np.array_equal(fit(ink)[:, 5], [128] + 19 * [255])


@given(pieces())
def test_the_centre_of_mass_is_the_mean_of_the_weighted_places(piece):
    rows, columns = np.indices(piece.shape)
    assert centre_of_mass(piece) == pytest.approx((np.average(rows, weights=piece), np.average(columns, weights=piece)))


@given(pieces(), places)
def test_the_centre_of_mass_comes_to_the_middle_and_no_ink_is_lost(piece, place):
    fitted = fit(canvas(piece, *place))
    centred = centre(fitted)
    assert centred.shape == (28, 28) and centred.dtype == np.uint8
    assert np.array_equal(np.sort(centred[centred > 0]), np.sort(fitted[fitted > 0]))
    for axis, mass in enumerate(centre_of_mass(centred)):
        # A step towards the middle would bring it no nearer, or put an edge of the fitted digit over the field's.
        step = 1 if mass < 14 else -1
        corner = round(mass - centre_of_mass(fitted)[axis])
        nearest = abs(mass - 14) <= 0.5 + 1e-9
        assert nearest or not 0 <= corner + step <= 28 - fitted.shape[axis]


@pytest.mark.parametrize("turns, rows, columns", [(0, slice(8, 28), slice(8, 28)), (1, slice(0, 20), slice(8, 28)),
                                                  (2, slice(0, 20), slice(0, 20)), (3, slice(8, 28), slice(0, 20))])
def test_ink_stops_at_the_edge(turns, rows, columns):
    """A block in one corner of the box, a dot in the other: the block in the middle would put the dot outside."""
    fitted = np.zeros((20, 20), np.uint8)
    fitted[:8, :8] = fitted[19, 19] = 255
    centred = centre(np.rot90(fitted, turns))
    assert bounding_box(centred) == (rows, columns) and centred.sum(dtype=int) == fitted.sum(dtype=int)


# -- MNIST itself -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def redrawn():
    """The sample's test digits (500, 28, 28), and what became of them on the canvas: larger, elsewhere, and back."""
    digits = load_mnist("sample")
    images = np.rint((digits.X_test + 1) / 2 * 255).astype(np.uint8).reshape(-1, 28, 28)
    random = np.random.RandomState(1)

    def redraw(image):
        cut = image[bounding_box(image)]
        times = random.uniform(3.5, 14)  # 70 to 280 pixels high or wide, a fourth of the canvas to all of it
        rows, columns = (int(round(times * length)) for length in cut.shape)
        large = np.asarray(Image.fromarray(cut).resize((columns, rows), Image.Resampling.BOX))
        top, left = random.randint(0, SIDE + 1 - rows), random.randint(0, SIDE + 1 - columns)
        return centre(fit(canvas(large, top, left)))

    return images, np.array([redraw(image) for image in images]), digits.y_test


def test_mnist_normalised_anew_is_mnist(redrawn):
    images, back, _ = redrawn
    # MNIST's own centring leaves its mark: (14, 14) is right, and (13.5, 13.5), say, would move every second digit.
    assert np.mean([bounding_box(a) == bounding_box(b) for a, b in zip(images, back)]) > 0.95
    # Of 255 grey levels; measured 0.1. A digit moved by a single pixel differs by some 17.
    assert np.median(np.abs(images.astype(int) - back).mean(axis=(1, 2))) < 1


def test_the_network_reads_mnist_normalised_anew_as_well(redrawn):
    images, back, y = redrawn
    hits, hits_back = ((NETWORK.predict(_scale(X.reshape(-1, 784), np.float32)) == y).sum() for X in (images, back))
    # Measured: 499 of 500 both. Edges that change by a few grey levels may tip a doubtful digit.
    assert hits > 490 and abs(hits - hits_back) <= 2


# -- the canvas -------------------------------------------------------------------------------------


def test_a_dot_is_round_and_a_line_has_the_pens_width():
    dot, line = draw_strokes([[(100, 140)]]) / 255, draw_strokes([[(60, 140), (220, 140)]]) / 255
    assert dot.sum() == pytest.approx(np.pi * (PEN / 2) ** 2, rel=0.01)
    assert line.sum() == pytest.approx(np.pi * (PEN / 2) ** 2 + 160 * PEN, rel=0.01)
    # x counts columns, y rows, from the upper left edge: the pixel (0, 0) has its middle at 0.5.
    assert centre_of_mass(dot) == pytest.approx((139.5, 99.5)) and centre_of_mass(line) == pytest.approx((139.5, 139.5))
    assert line[140, 60:220].all() and not line[140 - PEN:140 - PEN // 2 - 1].any() and not line[:, :49].any()


def test_two_strokes_are_both_there_and_unconnected():
    both, one, other = (draw_strokes(strokes) for strokes in (
        [[(50, 50), (50, 200)], [(150, 50), (150, 200)]], [[(50, 50), (50, 200)]], [[(150, 50), (150, 200)]]))
    assert np.array_equal(both, np.maximum(one, other))


def by_definition(strokes, pen=PEN):
    """The ink of `strokes`: how far each pixel is from the nearest of all points of the pen's way."""
    x, y = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
    nearest = np.full((SIDE, SIDE), np.inf)
    for stroke in np.array(strokes, float):
        for start, end in zip(stroke, stroke[1:]):
            for share in np.linspace(0, 1, 400):
                at = start + share * (end - start)
                nearest = np.minimum(nearest, np.hypot(x - at[0], y - at[1]))
    return 255 * np.clip(pen / 2 + 0.5 - nearest, 0, 1)


def test_ink_is_what_the_pen_covers_over_the_edge_too():
    strokes = [[(20.5, 30.2), (90.1, 60), (-40, 150)], [(200, 250), (300, 290), (260, 200)]]
    assert np.abs(draw_strokes(strokes) - by_definition(strokes)).max() < 2  # of 255; its points are 0.4 pixels apart


def test_a_drawing_that_grows_is_drawn_as_if_at_once():
    random, ink = np.random.RandomState(1), Ink()
    strokes = [random.uniform(-20, SIDE + 20, (8, 2)).tolist() for _ in range(4)]
    growing = [[*strokes[:n], strokes[n][:points]] for n in range(4) for points in range(1, 9)]
    for drawing in [*growing, growing[3], [], growing[20], strokes[1:], strokes]:  # as it grows, goes back, is another
        assert np.array_equal(ink.of(drawing), draw_strokes(drawing))
    assert not ink.of([]).any()


def test_what_is_added_to_a_long_drawing_is_all_that_is_drawn(monkeypatch):
    added, ink, add = [], Ink(), Ink._add
    monkeypatch.setattr(Ink, "_add", lambda self, *line: added.append(line) or add(self, *line))
    points = np.random.RandomState(1).uniform(0, SIDE, (200, 2)).tolist()
    ink.of([points[:197]])
    added.clear()
    ink.of([points])
    assert len(added) == 3


def update_from_browser(pad, value):
    """What ipywidgets does with the message of a browser."""
    pad._handle_msg({"content": {"data": {"method": "update", "state": {"value": value}, "buffer_paths": []}},
                     "buffers": []})


def test_what_a_browser_sends_arrives(explorer):
    update_from_browser(explorer.widgets["pad"], [[[90, 80.5], [190, 80], [120, 230]]])
    assert explorer.state == {"pad": [[[90, 80.5], [190, 80], [120, 230]]]}
    assert explorer.sentence.startswith("The answer is 7")


def test_the_canvas_comes_with_its_script_and_a_name_without_address():
    assert "export default { render }" in Pad._esm and repr(Pad()) == "Pad()"
    assert {Pad().side, Pad().pen} == {SIDE, PEN}
    assert "getImageData" not in Pad._esm  # some browsers give false pixels


@pytest.mark.parametrize("wrong", [b"123", 7, [7], [[1, 2]], [[[1, 2, 3]]], [[]], [[["a", "b"]]], [[[1, None]]],
                                   [[[1, float("nan")]]], [[[1, 2], [3]]]], ids=repr)
def test_other_than_strokes_is_refused_in_sight_and_the_next_is_welcome(explorer, wrong):
    with pytest.raises(ValueError, match="a canvas cannot show .* Expected a list of strokes, each a list of points"):
        explorer.widgets["pad"].value = wrong
    assert "ValueError: a canvas cannot show" in explorer._message.value
    explorer.widgets["pad"].value = SEVEN
    assert explorer._message.value == "" and explorer.sentence.startswith("The answer is 7")


# -- the picture ------------------------------------------------------------------------------------


def check(explorer, ink):
    """The picture against the steps, each worked out once more, and the network's outputs."""
    rows, columns = np.nonzero(ink)
    images = {name: image.get_array() for name, image in explorer.images.items()}
    bars = np.array([bar.get_height() for bar in explorer.bars])
    colours = [to_hex(bar.get_facecolor()) for bar in explorer.bars]
    titles = {name: ax.get_title() for name, ax in explorer.axes.items()}
    assert np.array_equal(images["drawn"], ink[::2, ::2])
    if not len(rows):
        assert explorer.outline.get_xdata() == [] and explorer.sentence == "Draw a digit on the canvas."
    else:
        x, y = explorer.outline.get_data()
        assert (min(x), max(x)) == (columns.min() - 0.5, columns.max() + 0.5)
        assert (min(y), max(y)) == (rows.min() - 0.5, rows.max() + 0.5)
        width, height = np.ptp(columns) + 1, np.ptp(rows) + 1
        assert titles["drawn"].endswith(f": {width} x {height}")
    if not len(rows) or max(width, height) < SMALLEST:
        assert not images["fitted"].any() and not images["centred"].any() and not bars.any()
        assert explorer.mass.get_xdata() == [] and titles["outputs"] == "No answer yet"
        assert set(colours) == {style.BLUE.lower()} and titles["fitted"] == "Fitted"
        return
    fitted, centred = fit(ink), centre(fit(ink))
    top, left = ((20 - length) // 2 for length in fitted.shape)
    assert images["fitted"].shape == (20, 20) and images["fitted"].sum(dtype=int) == fitted.sum(dtype=int)
    assert np.array_equal(images["fitted"][top:top + fitted.shape[0], left:left + fitted.shape[1]], fitted)
    assert titles["fitted"] == f"Fitted: {fitted.shape[1]} x {fitted.shape[0]}"
    assert np.array_equal(images["centred"], centred)
    y, x = np.indices((28, 28))
    assert np.ravel(explorer.mass.get_data()) == pytest.approx([np.average(x, weights=centred),
                                                                np.average(y, weights=centred)])
    a_out = explorer.network._forward(centred.reshape(1, 784) / 255 * 2 - 1)[3][0]
    assert bars == pytest.approx(a_out, abs=1e-9)
    second, first = sorted(range(10), key=lambda label: a_out[label])[-2:]
    assert titles["outputs"] == f"Answer: {first}"
    assert [label for label, colour in enumerate(colours) if colour == style.ORANGE.lower()] == [first]
    words = re.sub("^An example until you draw. ", "", explorer.sentence)
    begin = (f"The answer is {first} with an output of {a_out[first]:.2f};" if a_out[first] >= 0.5 else
             f"The network is unsure: its largest output is only {a_out[first]:.2f}, for {first};")
    assert words == f"{begin} the runner-up is {second} with {a_out[second]:.2f}."


def test_the_picture_follows_the_drawing(explorer):
    random, pad = np.random.RandomState(1), explorer.widgets["pad"]
    first, seen = explorer._image.value, {}
    assert explorer.state == {"pad": None} and explorer.sentence.startswith(
        "An example until you draw. The answer is 7")
    assert explorer.axes["drawn"].get_title().startswith("Example: ")
    check(explorer, draw_strokes(EXAMPLE))
    lines = [random.uniform(10, SIDE - 10, (2, 2)).tolist() for _ in range(30)]
    strokes = []
    for move in range(200):  # line after line; every fifth time the canvas is wiped
        strokes = [*strokes, lines[random.randint(30)]] if move % 5 else []
        ink = draw_strokes(strokes)
        pad.value = strokes
        check(explorer, ink)
        assert "xample" not in explorer.sentence + explorer.axes["drawn"].get_title()
        assert seen.setdefault(ink.tobytes(), explorer._image.value) == explorer._image.value
    assert len(set(seen.values())) == len(seen)  # another drawing, another picture
    explorer.reset()
    assert explorer._image.value == first and explorer.sentence.startswith("An example")


def test_no_part_of_the_picture_stays_behind(explorer):
    for strokes in (SEVEN, [[(140, 60), (140, 220)]], []):
        explorer.widgets["pad"].value = strokes
        explorer.picture.redraw_all()
        assert explorer._image.value == explorer.picture.png()


@pytest.mark.parametrize("length, enough", [(SMALLEST - PEN - 2, False), (SMALLEST - PEN, True)])
def test_a_blot_gets_no_answer(explorer, length, enough):
    strokes = [[(140, 100), (140, 100 + length)]]
    explorer.widgets["pad"].value = strokes
    check(explorer, draw_strokes(strokes))
    assert enough == explorer.sentence.startswith("The ")
    assert enough or explorer.sentence == "Too little ink for an answer: draw on, until it is 60 pixels high or wide."


def network_that_says(a_out):
    """A network with these outputs, whatever it sees."""
    nn = NeuralNetMLP(n_hidden=2, seed=1)
    nn._init_weights(784, 10)
    nn.w_out[:], nn.b_out = 0, np.log(a_out) - np.log1p(-np.array(a_out))
    return nn


@pytest.mark.parametrize("largest, sentence", [
    (0.97, "The answer is 4 with an output of 0.97; the runner-up is 9 with 0.30."),
    (0.51, "The answer is 4 with an output of 0.51; the runner-up is 9 with 0.30."),
    (0.49, "The network is unsure: its largest output is only 0.49, for 4; the runner-up is 9 with 0.30.")])
def test_it_says_when_the_network_is_unsure(largest, sentence):
    explorer = DrawDigit(network_that_says([0.01, 0.02, 0.03, 0.04, largest, 0.05, 0.06, 0.07, 0.08, 0.3]))
    explorer.widgets["pad"].value = SEVEN
    assert explorer.sentence == sentence


def test_a_network_that_cannot_read_digits_says_so():
    with pytest.raises(ValueError, match="no weights yet"):
        DrawDigit(NeuralNetMLP())
    nn = NeuralNetMLP(n_hidden=2)
    nn._init_weights(64, 10)
    with pytest.raises(ValueError, match="784 features; expected 64"):
        DrawDigit(nn)


def test_without_a_network_it_takes_the_courses_best():
    assert np.array_equal(DrawDigit().network.w_h, NETWORK.w_h)


# -- the saved cell ---------------------------------------------------------------------------------


def test_the_still_twin_shows_the_example_and_no_address(explorer):
    still, live = shown(explorer)
    text = still["text/plain"]
    assert text.startswith(explorer.alt) and "An example until you draw. The answer is 7" in text
    assert 'axes 1: "Example: 120 x 156"' in text and "10 bars" in text
    assert "0x" not in text + repr(explorer) and f'alt="{html.escape(explorer.alt)}"' in still["text/html"]
    assert list(live) == ["application/vnd.jupyter.widget-view+json"]


def test_the_reading_is_the_same_whatever_the_rounding(explorer):
    """Another processor sums in another order; so does a network whose hidden units are numbered otherwise."""
    other = NeuralNetMLP.load(DATA / "best_run.npz")
    order = np.random.RandomState(1).permutation(other.n_hidden)
    other.w_h, other.b_h, other.w_out = other.w_h[:, order], other.b_h[order], other.w_out[order]
    assert shown(DrawDigit(other))[0]["text/plain"] == shown(explorer)[0]["text/plain"]
