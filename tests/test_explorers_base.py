"""What all explorers share, tried on a small one; what each of the course's promises; the guess of a prediction."""

import base64
import importlib
import io
import json
import os
import pkgutil
import re
import subprocess
import sys
import types
from pathlib import Path

import ipywidgets as widgets
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import psutil
import pytest
from explorer_support import shown, values_of
from PIL import Image

from lessonkit import explorers, figures, live
from lessonkit.explorers.base import Explorer, Picture, _quick_png, choices, menu, slider
from lessonkit.explorers.drawing import Pad
from lessonkit.guess import Guess
from mlp_core import NeuralNetMLP, load_mnist
from tools import execute

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 2**20
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class Ramp(Explorer):
    """A line over a picture of noise, its title and its sentence; at slope 3 it fails."""

    alt = "A line over noise."

    def controls(self):
        self.drawn = 0
        return {"slope": slider("Slope", -3, 3, 1, 1, "How steep the line is"),
                "word": menu("Word", ["left", "tall"], "left", "What the title says")}

    def figure(self):
        fig = figures.new((4, 3))
        ax = fig.subplots()
        noise = ax.imshow(np.random.RandomState(1).rand(8, 8), extent=(-1, 1, -1, 1), zorder=1, aspect="auto")
        self.line, = ax.plot([], [], linewidth=5, zorder=3)
        self.under, = ax.plot([], [], "k", linewidth=9, zorder=2)
        ax.set(xlim=(-4, 4), ylim=(-4, 4), xlabel="x", title=" ")
        return fig, [self.line, noise, ax.title, self.under]  # not in the order of drawing

    def compute(self, slope, word):
        if slope == 3:
            raise ValueError(f"too steep: {slope} > 2 & <b>")
        return {"x": np.array([-1, 1]), "y": np.array([-slope, slope]), "word": word}

    def draw(self, x, y, word):
        self.drawn += 1
        self.line.set_data(x, y)
        self.under.set_data(x, -y)
        self.picture.fig.axes[0].set_title(word)
        return f"up to {y[1]} < 4"


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


# -- the picture ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [{"slope": -3}, {"slope": 2, "word": "tall"}, {"slope": 0}], ids=str)
def test_a_move_leaves_the_picture_that_a_fresh_figure_has(state):
    explorer = Ramp()
    for name, value in state.items():
        explorer.widgets[name].value = value
    fresh = Ramp()
    whole = io.BytesIO()
    with figures.style.course():
        fig, _ = fresh.figure()
        fresh.picture.fig = fig
        fresh.draw(**fresh.compute(**explorer.state))
        fig.savefig(whole, format="png")
    np.testing.assert_array_equal(pixels(explorer._image.value), pixels(whole.getvalue()))
    assert (pixels(explorer._image.value) != pixels(Ramp()._image.value)).any()


def test_what_stands_still_is_drawn_anew_when_asked_for():
    fig = figures.new()
    ax = fig.subplots()
    line, = ax.plot([0, 1])
    picture = Picture(fig, [line])
    before = picture.png()
    ax.set_facecolor("yellow")
    assert picture.png() == before
    picture.redraw_all()
    assert picture.png() != before


@pytest.mark.parametrize("shape, size", [((28, 28), 2.17), ((140, 112), 3.1), ((784, 100), 3.1), ((10, 10), 1.77)],
                         ids=str)
@pytest.mark.parametrize("settings", [{"extent": (0.2, 0.9, 5.1, 1.3)}, {"cmap": "RdBu_r", "origin": "lower"},
                                      {"interpolation": "bilinear"}], ids=str)
def test_an_image_has_the_pixels_that_matplotlib_gives_it(shape, size, settings):
    values = [np.random.RandomState(seed).normal(size=shape) for seed in range(3)]
    values.append(values[0][:7, :9])  # fewer, shown as large

    def figure(data):
        fig = figures.new((4, size + 0.4))
        ax = fig.subplots()
        ax.set_axis_off()  # a moving image lies over the axis
        return fig, ax.imshow(data, **{"vmin": -1, "vmax": 1, "extent": (0, 1, 0, 1)} | settings)

    with figures.style.course():
        fig, image = figure(values[0])
        picture = Picture(fig, [image])
        for data in values:
            image.set_data(data)
            fresh, whole = figure(data)[0], io.BytesIO()
            fresh.savefig(whole, format="png")
            np.testing.assert_array_equal(pixels(picture.png()), pixels(whole.getvalue()))


