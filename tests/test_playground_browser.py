"""The playground in a real browser: mouse, finger and keys reach it all, it trains while one looks, nothing is cut.

`pytest -m firefox` goes through it in Firefox, too.
"""

import io
import re

import numpy as np
import pytest
from PIL import Image
from test_browser import written

from tools import browser

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"no page is opened: {browser.missing()}")
SIZES = browser.PHONE, browser.TABLET, browser.DESK
SOURCES = {
    "play": "from lessonkit.playground.widget import Playground\nPlayground(epochs=200, n_hidden=20)",
    "few": "from lessonkit.playground.widget import Playground\n"
           "from lessonkit.playground import sitting\nsitting.KEPT = 0\nPlayground(epochs=1, n_hidden=5)",
    "short": "from lessonkit.playground.widget import Playground\nPlayground(epochs=2, n_hidden=5)",
    "hidden": "from lessonkit.playground.widget import Playground\n"
              "Playground(hide=['dropout', 'one_minibatch', 'confusion'])"}


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("playground")
    return [written(folder, name, [source]) for name, source in SOURCES.items()]


@pytest.fixture(scope="module")
def lab(notebooks):
    with browser.lab(notebooks) as lab:
        yield lab


# From now on note when a key goes down and when the sentence first says that the run rests.
WATCH = """box => {
    window.addEventListener('keydown', event => { window.pressed = event.timeStamp; }, {capture: true, once: true});
    const sentence = box.querySelector('.widget-html-content'), observer = new MutationObserver(() => {
        if (!sentence.textContent.includes(' rests ')) return;
        window.rested = performance.now();
        observer.disconnect();
    });
    observer.observe(sentence, {subtree: true, childList: true, characterData: true});
}"""


class Page:
    """A playground as a student meets it."""

    def __init__(self, lesson):
        lesson.run_all()
        self.explorer, = lesson.explorers()
        self.lesson, self.page, self.box = lesson, lesson.page, self.explorer.box
        self.box.locator(".part").first.wait_for()

    def part(self, name):
        return self.box.locator(f".part-{name}")

    def picker(self, name, place=0):
        return self.part(name).locator(".picker canvas").nth(place)

    def pictures(self):
        """All that is painted, as one text."""
        return self.box.evaluate("""box => [...box.querySelectorAll('canvas')].map(canvas => canvas.toDataURL())
            .join() + [...box.querySelectorAll('svg, .digit')].map(part => part.outerHTML).join()""")

    def wait_for(self, part, pattern):
        self.box.locator(part, has_text=re.compile(pattern)).first.wait_for(timeout=1000 * browser.ANSWER_SECONDS)

    def wait_for_pictures(self, wanted):
        """Wait until `wanted`, a function of the pictures, says yes; return them. A sentence can be ahead of them."""
        for _ in range(100 * browser.ANSWER_SECONDS):
            if wanted(now := self.pictures()):
                return now
            self.page.wait_for_timeout(10)
        return None

    def wait_for_new_pictures(self, old):
        now = self.wait_for_pictures(lambda now: now != old)
        assert now is not None, "the pictures stay as they were"
        return now

    def pictures_at_rest(self):
        """The pictures, once a second has changed nothing in them."""
        before = self.pictures()
        for _ in range(browser.ANSWER_SECONDS):
            self.page.wait_for_timeout(1000)
            if (now := self.pictures()) == before:
                return now
            before = now
        raise AssertionError("the pictures do not come to rest")

    def says(self, pattern):
        came = self.explorer.wait_for_sentence(pattern)
        assert came, f"{pattern}: {self.explorer.error()} {self.explorer.sentence()}"

    def pixels_of(self, place):
        """A digit as it is seen: 28 x 28 shades of grey, from a picture of the page."""
        place.scroll_into_view_if_needed()
        seen = Image.open(io.BytesIO(place.screenshot())).convert("L")
        return np.asarray(seen.resize((28, 28), Image.Resampling.BOX), float)

    def place_on(self, canvas, across, down):
        """The place on the page of a share of a canvas's width and height."""
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        return box["x"] + across * box["width"], box["y"] + down * box["height"]


