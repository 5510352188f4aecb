"""What each view of the playground shows, against the same worked out in another way; and the scene that is sent."""

import json
import re

import numpy as np
import pytest

from lessonkit.playground import scene, views
from lessonkit.playground.settings import Settings
from mlp_core import NeuralNetMLP, load_mnist

DIGITS = load_mnist("sample", np.float32)
X, Y = DIGITS.X_valid, DIGITS.y_valid


@pytest.fixture(scope="module")
def nn():
    return NeuralNetMLP(n_hidden=12, eta=0.005, epochs=4, minibatch_size=50, seed=1).fit(*DIGITS[:4], progress=False)


@pytest.fixture(scope="module")
def passed(nn):
    return views.forward(nn, X, Y)


def with_weights(**weights):
    network = Settings(n_hidden=2).network()
    vars(network).update(weights)
    return network


# -- the views --------------------------------------------------------------------------------------


def test_digits_pass_as_in_the_core(nn, passed):
    np.testing.assert_array_equal(passed.answers, nn.predict(X))
    assert passed.accuracy == nn.eval_["valid_acc"][-1] and passed.finite
    for ours, theirs in zip(passed[1:], nn._forward(X)):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_that_overflow_are_noticed():
    large = with_weights(w_h=np.full((784, 2), 1e38, np.float32), b_h=np.zeros(2, np.float32),
                         w_out=np.ones((2, 10), np.float32), b_out=np.zeros(10, np.float32))
    assert not views.forward(large, X, Y).finite


def test_a_tile_is_the_image_of_a_unit_with_white_at_zero(nn):
    w_h, full = nn.w_h.copy(), views.limit(nn.w_h)
    w_h[0, 3], w_h[29, 3], w_h[58, 3] = 0, 100, -100
    tiles, full = views.tiles(w_h), views.limit(w_h)
    assert tiles.shape == (12, 28, 28) and tiles.dtype == np.uint8
    assert (tiles[3, 0, 0], tiles[3, 1, 1], tiles[3, 2, 2]) == (128, 255, 1)
    for unit, row, column in ((0, 0, 5), (5, 14, 13), (11, 27, 2)):
        shade = int(tiles[unit, row, column]) - 128
        assert abs(shade - 127 * np.clip(w_h[28 * row + column, unit] / full, -1, 1)) <= 0.5


@pytest.mark.parametrize("deviation, expected", [(0.1, 0.2), (0.11, 0.3), (0.0, 0.1), (1.0, 2.0)])
def test_the_full_colour_is_twice_the_deviation_rounded_up(deviation, expected):
    assert views.limit(deviation * np.array([[-1.0, 1.0]])) == pytest.approx(expected)


def test_the_spread_counts_every_weight_the_far_ones_at_the_ends():
    counts = views.spread(np.array([[-7.0, -0.99, 0.01], [0.02, 0.06, 3.0]]))
    assert counts.sum() == 6 and len(counts) == len(views.BINS) - 1
    assert (counts[0], counts[20], counts[21], counts[-1]) == (2, 2, 1, 1)


def test_saturated_and_dead_units():
    a_h = np.array([[0.005, 0.995, 0.005, 0.5, 0.0],
                    [0.001, 0.991, 0.995, 0.5, 0.02],
                    [0.009, 0.999, 0.005, 0.995, 0.0],
                    [0.000, 1.000, 0.995, 0.01, 0.0]])
    saturated, dead = views.activity(a_h)
    assert saturated.tolist() == [1, 1, 1, 0.25, 0.75]
    # The third is saturated for every digit, and yet tells two kinds of them apart.
    assert dead.tolist() == [True, True, False, False, False]


def test_the_digits_that_drive_a_unit(passed):
    most, least = views.drivers(passed.z_h, 7, 5)
    order = sorted(range(len(Y)), key=lambda k: passed.z_h[k, 7])
    assert most.tolist() == order[:-6:-1] and least.tolist() == order[:5]


def test_the_confusion_matrix_has_each_digit_in_its_row_and_column(passed):
    counts = np.zeros((10, 10), int)
    for true, answer in zip(Y, passed.answers):
        counts[true, answer] += 1
    np.testing.assert_array_equal(views.confusion(Y, passed.answers), counts)
    assert counts.trace() == passed.accuracy * 500 < 500


def test_the_mistakes_are_all_wrong_ones_the_surest_first(passed):
    wrong = views.mistakes(passed)
    assert set(wrong) == {k for k in range(500) if passed.answers[k] != Y[k]}
    sure = passed.a_out[wrong].max(axis=1)
    assert (np.diff(sure) <= 0).all() and sure[0] > sure[-1]


def test_what_the_units_add_sums_up_to_the_net_input(nn, passed):
    added = sum(views.additions(passed, nn.w_out, 17, unit) for unit in range(12))
    np.testing.assert_allclose(added + nn.b_out, passed.z_out[17], rtol=1e-5)


# -- the scene --------------------------------------------------------------------------------------


