"""The lessons in a real browser: keys move each control and its picture, a mouse draws, and nothing goes wrong.

Nothing is missing for a screen reader and nothing is cut on a phone, live and in an export. With `-m slow` lesson 1, an
exercise and short notebooks are gone through, with `-m chromium` the other lessons, with `-m firefox` all of them in
Firefox.
"""

import re

import nbconvert
import nbformat
import pytest

from lessonkit.words import _
from tools import browser
from tools.execute import METADATA

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"no lesson is opened: {browser.missing()}")
SIZES = browser.PHONE, browser.TABLET, browser.DESK


def explorers_of(path):
    """The names of the explorers that a notebook imports."""
    source = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    return [name for names in re.findall(r"^from lessonkit\.explorers\.\w+ import (.+)$", source, re.M)
            for name in names.split(", ")]


LESSONS = {path.stem: explorers_of(path) for path in sorted(browser.LESSONS.glob("[0-9]*.ipynb"))}
WITH_EXPLORERS = [name for name, explorers in LESSONS.items() if explorers]

# -- what a student does; each returns what went wrong, a text each ------------------------------------


def move(explorer):
    """Move every control with keys, to both ends and off them, then reset."""
    faults, first = [], explorer.picture()
    controls = explorer.controls()
    for control in controls:
        faults += move_control(explorer, control)
    explorer.press(_("Reset"))
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
    bench.press(_("Start"))
    for number in range(1, 4):
        if not bench.wait_for_picture(bench.picture()):
            return [*faults, f"{bench.name}: after Start only {number - 1} new pictures, "
                    f"then {bench.error() or 'none'}"]
    bench.watch()
    bench.press(_("Stop"))
    print(f"Stop was answered within {bench.answer('changed', quiet=1000):.0f} ms")
    stopped = bench.sentence()
    bench.press(_("Reset"))
    return [*faults, *([] if _("stopped") in stopped else [f"{bench.name}: after Stop it says {stopped!r}"])]


STROKES = {  # digits as a hand would draw them, on a canvas of width and height 1
    0: [[(0.5, 0.15), (0.3, 0.3), (0.27, 0.6), (0.4, 0.85), (0.6, 0.83), (0.72, 0.6), (0.68, 0.28), (0.5, 0.15)]],
    1: [[(0.52, 0.15), (0.5, 0.5), (0.48, 0.85)]],
    7: [[(0.27, 0.2), (0.5, 0.2), (0.72, 0.2), (0.6, 0.5), (0.45, 0.85)]]}


def _answer(digit):
    said = _("The answer is {first} with an output of {output:.2f}; the runner-up is {second} with {other:.2f}.")
    return "^" + re.sub(r"\\{.*?\\}", ".*", re.escape(said.replace("{first}", f"{digit}")))


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
        if not pad.wait_for_sentence(_answer(digit)):
            faults.append(f"{pad.name}: a drawn {digit}: {pad.error() or pad.sentence()}")
        pad.press(_("Clear"))
        if not pad.wait_for_sentence(f"^{re.escape(_('Draw a digit on the canvas.'))}"):
            faults.append(f"{pad.name}: after Clear: {pad.error() or pad.sentence()}")
    canvas.focus()
    for key in ["ArrowUp"] * 15 + ["Space"] + ["ArrowDown"] * 30:
        keyboard.press(key)
    if not pad.wait_for_sentence(_answer(1)):
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
    if len(shown) != 2 or shown[0] != _("Your guess") + expected or not re.fullmatch(f"{_('The result')}.+", shown[1]):
        return [f"the guess {expected!r} and its result are shown as {shown}"]
    return []


def look(lesson, axe):
    """What a screen reader would miss and what is cut, before anything is moved."""
    faults = [f"{size[0]} pixels: {fault}" for size in SIZES for fault in lesson.cut(size)]
    pictures = lesson.page.locator(f"{browser.OUTPUTS} img")
    faults += [f"no alt: {picture.evaluate('img => img.outerHTML.slice(0, 200)')}"
               for picture in pictures.all() if not picture.get_attribute("alt")]
    return faults + (lesson.unreadable(axe) if axe else [])


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


# A short notebook with one of each thing that students move.
SHORT = ["from lessonkit.explorers.forward import SigmoidUnit\nSigmoidUnit()",
         "from lessonkit.guess import Guess\nGuess('less', 'more')",
         "from lessonkit.explorers.drawing import DrawDigit\nDrawDigit()"]