def test_a_background_is_drawn_once_and_seen_again():
    fig = figures.new()
    ax = fig.subplots()
    picture, draws = Picture(fig, ax.plot([0, 1])), []
    fig.canvas.mpl_connect("draw_event", lambda event: draws.append(picture))
    seen = []
    for top in (1, 5, 1, 5, 1):
        ax.set_ylim(0, top)
        picture.turn_to(top)
        seen.append(picture.png())
    assert seen[0] == seen[2] == seen[4] != seen[1] == seen[3]
    assert len(draws) == 2  # to lay it out takes none


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (30, 41)], ids=str)
def test_a_quick_png_has_every_pixel(shape):
    given = np.random.RandomState(1).randint(256, size=(*shape, 3)).astype(np.uint8)
    np.testing.assert_array_equal(pixels(_quick_png(given)), given)


def test_only_the_last_backgrounds_are_kept():
    fig = figures.new()
    ax = fig.subplots()
    picture, seen = Picture(fig, ax.plot([0, 1])), []
    for top in (*range(1, 2 * Picture.KEPT), 1):
        ax.set_ylim(0, top)
        picture.turn_to(top)
        seen.append(picture.png())
        assert len(picture._grounds) <= Picture.KEPT
    assert seen[0] == seen[-1] != seen[1]


def test_a_figure_is_not_shown_by_pyplot_too():
    Ramp()
    assert plt.get_fignums() == []


# -- controls and reset -----------------------------------------------------------------------------


def test_sliders_are_whole_where_their_numbers_are():
    assert isinstance(slider("n", 1, 9, 2, 3, "tip"), widgets.IntSlider)
    assert isinstance(slider("n", 1, 9, 0.5, 3, "tip"), widgets.FloatSlider)
    rate = choices("eta", [("small", 0.1), ("large", 1.0)], 1.0, "tip")
    assert (rate.value, rate.index, rate.description, rate.tooltip) == (1.0, 1, "eta", "tip")


def test_a_move_draws_once_and_so_does_reset():
    explorer = Ramp()
    first = explorer._image.value
    explorer.widgets["slope"].value = -2
    explorer.widgets["word"].value = "tall"
    assert explorer.drawn == 3 and explorer.sentence == "up to -2 < 4"
    explorer.reset()
    assert explorer.drawn == 4 and explorer._image.value == first
    assert explorer.state == explorer.defaults == {"slope": 1, "word": "left"}


def test_reset_is_a_button():
    explorer = Ramp()
    explorer.widgets["slope"].value = -2
    reset, = (row for row in explorer.box.children if isinstance(row, widgets.Button))
    reset.click()
    assert reset.description == "Reset" and explorer.state == explorer.defaults


def test_the_sentence_is_text():
    assert Ramp()._text.value == "up to 1 &lt; 4"


def test_says_its_state():
    assert repr(Ramp()) == "Ramp(slope=1, word='left')"


# -- errors -----------------------------------------------------------------------------------------


def test_an_error_is_shown_and_raised_until_a_move_goes_well():
    explorer = Ramp()
    good = explorer._image.value
    with pytest.raises(ValueError, match="too steep"):
        explorer.widgets["slope"].value = 3
    shown = explorer._message.value
    assert 'class="explorer-error"' in shown and 'role="alert"' in shown
    assert "ValueError: too steep: 3 &gt; 2 &amp; &lt;b&gt;" in shown
    assert explorer._image.value == good
    explorer.widgets["slope"].value = 2
    assert explorer._message.value == "" and explorer._image.value != good


def test_reset_clears_an_error():
    explorer = Ramp()
    with pytest.raises(ValueError, match="too steep"):
        explorer.widgets["slope"].value = 3
    explorer.reset()
    assert explorer._message.value == "" and explorer.state == explorer.defaults