def without_bytes(value):
    if isinstance(value, dict):
        return {name: without_bytes(part) for name, part in value.items() if not isinstance(part, bytes)}
    return value


@pytest.fixture(scope="module")
def seen(nn, passed):
    return scene.of(nn, passed, unit=5, digit=17, weight=["w_h", 300])


def test_a_scene_is_plain_and_small(seen):
    assert len(json.dumps(without_bytes(seen), allow_nan=False)) < 10_000
    assert len(seen["hidden"]["pixels"]) == 12 * 784 and len(seen["digit"]["activations"]) == 12


def test_a_scene_says_of_the_hidden_layer_what_it_is(nn, passed, seen):
    saturated, dead = views.activity(passed.a_h)
    assert seen["hidden"]["pixels"] == views.tiles(nn.w_h).tobytes()
    assert f"{saturated.mean():.1%} are saturated" in seen["hidden"]["text"]
    assert f"{dead.sum()} of 12 units are dead" in seen["hidden"]["text"]
    assert seen["unit"]["name"] == "Unit 5 of 12" and f"{nn.b_h[5]:+.3f}" in seen["unit"]["text"]
    assert [card["digit"] for card in seen["unit"]["most"]] == views.drivers(passed.z_h, 5, 8)[0].tolist()
    for card in seen["unit"]["most"] + seen["unit"]["least"]:
        k = card["digit"]
        assert card["short"] == f"{passed.z_h[k, 5]:.1f}"
        assert card["long"].startswith(f"digit {k}, a {Y[k]}: net input {passed.z_h[k, 5]:.2f}")


def test_a_dead_unit_is_called_dead():
    dead = with_weights(w_h=np.zeros((784, 2)), b_h=np.array([9.0, 0.0]), w_out=np.ones((2, 10)), b_out=np.zeros(10))
    passed = views.forward(dead, X, Y)
    texts = [scene.of(dead, passed, unit, 0, ["w_out", 1])["unit"]["text"] for unit in (0, 1)]
    assert "It is dead" in texts[0] and "dead" not in texts[1]


@pytest.mark.parametrize("layer, place, index, where", [
    ("w_h", 300, (300, 5), "w_h[300, 5], from the pixel in row 10, column 20: "),
    ("w_out", 7, (5, 7), "w_out[5, 7], to the output for 7: ")])
def test_a_weight_has_its_place_and_its_value(nn, passed, layer, place, index, where):
    weight = scene.of(nn, passed, 5, 0, [layer, place])["weight"]
    value = getattr(nn, layer)[index]
    assert scene.index_of(layer, place, 5) == index
    assert weight["text"] == f"{where}{value:+.4f}" and float(weight["value"]) == pytest.approx(value, abs=5e-5)


def test_a_digit_goes_its_way(nn, passed, seen):
    digit = seen["digit"]
    assert (digit["true"], digit["answer"]) == (Y[17], passed.answers[17])
    activations = np.frombuffer(digit["activations"], np.uint8)
    np.testing.assert_allclose(activations / 255, passed.a_h[17], atol=0.5 / 255 + 1e-6)
    columns = nn.w_out[5], passed.a_h[17, 5] * nn.w_out[5], passed.z_out[17], passed.a_out[17]
    for values, entries in zip(columns, zip(*digit["outputs"])):
        np.testing.assert_allclose([float(entry["text"]) for entry in entries], values, atol=0.0051)
        shares = np.array([entry["share"] for entry in entries])
        largest = 1 if values is columns[3] else np.abs(values).max()
        np.testing.assert_allclose(shares * largest, values, atol=0.001 * largest)
        assert np.abs(shares).max() <= 1


def test_the_gallery_and_the_matrix_say_how_many_are_wrong(passed, seen):
    wrong = views.mistakes(passed)
    cards = seen["mistakes"]["cards"]
    assert [card["digit"] for card in cards] == wrong[:24].tolist()
    assert all(card["short"] == f"{Y[card['digit']]}→{passed.answers[card['digit']]}" for card in cards)
    assert seen["mistakes"]["text"].startswith(f"{len(wrong)} of 500 ")
    counts = np.array(seen["confusion"]["counts"])
    count, true, answer = map(int, re.search(r"(\d+) times a (\d) is taken for a (\d)",
                                             seen["confusion"]["text"]).groups())
    np.fill_diagonal(counts, 0)
    assert counts[true, answer] == count == counts.max() and f"{passed.accuracy:.1%}" in seen["confusion"]["text"]


def test_a_network_without_a_mistake_is_told_of(nn, passed):
    right = passed._replace(y=passed.answers)
    seen = scene.of(nn, right, 0, 0, ["w_h", 0])
    assert seen["mistakes"]["cards"] == [] and "rightly" in seen["mistakes"]["text"]
    assert seen["confusion"]["text"] == "All of the validation digits are on the diagonal."


@pytest.mark.parametrize("n, columns", [(1, 1), (2, 2), (10, 4), (100, 13), (200, 18)])
def test_units_are_shown_somewhat_wider_than_high(n, columns):
    assert scene.columns(n) == columns