def written(folder, name, sources):
    path = folder / f"{name}.ipynb"
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), path)
    return path


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("notebooks")
    others = [written(folder, "faulty", FAULTY), written(folder, "short", SHORT), written(folder, "left", SHORT[:1])]
    exercise = folder / f"{EXERCISE}.ipynb"
    exercise.write_bytes((browser.LESSONS / "exercises" / "01_data_loading.ipynb").read_bytes())
    others.append(exercise)
    with browser.lab([*browser.LESSONS.glob("[0-9]*.ipynb"), *others]) as lab:
        yield lab


@pytest.mark.slow
def test_a_screen_reader_misses_nothing(lab, axe):
    """In a guess, a canvas and an explorer at once; `test_a_student_goes_through` looks at each lesson so."""
    with lab.lesson("short") as lesson:
        lesson.run_all()
        assert look(lesson, axe) == []
        # With a name less it finds that, and without an alternative text.
        lesson.page.evaluate("document.querySelectorAll('.lesson-page').forEach(page => page.remove())")
        lesson.page.evaluate("""document.querySelectorAll('.noUi-handle, .explorer img').forEach(part => {
            const bare = part.cloneNode(); ['aria-label', 'alt'].forEach(name => bare.removeAttribute(name));
            part.closest('.jp-OutputArea-output').append(bare) })""")
        assert {fault.split(":")[0] for fault in lesson.unreadable(axe)} >= {"aria-input-field-name", "image-alt"}


def go_through(lab, name, axe):
    """A lesson from top to bottom, in the language that is spoken."""
    with lab.lesson(name) as lesson:
        lesson.run_all()
        explorers = lesson.explorers()
        assert sorted(explorer.name for explorer in explorers) == sorted(LESSONS[name])
        faults = look(lesson, axe)
        faults += [fault for explorer in explorers for fault in DO.get(explorer.name, move)(explorer)]
        assert faults + guess(lesson) + lesson.problems() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_EXPLORERS[:1])  # the others: test_browser_later.py
def test_a_student_goes_through(lab, name, axe_or_none):
    go_through(lab, name, axe_or_none)


@pytest.fixture(scope="module")
def firefox():
    if why := browser.missing("firefox"):
        pytest.skip(f"no lesson is opened in Firefox: {why}")
    with browser.lab(browser="firefox") as lab:
        yield lab


@pytest.mark.firefox
@pytest.mark.parametrize("name", WITH_EXPLORERS)
def test_a_student_goes_through_in_firefox(firefox, name):
    go_through(firefox, name, None)


# -- an exercise --------------------------------------------------------------------------------------


def answer(lesson, place, text):
    """Replace what stands in a cell with `text`, by keys, and run it."""
    lesson.page.evaluate("place => { lesson.content.activeCellIndex = place; lesson.content.mode = 'edit' }", place)
    for keys in ("Control+a", "Delete"):
        lesson.page.keyboard.press(keys)
    lesson.page.keyboard.insert_text(text)
    lesson.run(place)


EXERCISE = "01_data_loading_exercises"


def take_an_exercise(lab, axe):
    """Answer it wrong and right, unfold its help and answer a question: by keys, in the language that is spoken."""
    with lab.lesson(EXERCISE) as lesson:
        lesson.run_all()
        sources = lesson.sources()
        stub = sources.index(f"n_bytes = ...\n{_('# Write your own lines here.')}")
        check = sources.index("check.file_size(n_bytes)")
        assert lesson.output(check).locator(".verdict").inner_text().startswith(_("Not yet."))
        wrong = f"{_('Not right.')} {_('These are the labels alone. What stands before them?')}"
        for text, said in ("n_bytes = 10_000", wrong), ("n_bytes = 4 + 4 + 10_000", _("Right.")):
            answer(lesson, stub, text)
            lesson.run(check)
            assert lesson.output(check).locator(".verdict[role=status]").inner_text().startswith(said)
        for summary in _("Hint {number}").format(number=1), _("Solution"):
            folded = lesson.page.locator("details", has_text=summary).first
            assert folded.get_attribute("open") is None
            folded.locator("summary").focus()
            lesson.page.keyboard.press("Space")
            assert folded.get_attribute("open") is not None
        question = lesson.output(sources.index("check.recall(1)"))
        question.locator("button").first.focus()
        lesson.page.keyboard.press("Space")
        question.get_by_text(_("Right.")).or_(question.get_by_text(_("Not this one."))).first.wait_for()
        assert look(lesson, axe) + lesson.problems() == []


@pytest.mark.slow
def test_an_exercise_is_answered_and_its_help_opened_with_keys(lab, axe_or_none):
    take_an_exercise(lab, axe_or_none)


