"""The gallery of lesson 6: its digits, titles, counts and sentence against a count of its own."""

import re

import numpy as np
import pytest
from explorer_support import drive
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from lessonkit.explorers.mistakes import Gallery, KeptText
from mlp_core import NeuralNetMLP, load_mnist

FLOAT = r"\d+\.\d+"


@pytest.fixture(scope="module")
def digits():
    return load_mnist("sample", np.float64)


@pytest.fixture(scope="module")
def nn(digits):
    """A network that has not learned for long: it makes mistakes of many kinds."""
    nn = NeuralNetMLP(n_hidden=30, l2=0.01, epochs=4, eta=0.005, minibatch_size=100, seed=1)
    return nn.fit(*digits[:4], progress=False)


class Expected:
    """What a gallery of `nn` on `X`, `y` must show, counted digit by digit."""

    def __init__(self, nn, X, y):
        self.X = X
        self.outputs = 1 / (1 + np.exp(-(1 / (1 + np.exp(-(X @ nn.w_h + nn.b_h))) @ nn.w_out + nn.b_out)))
        self.rows = [(int(t), int(np.argmax(a)), max(a), k) for k, (t, a) in enumerate(zip(y, self.outputs))]
        wrong = [(t, p) for t, p, _, _ in self.rows if t != p]
        self.most_confused = max((wrong.count(pair) for pair in wrong), default=1)

    def asked(self, true, answer, limit):
        """The cells (t, p) that are asked for, and the digits (t, p, confidence, position) within the limit."""
        answers = {"any": lambda t, p: True, "the right one": lambda t, p: t == p, "any wrong one": lambda t, p: t != p}
        is_asked = answers.get(answer, lambda t, p: str(p) == answer)
        cells = {(t, p) for t in range(10) for p in range(10) if true in ("all", str(t)) and is_asked(t, p)}
        return cells, [row for row in self.rows if row[2] <= limit]

    def check(self, gallery):
        cells, within = self.asked(**gallery.state)
        self.check_matrix(gallery, cells, [row[:2] for row in within])
        chosen = sorted((row for row in within if row[:2] in cells), key=lambda row: -row[2])
        self.check_page(gallery, chosen[:24])
        self.check_sentence(gallery, chosen)

    def check_matrix(self, gallery, cells, pairs):
        shades = gallery.shades.get_array()
        for t, p in np.ndindex(10, 10):
            count, text = pairs.count((t, p)), gallery.counts[10 * t + p]
            assert text.get_text() == (str(count) if count else "") and text.get_position() == (p, t)
            assert shades[t, p] == pytest.approx(0.2 + count / self.most_confused if (t, p) in cells else 0)
            legible = "#888888" if (t, p) not in cells else "white" if shades[t, p] > 1.1 else "black"
            assert text.get_color() == legible

    def check_page(self, gallery, shown):
        visible = [place for place in gallery.places if place[0].get_visible()]
        assert visible == gallery.places[:len(shown)]
        for number, ((t, p, confidence, k), (image, place, classes, sure)) in enumerate(zip(shown, visible), 1):
            assert np.array_equal(image.get_array(), self.X[k].reshape(28, 28))
            assert [text.get_text() for text in (place, classes, sure)] == [f"{number})", f"t:{t} p:{p}",
                                                                            f"{confidence:.2f}"]
        for image, *texts in gallery.places[len(shown):]:
            assert not any(text.get_visible() for text in texts)

    def check_sentence(self, gallery, chosen):
        true, answer, limit = gallery.state.values()
        class_size = sum(true in ("all", str(t)) for t, _, _, _ in self.rows)
        wrong = sum(t != p for t, p, _, _ in chosen)
        numbers = [class_size, *([true] if true != "all" else []), *([len(chosen)] if chosen else [])]
        numbers += [answer] if answer.isdigit() else []
        numbers += [f"{limit:.2f}"] if limit < 1 else []
        numbers += [wrong] if 0 < wrong < len(chosen) else []
        numbers += [24] if len(chosen) > 24 else []
        span = [f"{row[2]:.2f}" for row in (chosen[:1] + chosen[:24][-1:])]
        numbers += span if len(set(span)) > 1 else span[:1]
        assert re.findall(rf"{FLOAT}|\d+", gallery.sentence) == [str(number) for number in numbers]
        assert ("none got" in gallery.sentence) == (not chosen)


def test_gallery(nn, digits):
    gallery = Gallery(nn, digits.X_test, digits.y_test)
    assert "a wrong answer" in gallery.sentence
    drive(gallery, Expected(nn, digits.X_test, digits.y_test).check)


def test_gallery_without_a_mistake(nn, digits):
    y = nn.predict(digits.X_test)
    gallery = Gallery(nn, digits.X_test, y)
    Expected(nn, digits.X_test, y).check(gallery)
    assert gallery.sentence == "Of 500 digits, none got a wrong answer."


def test_gallery_in_float32(nn, digits):
    X = digits.X_valid.astype(np.float32)
    Expected(nn, X, digits.y_valid).check(Gallery(nn, X, digits.y_valid))


@pytest.mark.parametrize("settings", [{"ha": "center", "va": "center"}, {"ha": "right", "color": "0.35"},
                                      {"fontsize": 8}], ids=str)
def test_kept_text_looks_like_text(settings):
    """Drawn anew, drawn from what was kept, and drawn elsewhere: the same pixels as those of Matplotlib's text."""
    def pixels(kind, x, y):
        fig = Figure(figsize=(2, 1), dpi=100)
        fig.add_artist(kind(x / 200, y / 100, "3) t:5 p:8", transform=fig.transFigure, **settings))
        canvas = FigureCanvasAgg(fig)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).astype(int)

    for place in (100, 50), (100, 50), (90, 31):
        assert np.array_equal(pixels(KeptText, *place), pixels(Text, *place))