def test_a_reset_that_fails_does_not_stop_later_moves():
    explorer = Ramp()
    explorer.defaults["slope"] = "steep"
    with pytest.raises(Exception, match="slope|value"):
        explorer.reset()
    before = explorer.drawn
    explorer.widgets["slope"].value = 2
    assert explorer.drawn == before + 1


def test_an_error_behind_a_button_is_shown():
    explorer = Ramp()
    explorer.button("Fail", lambda: 1 / 0, "tip").click()
    assert "ZeroDivisionError: division by zero" in explorer._message.value


# -- what a saved notebook keeps ---------------------------------------------------------------------


def test_shows_a_still_twin_and_then_the_live_widget():
    explorer = Ramp()
    explorer.widgets["slope"].value = 2
    still, alive = shown(explorer)
    assert list(alive) == [WIDGET_VIEW] and alive[WIDGET_VIEW]["model_id"] == explorer.box.model_id
    assert still["text/html"].startswith('<div class="still-twin">')
    picture, = re.findall('alt="A line over noise." .*src="data:image/png;base64,(.+?)"', still["text/html"])
    np.testing.assert_array_equal(pixels(base64.b64decode(picture)), pixels(explorer._image.value))
    assert "<figcaption>up to 2 &lt; 4</figcaption>" in still["text/html"]
    alt, sentence, *reading = still["text/plain"].splitlines()
    assert (alt, sentence) == ("A line over noise.", "up to 2 < 4")
    assert any(line.startswith("  line") and "first -2.000" in line for line in reading)
    assert " at 0x" not in still["text/plain"]


def test_a_screen_reader_is_told_what_it_is_what_it_shows_and_what_is_new():
    explorer = Ramp()
    page = explorer.box.children[-1]
    assert isinstance(page, live.Page) and page.name == "Ramp"
    assert isinstance(explorer._image, live.Image) and explorer._image.alt == "A line over noise."
    explorer.widgets["slope"].value = 2
    assert page.sentence == explorer.sentence == "up to 2 < 4"
    assert Guess("a", "b").box.children[-1].name == "Your guess"


def test_colab_is_asked_to_show_foreign_widgets_and_nothing_else_is(monkeypatch):
    asked, output = [], types.ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: asked.append("once")
    colab = types.ModuleType("google.colab")
    colab.output = output
    shown(Ramp())
    assert asked == []
    for name, module in (("google", types.ModuleType("google")), ("google.colab", colab)):
        monkeypatch.setitem(sys.modules, name, module)
    shown(Guess("a", "b"))
    assert "once" in asked


def test_a_saved_lesson_keeps_the_twin_alone(tmp_path):
    sources = ["from lessonkit.explorers.base import Explorer", "from test_explorers_base import Ramp\nRamp()",
               "from lessonkit.guess import Guess\nguess = Guess('a', 'b')\nguess", "guess.beside('b')"]
    path = tmp_path / "lesson.ipynb"
    here = f"import sys\nsys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]}\n"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(here + source) for source in sources]),
                   path)
    execute.execute(path)
    _, explorer, guess, beside = nbformat.read(path, as_version=4).cells
    assert sorted(explorer.outputs[0].data) == ["text/html", "text/plain"]
    assert explorer.outputs[0].data["text/html"].startswith('<div class="still-twin"><figure ')
    assert len(explorer.outputs) == len(guess.outputs) == 1
    assert guess.outputs[0].data["text/plain"] == "Your guess: a / b"
    assert beside.outputs[0].data["text/plain"] == "Your guess: none\nThe result: b"
    assert "widget-view" not in path.read_text(encoding="utf-8")


# -- the guess --------------------------------------------------------------------------------------


def test_a_guess_of_several_is_kept_and_shown_beside_the_result():
    guess = Guess("less", "more <b>")
    assert guess.value == "" and guess.options == ("less", "more <b>")
    assert repr(guess.beside("7 < 8")) == "Your guess: none\nThe result: 7 < 8"
    guess.widget.value = "more <b>"
    beside = guess.beside("7 < 8")
    assert guess.value == "more <b>" and repr(beside) == "Your guess: more <b>\nThe result: 7 < 8"
    assert re.sub("<.*?>", " ", beside._repr_html_()).split() == ["Your", "guess", "more", "&lt;b&gt;",
                                                                  "The", "result", "7", "&lt;", "8"]
    assert repr(guess) == "Your guess: less / more <b>"