# -- training ---------------------------------------------------------------------------------------


def train(play):
    """With keys: a minibatch, an epoch, Start, several scenes, Pause, back through the epochs, and Reset."""
    first = play.pictures_at_rest()
    play.explorer.press("One minibatch")
    play.says("^Run 1 rests in epoch 1 of 200, after 1 of 40 minibatches")
    second = play.wait_for_new_pictures(first)
    play.explorer.press("One epoch")
    play.says("^Run 1 rests between two epochs. Epoch 1: cost ")
    now = play.wait_for_new_pictures(second)
    play.explorer.press("Start")
    for _ in range(5):
        now = play.wait_for_new_pictures(now)
    play.says(r"^Run 1 is training, in epoch \d+ of 200")
    play.box.evaluate(WATCH)
    play.explorer.press("Pause")
    play.says("^Run 1 rests (between|in) ")
    print(f"Pause was answered within {play.page.evaluate('rested - pressed'):.0f} ms")
    rested = play.pictures_at_rest()
    slider = play.box.locator("input[type=range]")
    slider.focus()
    play.page.keyboard.press("Home")
    play.says("^You look back at run 1, before its first minibatch")
    back = play.wait_for_new_pictures(rested)
    play.page.keyboard.press("ArrowRight")
    play.says("^You look back at run 1. Epoch 1: cost ")
    play.wait_for_new_pictures(back)
    play.page.keyboard.press("End")
    play.says("^Run 1 rests (between|in) ")
    assert play.wait_for_pictures(rested.__eq__), "the end of the slider is not where training rests"
    play.explorer.press("Reset")
    play.says("^Run 1 is ready")
    assert play.wait_for_pictures(first.__eq__), "Reset does not lead back to the first pictures"


@pytest.mark.slow
def test_it_trains_while_one_looks(lab):
    with lab.lesson("play") as lesson:
        asked = []
        lesson.page.on("request", lambda request: asked.append(request.url))
        play = Page(lesson)
        train(play)
        assert lesson.problems() == []
        assert [url for url in asked if not url.startswith((lab.server.url, "data:", "blob:"))] == []


@pytest.mark.firefox
def test_it_trains_in_firefox(notebooks):
    if why := browser.missing("firefox"):
        pytest.skip(f"no page is opened in Firefox: {why}")
    with browser.lab(notebooks, browser="firefox") as lab, lab.lesson("play") as lesson:
        play = Page(lesson)
        train(play)
        choose_with_keys(play)
        assert lesson.problems() == []


@pytest.mark.slow
def test_runs_are_kept_beside_each_other(lab):
    with lab.lesson("short") as lesson:
        play = Page(lesson)
        play.explorer.press("Start")
        play.says("^Run 1 is finished. Epoch 2: cost .* Start begins run 2 with the settings above")
        play.explorer.press("Start")
        play.says("^Run 2 is finished")
        curves = play.part("curves").locator("svg").first
        assert browser.has_count(curves.locator(".line"), 2)
        names = curves.locator("text.name")
        first, second = names.evaluate_all("names => names.map((name) => name.y.baseVal[0].value)")
        assert abs(second - first) >= 11, "one number hides the other"
        assert browser.has_count(curves.locator(".line.faint"), 1)
        play.box.locator(".place select").select_option("1")
        play.says("^You look back at run 1. Epoch 2: ")
        assert browser.has_count(play.part("curves").locator("svg .now"), 2)
        assert lesson.problems() == []


@pytest.mark.slow
def test_a_run_that_is_no_longer_kept_leaves_the_controls_at_what_is_shown(lab):
    with lab.lesson("few") as lesson:
        play = Page(lesson)
        for run in (1, 2):
            play.explorer.press("Start")
            play.says(f"^Run {run} is finished")
        menu = play.box.locator(".place select")
        for _ in range(2):
            menu.select_option("1")
            lesson.page.wait_for_function("menu => menu.value === '2'", arg=menu.element_handle(), timeout=20000)
        problem, = lesson.problems()
        assert "no longer kept" in problem


