"""The lessons in a real browser: keys move each control and its picture, a mouse draws, and nothing goes wrong anywhere."""

import re

import nbformat
import pytest

from tools import browser
from tools.execute import METADATA

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"no lesson is opened: {browser.missing()}")


def explorers_of(path):
    """The names of the explorers that a notebook imports."""
    source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    return [name for names in re.findall(r"^from lessonkit\.explorers\.\w+ import (.+)$", source, re.M)
            for name in names.split(", ")]


LESSONS = {path.stem: explorers_of(path) for path in sorted(browser.LESSONS.glob("[0-9]*.ipynb"))}

# -- what a student does; each returns what went wrong, a text each ------------------------------------


def move(explorer):
    """Move every control with keys, to both ends and off them, then reset."""
    faults, first = [], explorer.picture()
    controls = explorer.controls()
    for control in controls:
        faults += move_control(explorer, control)
    explorer.press("Reset")
    if not explorer.wait_for_return(first):
        faults.append(f"{explorer.name}: Reset does not lead back to the first picture")
    return faults if controls else [f"{explorer.name} has no control"]


def move_control(explorer, control):
    where, moves = f"{explorer.name}, {control.label}", 0
    for key in control.keys:
        before = explorer.picture()
        if control.press(key):
            moves += 1
            if not explorer.wait_for_picture(before):
                return [f"{where}, {key} to {control.value()}: {explorer.error() or 'the picture stays as it was'}"]
    return [] if moves > 1 else [f"{where} does not answer to keys"]


def train(bench):
    """Move the controls, start, watch the curves grow, stop."""
    faults = move(bench)
    bench.press("Start")
    for number in range(1, 4):
        if not bench.wait_for_picture(bench.picture()):
            return [*faults, f"{bench.name}: after Start only {number - 1} new pictures, then {bench.error() or 'none'}"]
    bench.watch()
    bench.press("Stop")
    print(f"Stop was answered within {bench.answer('changed', quiet=1000):.0f} ms")
    stopped = bench.sentence()
    bench.press("Reset")
    return [*faults, *([] if "stopped" in stopped else [f"{bench.name}: after Stop it says {stopped!r}"])]


STROKES = {  # digits as a hand would draw them, on a canvas of width and height 1
    0: [[(0.5, 0.15), (0.3, 0.3), (0.27, 0.6), (0.4, 0.85), (0.6, 0.83), (0.72, 0.6), (0.68, 0.28), (0.5, 0.15)]],
    1: [[(0.52, 0.15), (0.5, 0.5), (0.48, 0.85)]],
    7: [[(0.27, 0.2), (0.5, 0.2), (0.72, 0.2), (0.6, 0.5), (0.45, 0.85)]]}


def draw(pad):
    """Draw digits with the mouse and one with keys, and read the answers."""
    canvas, faults = pad.box.locator("canvas"), []
    mouse, keyboard = pad.lesson.page.mouse, pad.lesson.page.keyboard
    for digit, strokes in STROKES.items():
        canvas.hover()  # waits until it is in sight and has come to rest: the page still moves when a cell has run
        place = canvas.bounding_box()
        for first, *others in ([(place["x"] + x * place["width"], place["y"] + y * place["height"])
                                for x, y in stroke] for stroke in strokes):
            mouse.move(*first)
            mouse.down()
            for x, y in others:
                mouse.move(x, y, steps=8)
            mouse.up()
        if not pad.wait_for_sentence(rf"^The answer is {digit}\b"):
            faults.append(f"{pad.name}: a drawn {digit}: {pad.error() or pad.sentence()}")
        pad.press("Clear")
        if not pad.wait_for_sentence("^Draw a digit"):
            faults.append(f"{pad.name}: after Clear: {pad.error() or pad.sentence()}")
    canvas.focus()
    for key in ["ArrowUp"] * 15 + ["Space"] + ["ArrowDown"] * 30:
        keyboard.press(key)
    if not pad.wait_for_sentence("^The answer is 1"):
        faults.append(f"{pad.name}: a 1 drawn with keys: {pad.error() or pad.sentence()}")
    return faults