# -- a screen reader, an export, a restart ------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_an_exported_lesson_is_whole_without_a_screen_and_on_a_phone(lab, axe, tmp_path, name):
    page = lab.context.new_page()
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file:") else route.abort())
    exported, _ = nbconvert.HTMLExporter(template_name="lab").from_filename(browser.LESSONS / f"{name}.ipynb")
    (tmp_path / "lesson.html").write_text(exported, encoding="utf-8")
    page.goto((tmp_path / "lesson.html").as_uri(), wait_until="domcontentloaded")
    page.evaluate(axe.read_text(encoding="utf-8"))
    outputs, faults = ".jp-OutputArea-output", []
    for size in SIZES:
        page.set_viewport_size(dict(zip(("width", "height"), size)))
        faults += [f"{size[0]} pixels: {fault}" for fault in page.evaluate("cut", outputs)]
    faults += page.evaluate("unreadable", outputs)
    without = page.locator(f"{outputs} img:not([alt]), {outputs} img[alt='']").count()
    page.close()
    assert faults == [] and without == 0


@pytest.mark.slow
def test_each_move_is_told_once_it_has_come_to_rest(lab):
    with lab.lesson("short") as lesson:
        lesson.run_all()
        unit = next(explorer for explorer in lesson.explorers() if explorer.name == "SigmoidUnit")
        handle, spoken = unit.box.locator(".noUi-handle").first, unit.box.locator("[role=status].spoken")
        assert (unit.box.get_attribute("role"), unit.box.get_attribute("aria-label")) == ("group", "Sigmoid unit")
        assert handle.get_attribute("aria-label") == "Weight w"
        assert spoken.text_content() == unit.sentence() != ""
        unit.box.evaluate("""box => {
            const told = window.told = [], region = box.querySelector('[role=status].spoken');
            let moved = 0;
            const note = (element, what) => new MutationObserver(what).observe(
                element, {childList: true, characterData: true, subtree: true});
            note(box.querySelector('.widget-html-content'), () => { moved = performance.now(); });
            note(region, () => told.push([region.textContent, performance.now() - moved]));
        }""")
        handle.focus()
        for _ in range(4):
            lesson.page.keyboard.press("ArrowRight")
        assert unit.wait_for_sentence(r"^w x \+ b = 2.00")
        lesson.page.wait_for_function("told.some(([sentence]) => sentence.startsWith('w x + b = 2.00'))")
        told = lesson.page.evaluate("told")
        assert told[-1][0] == unit.sentence()
        assert min(rest for _, rest in told) > 400  # milliseconds after the last change: no step on the way is told
        buttons = lesson.page.locator(".guess [role=group][aria-label='Your guess'] button")
        buttons.last.press("Space")
        lesson.page.locator(".guess button[aria-pressed=true]").wait_for()
        assert buttons.last.get_attribute("aria-pressed") == "true" and lesson.problems() == []


@pytest.mark.slow
def test_after_a_restart_it_says_so_and_opened_anew_it_shows_its_twin(lab):
    with lab.lesson("left") as lesson:
        lesson.run_all()
        unit = lesson.explorers()[0]
        twin = lesson.output(0).locator(".still-twin")
        assert unit.box.is_visible() and not twin.is_visible()
        assert unit.box.locator(".restarted").text_content() == ""
        lesson.restart_kernel()
        unit.box.locator(".restarted", has_text="The kernel has been restarted").wait_for()
        lesson.reload()
        twin.locator("img").wait_for()
        assert "so a is 0.7311" in twin.locator("figcaption").text_content()
        assert lesson.explorers() == []


@pytest.mark.slow
def test_a_canvas_that_gives_false_pixels_is_read_all_the_same(lab):
    with lab.lesson("short") as lesson:
        lesson.page.evaluate("""() => { const real = CanvasRenderingContext2D.prototype.getImageData;
            CanvasRenderingContext2D.prototype.getImageData = function (...place) {
                const image = real.apply(this, place);
                image.data.forEach((_, i) => { image.data[i] = 255 * Math.random(); });
                return image; } }""")
        lesson.run_all()
        pad = next(explorer for explorer in lesson.explorers() if explorer.name == "DrawDigit")
        assert draw(pad) + lesson.problems() == []


@pytest.mark.slow
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


def test_a_page_that_was_left_is_no_fault_and_any_other_exception_is():
    left = ("[E 2026-11-26 12:00:00 ServerApp] Uncaught exception GET /lab/api/settings (127.0.0.1)\n    Traceback:\n"
            "    tornado.iostream.StreamClosedError: Stream is closed\n")
    broken = "[E 2026-11-26 12:00:01 ServerApp] Uncaught exception GET /x (127.0.0.1)\n    ValueError: broken\n"
    said = "[I 2026-11-26 12:00:02 ServerApp] 200 GET /y\n"
    assert browser.LEFT.sub("", broken + said + left + said) == broken + said + said