def test_a_free_guess():
    guess = Guess()
    guess.widget.value = "about 12"
    assert repr(guess.beside(12.5)) == "Your guess: about 12\nThe result: 12.5"
    assert repr(guess) == "Your guess: ____"


def test_a_guess_is_a_live_widget_without_an_address():
    for guess in (Guess("a", "b"), Guess()):
        still, alive = shown(guess)
        assert alive[WIDGET_VIEW]["model_id"] == guess.box.model_id and still["text/plain"] == repr(guess)
        assert guess.widget in guess.box.children


# -- the course's explorers -------------------------------------------------------------------------


def all_explorers():
    """All explorers of all modules, by name."""
    for module in pkgutil.iter_modules(explorers.__path__):
        importlib.import_module(f"{explorers.__name__}.{module.name}")
    found, families = {}, [Explorer]
    while families:
        families += (children := families.pop().__subclasses__())
        found |= {kind.__name__: kind for kind in children if kind.__module__.startswith(f"{explorers.__name__}.")}
    return dict(sorted(found.items()))


EXPLORERS = all_explorers()


def make(name):
    """The explorer `name` with a network of its own where it takes one, and a small problem where it trains one."""
    kind = EXPLORERS[name]
    if name == "Gallery":
        data = load_mnist("sample")
        network = NeuralNetMLP(n_hidden=30, epochs=3, eta=0.005, minibatch_size=100, seed=1)
        return kind(network.fit(*data[:4], progress=None), data.X_test, data.y_test)
    return kind(n_hidden=4, updates=200) if name == "Regularise" else kind()


def wander(explorer, moves, seed=1):
    """Random moves; yields after each."""
    random = np.random.RandomState(seed)
    values = [(control, list(positions(control))) for control in explorer.widgets.values()]
    for _ in range(moves):
        control, found = values[random.randint(len(values))]
        control.value = found[random.randint(len(found))]
        yield


def positions(control):
    """What a control can stand at; of the canvas to draw on ten of its many."""
    if isinstance(control, Pad):
        random = np.random.RandomState(1)
        return [[random.randint(20, 260, (4, 2)).tolist()] for _ in range(10)]
    return values_of(control)


@pytest.fixture(params=EXPLORERS, scope="module")
def explorer(request):
    return make(request.param)


def test_says_what_it_shows_and_what_each_control_does(explorer):
    assert re.fullmatch(r"[A-Z].{30,}\.", explorer.alt), "the alternative text is a sentence"
    assert len(explorer.widgets) <= 3
    for name, control in explorer.widgets.items():
        if isinstance(control, Pad):
            assert control.words["canvas"].startswith("Canvas") and '"aria-label", words.canvas' in control._esm
            continue
        assert control.description and len(control.tooltip.split()) > 2, f"{name}: a short label and a tooltip"


def test_stands_in_a_lesson(explorer):
    name = type(explorer).__name__
    sources = [cell["source"] for path in execute.LESSONS.glob("[0-9]*.ipynb")
               for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert any(re.search(rf"^{name}\(.*\)\Z", "".join(source), re.M) for source in sources)


@pytest.mark.slow
def test_a_move_redraws_all_that_has_changed(explorer):
    """An artist that changes and is missing among those that move would stay as it was."""
    for _ in wander(explorer, moves=20):
        moved = explorer._image.value
        explorer.picture.redraw_all()
        assert explorer.picture.png() == moved, explorer
    explorer.reset()


def growth(name):
    """Bytes by which this process grows in 200 moves, after some to warm up."""
    explorer, process = make(name), psutil.Process()
    for _ in wander(explorer, moves=50):
        pass
    before = process.memory_info().rss
    for _ in wander(explorer, moves=200, seed=2):
        pass
    return process.memory_info().rss - before


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLORERS)
def test_memory_does_not_grow(name):
    command = f"import test_explorers_base as tests; print(tests.growth({name!r}))"  # alone: no freed memory to hide in
    result = subprocess.run([sys.executable, "-c", command], cwd=Path(__file__).parent, capture_output=True, text=True,
                            timeout=300, env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) < 5 * MEGABYTE