DO = {"TrainingBench": train, "DrawDigit": draw}  # with all others: move


def guess(lesson):
    """Answer the first question with keys, run the cell with the result, and look for the guess beside the result."""
    sources = lesson.sources()
    place = next(place for place, source in enumerate(sources) if source.startswith("guess = Guess("))
    result = next(later for later in range(place, len(sources)) if "guess.beside(" in sources[later])
    lesson.run(place)  # once more: the lesson's later questions are called guess too
    box = lesson.output(place).locator(".guess")
    if box.locator("button").count():
        box.locator("button").last.focus()
        lesson.page.keyboard.press("Space")
        expected = box.locator("button").last.text_content().strip()
    else:
        expected = "about 7 < 8"
        box.locator("input").focus()
        lesson.page.keyboard.type(expected)
        lesson.page.keyboard.press("Tab")
    lesson.run(result)
    shown = lesson.output(result).locator(".beside td").all_text_contents()
    if len(shown) != 2 or shown[0] != f"Your guess{expected}" or not re.fullmatch("The result.+", shown[1]):
        return [f"the guess {expected!r} and its result are shown as {shown}"]
    return []


# A notebook with a fault of every kind, and what tells of each.
FAULTY = {
    """from lessonkit.explorers.base import Explorer, slider
from lessonkit import figures
import ipywidgets as widgets
from IPython.display import HTML""": None,
    """class Broken(Explorer):
    def controls(self):
        return {"idle": slider("Idle", 0, 3, 1, 1, "tip"), "level": slider("Level", 0, 3, 1, 1, "tip")}

    def figure(self):
        fig = figures.new()
        ax = fig.subplots()
        self.bar, = ax.bar(["level"], [3])
        return fig, [self.bar]

    def compute(self, level, idle):
        if level == 3:
            raise ValueError("broken on purpose")
        return {"level": level}

    def draw(self, level):
        self.bar.set_height(level)
        return f"level {level}"
Broken()""": "kernel: ValueError: broken on purpose",
    """button = widgets.Button(description="Divide")
button.on_click(lambda _: 1 / 0)
button""": "kernel: ZeroDivisionError: division by zero",
    "HTML('<img src=/files/missing.png>')": "console: Failed to load resource",
    "HTML('<script>undefined.property</script>')": "page: Cannot read properties of undefined",
    "missing": "code cell 6: NameError: name 'missing' is not defined",
    "'never run'": "code cell 7 did not run"}

# -- the lessons ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    faulty = tmp_path_factory.mktemp("notebooks") / "faulty.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in FAULTY]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), faulty)
    with browser.lab([*browser.LESSONS.glob("[0-9]*.ipynb"), faulty]) as lab:
        yield lab


@pytest.mark.parametrize("name", [name for name, explorers in LESSONS.items() if explorers])
def test_a_student_goes_through(lab, name):
    with lab.lesson(name) as lesson:
        lesson.run_all()
        explorers = lesson.explorers()
        assert sorted(explorer.name for explorer in explorers) == sorted(LESSONS[name])
        faults = [fault for explorer in explorers for fault in DO.get(explorer.name, move)(explorer)]
        assert faults + guess(lesson) + lesson.problems() == []




def test_every_kind_of_fault_is_found(lab, monkeypatch):
    monkeypatch.setattr(browser, "ANSWER_SECONDS", 5)  # what never comes need not be waited for
    with lab.lesson("faulty") as lesson:
        lesson.run_all()
        lesson.page.get_by_role("button", name="Divide").click()
        broken, = lesson.explorers()
        assert move(broken) == ["Broken, Idle, Home to 0: the picture stays as it was",
                                "Broken, Level, End to 3: ValueError: broken on purpose"]
        with lesson.server.log.open("a") as log:
            log.write("[E 2026-01-01 ServerApp] Uncaught exception\n")
        problems = lesson.problems()
    missed = [expected for expected in [*FAULTY.values(), "server: [E 2026-01-01 ServerApp] Uncaught exception"]
              if expected and not any(problem.startswith(expected) for problem in problems)]
    assert missed == [], problems