@pytest.mark.slow
def test_a_single_epoch_is_seen_with_its_cost(lab):
    with lab.lesson("short") as lesson:
        play = Page(lesson)
        play.explorer.press("One epoch")
        play.says("^Run 1 rests between two epochs. Epoch 1")
        curves = play.part("curves").locator("svg").first
        assert browser.has_count(curves.locator(".line.dot"), 1)
        costs = [float(text.replace(",", "")) for text in curves.locator("text[text-anchor=end]").all_text_contents()]
        assert len(costs) > 1, "the cost cannot be read off"
        assert curves.locator("text[text-anchor=middle]").all_text_contents()[1:] == ["0", "1", "2"]
        assert lesson.problems() == []


@pytest.mark.slow
def test_every_control_answers_to_keys(lab):
    with lab.lesson("short") as lesson:
        play = Page(lesson)
        found = [control for control in play.explorer.controls() if control.kind != "menu"]
        assert len(found) == 10
        for control in found:
            assert sum(control.press(key) for key in control.keys) > 1, f"{control.label} does not answer to keys"
        play.explorer.press("Reset")
        play.says("^Run 1 is ready")
        assert lesson.problems() == []


# -- a unit, a weight, a digit ----------------------------------------------------------------------


def choose_with_keys(play):
    """Another unit, another weight, its value, an outgoing weight, another digit."""
    units = play.picker("hidden")
    units.focus()
    play.page.keyboard.press("ArrowRight")
    play.wait_for(".part-unit h4", "^Unit 1 of 20$")
    play.page.keyboard.press("End")
    play.wait_for(".part-unit h4", "^Unit 19 of 20$")
    assert units.get_attribute("aria-valuenow") == "19" and "Unit 19 of 20" in units.get_attribute("aria-valuetext")
    play.page.keyboard.press("Home")
    play.wait_for(".part-unit h4", "^Unit 0 of 20$")
    play.picker("unit").focus()
    play.page.keyboard.press("ArrowUp")
    play.page.keyboard.press("ArrowLeft")
    play.wait_for(".part-unit .weight", r"^w_h\[377, 0\], from the pixel in row 13, column 13: ")
    value = play.part("unit").locator("input")
    play.explorer.press("One minibatch")
    play.says("^Run 1 rests in epoch 1")
    value.focus()
    play.page.keyboard.press("ControlOrMeta+a")
    play.page.keyboard.type("0.75")
    play.page.keyboard.press("Enter")
    play.wait_for(".part-unit .weight", r"^w_h\[377, 0\].*: \+0\.7500$")
    play.part("digit").locator("td button").nth(4).focus()
    play.page.keyboard.press("Space")
    play.wait_for(".part-unit .weight", r"^w_out\[0, 4\], to the output for 4: ")
    assert browser.has_count(play.part("digit").locator("td button[aria-pressed=true]"), 1)
    play.part("unit").locator(".gallery button").first.focus()
    play.page.keyboard.press("Enter")
    label = play.part("unit").locator(".gallery button").first.get_attribute("aria-label")
    digit, true = re.match(r"digit (\d+), a (\d)", label).groups()
    play.wait_for(".part-digit .caption", f"^Digit {digit} is a {true}; ")
    number = play.part("digit").locator("input")
    number.focus()
    play.page.keyboard.press("ControlOrMeta+a")
    play.page.keyboard.type("123")
    play.page.keyboard.press("Tab")
    play.wait_for(".part-digit .caption", "^Digit 123 is a ")


@pytest.mark.slow
def test_a_unit_a_weight_and_a_digit_with_keys(lab):
    with lab.lesson("play") as lesson:
        play = Page(lesson)
        choose_with_keys(play)
        assert len(lesson.sources()) == 1 and lesson.problems() == [], "a key has reached JupyterLab"


