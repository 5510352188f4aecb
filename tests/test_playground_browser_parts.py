"""The playground's two explorers, the minibatch under glass and the landscape, in a real browser: moved by keys."""

import pytest
from test_browser import look, move, written

from tools import browser

pytestmark = [pytest.mark.slow, pytest.mark.skipif(browser.missing() is not None,
                                                 reason=f"no page is opened: {browser.missing()}")]
SOURCES = {"glass": "from lessonkit.playground.glass import MinibatchUnderGlass\nMinibatchUnderGlass()",
           "landscape": "from lessonkit.playground.landscape import Landscape\nLandscape()"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    with browser.lab([written(folder, name, [source]) for name, source in SOURCES.items()]) as lab:
        yield lab


@pytest.mark.parametrize("name", SOURCES)
def test_a_student_goes_through(lab, name, axe_or_none):
    with lab.lesson(name) as lesson:
        lesson.run_all()
        explorer, = lesson.explorers()
        assert look(lesson, axe_or_none) + move(explorer) + lesson.problems() == []


def test_the_lines_are_gone_through_with_a_button_and_read_out(lab):
    """The list of lines is for a screen reader, too; only the sentence is left to the region that reads it out."""
    with lab.lesson("glass") as lesson:
        lesson.run_all()
        explorer, = lesson.explorers()
        count = explorer.box.locator("li").count()
        for number in range(2, count + 1):
            explorer.press("Next")
            assert explorer.wait_for_sentence(f"Step {number} of {count}"), explorer.error() or explorer.sentence()
            current = explorer.box.locator("li[aria-current=step]")
            current.locator("b").wait_for()
            assert browser.has_count(current, 1) and browser.has_count(explorer.box.locator("li b"), number)
        hidden = explorer.box.locator(".widget-html-content[aria-hidden=true]")
        assert explorer.box.locator("ol").first.evaluate("list => list.closest('[aria-hidden=true]') === null")
        assert explorer.box.locator("pre").evaluate("pre => pre.closest('[aria-hidden=true]') === null")
        assert any("Step" in text for text in hidden.all_text_contents())
        assert lesson.problems() == []


def test_a_new_view_of_the_landscape_gets_all_its_points_by_itself(lab):
    with lab.lesson("landscape") as lesson:
        lesson.run_all()
        explorer, = lesson.explorers()
        explorer.box.evaluate("""box => {
            const sentence = [...box.querySelectorAll('.widget-html-content')].find(
                part => part.textContent.includes('points'));
            window.told = [];
            new MutationObserver(() => told.push(sentence.textContent)).observe(
                sentence, {subtree: true, childList: true, characterData: true});
        }""")
        zoom = next(control for control in explorer.controls() if control.label == "Zoom, times")
        zoom.press("ArrowRight")
        lesson.page.wait_for_function("told.some(text => text.includes('at 21 x 21 points'))",
                                      timeout=1000 * browser.ANSWER_SECONDS)
        assert "at 11 x 11 points" in lesson.page.evaluate("told[0]")
        assert lesson.problems() == []
