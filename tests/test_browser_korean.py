"""The lessons in Korean in a real browser: the same walks as in test_browser.py, controls found by their Korean names.

`-m slow` walks through lesson 1 and looks at every explorer on a page of three widths, `-m korean` walks through all.
"""

import pytest
from test_browser import EXERCISE, LESSONS, WITH_EXPLORERS, go_through, look, take_an_exercise, written

from lessonkit import words
from tools import browser
from tools.translate import make

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"no lesson is opened: {browser.missing()}")
KOREAN = sorted((make.NOTEBOOKS / "ko").glob("[0-9]*.ipynb"))
# Every explorer, none of them trained for longer than its picture needs.
EXPLORERS = ["""from lessonkit import set_language
from lessonkit.explorers import backprop, digits, drawing, forward, mistakes, regularisation, training
from lessonkit.playground import Landscape, MinibatchUnderGlass, Playground, RunsTable
set_language("ko")
nn, (X, y, _) = backprop.trained(1)[1], backprop.minibatch()""",
             "digits.LeafThrough()", "digits.Contrast()", "forward.SigmoidUnit()", "forward.OneDigit()",
             "backprop.TurnOneWeight()", "backprop.StepSize()", "backprop.Deltas()", "drawing.DrawDigit()",
             "regularisation.Regularise(n_hidden=5, updates=200)", "mistakes.Gallery(nn, X, y)",
             "training.TrainingBench()", "MinibatchUnderGlass()",
             "play = Playground(n_hidden=20, epochs=3, digits=500)\nplay.train(3)\nplay", "RunsTable(play)",
             "Landscape(play.runs[0])"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("korean")
    exercise = folder / f"{EXERCISE}.ipynb"
    exercise.write_bytes((make.NOTEBOOKS / "ko" / "exercises" / "01_data_loading.ipynb").read_bytes())
    with browser.lab([*KOREAN, written(folder, "explorers", EXPLORERS), exercise]) as lab, words.spoken("ko"):
        yield lab


def named_in_korean(text):
    return any("가" <= letter <= "힣" for letter in text or "")


@pytest.mark.slow
def test_every_explorer_speaks_korean_and_nothing_of_it_is_cut(lab, axe_or_none):
    with lab.lesson("explorers") as lesson:
        lesson.run_all()
        found = lesson.explorers()
        assert len(found) == len(EXPLORERS) - 1
        names = {explorer.name: explorer.box.get_attribute("aria-label") for explorer in found}
        assert [name for name, label in names.items() if not named_in_korean(label)] == []
        labels = [control.label for explorer in found for control in explorer.controls()
                  if control.label.strip("\u200b")]  # a checkbox has its name elsewhere
        assert len(labels) > 20 and [label for label in labels if not named_in_korean(label)] == []
        assert look(lesson, axe_or_none) + lesson.problems() == []


@pytest.mark.slow
def test_an_exercise_is_answered_and_its_help_opened_with_keys(lab, axe_or_none):
    take_an_exercise(lab, axe_or_none)


@pytest.mark.slow
@pytest.mark.skipif(WITH_EXPLORERS[0] not in [path.stem for path in KOREAN], reason="lesson 1 is not there in Korean")
def test_a_student_goes_through_the_first_lesson(lab, axe_or_none):
    go_through(lab, WITH_EXPLORERS[0], axe_or_none)


@pytest.mark.korean
@pytest.mark.parametrize("name", [path.stem for path in KOREAN if LESSONS[path.stem]][1:])
def test_a_student_goes_through(lab, name, axe_or_none):
    go_through(lab, name, axe_or_none)