@pytest.mark.slow
def test_a_unit_a_weight_and_a_digit_with_mouse_and_finger(lab):
    with lab.lesson("play") as lesson:
        play = Page(lesson)
        mouse = lesson.page.mouse
        mouse.click(*play.place_on(play.picker("hidden"), 0.5 / 6, 1.5 / 4))  # 20 units in 6 columns
        play.wait_for(".part-unit h4", "^Unit 6 of 20$")
        mouse.click(*play.place_on(play.picker("unit"), 3.5 / 28, 20.5 / 28))
        play.wait_for(".part-unit .weight", r"^w_h\[563, 6\], from the pixel in row 20, column 3: ")
        card = play.part("mistakes").locator("button").nth(5)
        label = card.get_attribute("aria-label")
        card.click()
        play.wait_for(".part-digit .caption", f"^Digit {re.match('digit ([0-9]+)', label)[1]} is a ")
        assert browser.has_count(play.part("mistakes").locator("button[aria-pressed=true]"), 1)
        large = play.pixels_of(play.part("digit").locator(".pair > div > canvas"))
        cards = play.part("mistakes").locator("button:visible .digit").all()
        far = [np.abs(play.pixels_of(each) - large).mean() for each in cards]
        assert np.argmin(far) == 5 and far[5] < sorted(far)[1] / 2, far  # the card has the digit that it leads to
        finger = lesson.page.context.new_cdp_session(lesson.page)
        x, y = play.place_on(play.picker("digit"), 1.5 / 6, 0.5 / 4)  # the activations, in the same columns
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        play.wait_for(".part-unit h4", "^Unit 1 of 20$")
        assert lesson.problems() == []


@pytest.mark.slow
def test_a_finger_that_scrolls_chooses_nothing(lab):
    with lab.lesson("play") as lesson:
        play = Page(lesson)
        finger = lesson.page.context.new_cdp_session(lesson.page)
        x, y = play.place_on(play.picker("hidden"), 3.5 / 6, 2.5 / 4)
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 9):
            to = [{"x": x, "y": y - 20 * step}]
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": to})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        lesson.page.wait_for_timeout(1000)
        assert play.part("unit").locator("h4").inner_text() == "Unit 0 of 20"
        assert lesson.problems() == []


@pytest.mark.slow
def test_a_weight_that_cannot_be_set_is_refused_beside_it(lab):
    with lab.lesson("play") as lesson:
        play = Page(lesson)
        play.part("unit").get_by_role("button", name="Set").click()
        play.wait_for(".part-unit [role=alert]", "has not begun")
        assert lesson.problems() == []


# -- the page ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_nothing_is_cut_and_a_screen_reader_misses_nothing(lab, axe):
    with lab.lesson("play") as lesson:
        play = Page(lesson)
        play.explorer.press("One epoch")
        play.says("^Run 1 rests between two epochs. Epoch 1")
        faults = [f"{size[0]} pixels: {fault}" for size in SIZES for fault in lesson.cut(size)]
        faults += lesson.unreadable(axe)
        lesson.page.evaluate("jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
        lesson.page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
        faults += [f"dark: {fault}" for fault in lesson.unreadable(axe)]
        nameless = play.box.evaluate("""box => [...box.querySelectorAll('canvas, .diagram')].filter(part =>
            !part.closest('[aria-hidden=true]') && !(part.getAttribute('role') && part.getAttribute('aria-label')))
            .map(part => part.outerHTML.slice(0, 100))""")
        assert faults + nameless + lesson.problems() == []


@pytest.mark.slow
def test_the_units_are_large_enough_for_a_finger_on_a_phone(lab):
    with lab.lesson("play") as lesson:
        play = Page(lesson)
        with lesson.sized(browser.PHONE):
            box, canvas = play.picker("hidden").bounding_box(), play.picker("hidden")
            columns = canvas.evaluate("canvas => (canvas.width + 1) / 29")
            assert box["width"] / columns >= 24  # pixels, WCAG 2.2's least for a target


@pytest.mark.slow
def test_what_is_hidden_is_not_there(lab):
    with lab.lesson("hidden") as lesson:
        play = Page(lesson)
        assert play.part("confusion").count() == 0 and play.part("mistakes").count() == 1
        assert browser.has_count(play.explorer.button("One minibatch"), 0)
        assert "Dropout" not in [control.label for control in play.explorer.controls()]
        play.explorer.press("One epoch")
        play.says("^Run 1 rests between two epochs. Epoch 1")
        assert lesson.problems() == []
