"""The slide shows: which cell begins a slide, the question before its result, notes in their place, nothing cut."""

import functools
import html.parser
import http.server
import re
import threading

import nbformat
import pytest

from lessonkit import words
from lessonkit.words import _
from tools import browser
from tools.execute import language_of, lessons, normalise
from tools.slides import rule, show
from tools.slides.__main__ import make, place

PATHS = [path for language in words.languages() for path in lessons(language=language)]
SIZES = (1280, 720), (1920, 1080)
PROSE, CODE = 24, 17  # pixels of type on a slide of 720: no slide has less, whatever stands on it

# What the present slide shows outside the screen or cuts off, and its smallest types, in pixels of the screen.
MEASURE = """() => {
  const slide = Reveal.getCurrentSlide(), box = element => element.getBoundingClientRect(), bad = [];
  const size = element => parseFloat(getComputedStyle(element).fontSize) * Reveal.getScale();
  const smallest = elements => Math.min(...[...elements].map(size));
  const own = [...slide.querySelectorAll('*')].filter(element => !element.closest('aside, mjx-assistive-mml'));
  for (const element of own) {
    const {left, top, right, bottom, width, height} = box(element);
    const what = `${element.tagName} "${element.textContent.trim().slice(0, 40)}"`;
    if (!width || !height) continue;
    if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight)
      bad.push(`${what} reaches to ${Math.round(right)}, ${Math.round(bottom)}`);
    if (element.matches('pre') && element.scrollWidth > element.clientWidth + 1) bad.push(`${what} is cut`);
  }
  for (const img of slide.querySelectorAll('img'))
    if (!img.alt || !img.naturalWidth) bad.push('a picture without words');
  if (slide.querySelector('mjx-merror')) bad.push('a formula that is none');
  return {bad, prose: smallest(slide.querySelectorAll(':scope > .jp-MarkdownCell p:not(.running), li')),
          code: smallest(slide.querySelectorAll('pre')),
          words: own.some(element => element.matches('p, li, pre, img, td'))};
}"""


def notebook(*cells):
    """A notebook from texts, those that begin with `>>> ` as code."""
    return nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(text[4:]) if text.startswith(">>> ") else nbformat.v4.new_markdown_cell(text)
        for text in cells])


@functools.cache
def parts(path):
    """The slides of a lesson as nbconvert gets them: a list of (types, sources, notes) a slide."""
    nb = nbformat.read(path, as_version=4)
    with words.spoken(language_of(path)):
        cells = show.slides(nb, show.teaching_notes(int(path.stem[:2]), title(nb))).cells
    found = []
    for cell in cells:
        kind = cell.metadata.slideshow.slide_type
        if kind in ("slide", "subslide"):
            found.append([])
        found[-1].append((kind, cell))
    return found


def title(nb):
    return nb.cells[0].source.splitlines()[0].removeprefix("# ")


@pytest.fixture(params=PATHS, ids=lambda path: f"{language_of(path)}-{path.stem}")
def path(request):
    """A lesson; its language is spoken as long as the test lasts."""
    with words.spoken(language_of(request.param)):
        yield request.param


def test_the_rule():
    nb = notebook("# Title", "text", ">>> x = 1", "## Idea", "> **Predict, then run.** How many?",
                  '>>> guess = Guess("1")\nguess', ">>> count()", "> **Try it.**", ">>> Bench()", "seen",
                  ">>> Table(x)\nx")
    assert rule.slide_types(nb.cells) == ["slide", "subslide", "fragment", "slide", "subslide", "-", "subslide",
                                          "subslide", "subslide", "subslide", "fragment"]


def test_tagging_twice_changes_nothing_and_normal_form_keeps_the_types():
    once = rule.tagged(notebook("# Title", ">>> 1"))
    assert rule.tagged(once) == once != notebook("# Title", ">>> 1")
    assert [cell.metadata.slideshow.slide_type for cell in normalise(once).cells] == ["slide", "fragment"]


def test_the_lessons_have_the_slide_types_of_the_rule():
    assert [path.stem for path in rule.stale()] == [], "run `python -m tools.slides --tag`"


def test_a_long_table_goes_on_with_its_heading():
    rows = show._rows("\n".join(["| a | b |", "|---|---|", *(f"| {n} | x |" for n in range(25))]))
    assert [part.count("\n") for part in rows] == [10, 10, 8] and all(
        part.startswith("| a | b |\n|---") for part in rows)


def test_nothing_of_a_lesson_is_lost_on_its_slides(path):
    """Every paragraph, line of code and printed line stands on a slide, but for the widgets' own lines of code."""
    nb = nbformat.read(path, as_version=4)
    sources = [cell.source for slide in parts(path) for _, cell in slide]
    printed = "\n".join(output.text for slide in parts(path) for _, cell in slide for output in cell.get("outputs", [])
                        if "text" in output)
    for cell in nb.cells:
        if cell.cell_type == "markdown" and "made by tools.badges" not in cell.source:
            for block in cell.source.split("\n\n"):
                assert any(line in source for source in sources for line in block.split("\n")), block
        elif cell.cell_type == "code" and not (rule.is_guess(cell) or rule.is_explorer(cell)):
            assert cell.source in sources
        for output in cell.get("outputs", []):
            if "text" in output:
                assert all(line in printed for line in output.text.split("\n"))
    pictures = sum("<img " in show.as_html(output) for cell in nb.cells for output in cell.get("outputs", []))
    assert pictures == sum("<img " in output.get("data", {}).get("text/html", "") for slide in parts(path)
                           for _, cell in slide for output in cell.get("outputs", []))


def test_a_question_stands_before_its_result(path):
    """On the slide of a question nothing has run yet."""
    asked = [slide for slide in parts(path) if any(_(show.PREDICT) in cell.source for _kind, cell in slide)]
    assert len(asked) == sum(_(show.PREDICT) in cell.source for cell in nbformat.read(path, as_version=4).cells)
    assert [cell.source for slide in asked for _kind, cell in slide if cell.cell_type == "code"] == []


def test_each_output_closes_what_it_opens_and_no_more(path):
    """An end too many would close the slide itself, and the show ends there."""
    for slide in parts(path):
        for _kind, cell in slide:
            for output in cell.get("outputs", []):
                shown = output.get("data", {}).get("text/html", "")
                for tag in ("div", "figure", "table", "details"):
                    assert len(re.findall(rf"<{tag}\b", shown)) == shown.count(f"</{tag}>"), (tag, shown[:200])


def test_every_pause_is_in_the_notes_of_the_slide_that_it_names(path):
    nb = nbformat.read(path, as_version=4)
    notes = show.teaching_notes(int(path.stem[:2]), title(nb))
    said = {}
    for slide in parts(path):
        for _kind, cell in slide:
            if heading := show.HEADING.match(cell.source):
                said[heading.group(1)] = "".join(cell.source for kind, cell in slide if kind == "notes")
    for heading, text in notes.pauses.items():
        assert text and any(text in found for name, found in said.items() if name.startswith(heading)), heading
    ask = {"en": "**ask:**", "ko": "**물을 것:**"}.get(language_of(path), "**")
    assert notes.pauses and ask in "".join(said.values())


def test_notes_of_a_lesson_without_a_section_are_missed():
    with pytest.raises(ValueError, match="0 sections on lesson 3; expected one, headed '## 3 Title'"):
        show.teaching_notes(3, "Title", "## 1 Other\n")


class Links(html.parser.HTMLParser):
    """What a page asks for by itself."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        names = {"link": "href", "script": "src", "img": "src", "iframe": "src"}
        if address := dict(attributes).get(names.get(tag)):
            self.found.append(address)


@pytest.mark.parametrize("path", [lessons(language=language)[0] for language in words.languages()
                                  if lessons(language=language)], ids=language_of)
def test_a_page_asks_for_its_own_files_alone(path):
    links, text = Links(), show.page(path)
    links.feed(text)
    up = "" if language_of(path) == "en" else "../"
    assert f"{up}assets/reveal.js" in links.found and f'<html lang="{language_of(path)}">' in text
    assert [address for address in links.found if not address.startswith((f"{up}assets/", "data:"))] == []


def test_a_show_leads_to_that_of_the_same_lesson_in_other_languages(path):
    """Where there is one."""
    there = [other for other in PATHS if other.stem == path.stem and other != path]
    led = re.findall(r'<a href="(\S+)" hreflang="(\w+)"', show.page(path))
    up = "" if language_of(path) == "en" else "../"
    assert sorted(led) == sorted((f"{up}{place(other)}", language_of(other)) for other in there)


def test_a_number_will_do_for_a_name():
    assert lessons(["04"]) == lessons(["04_training"]) != lessons(["05"])
    with pytest.raises(SystemExit, match="there is no lesson 4; expected one of 01_data_loading"):
        lessons(["4"])


# -- in a browser -----------------------------------------------------------------------------------


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """All slide shows, served from this machine: a function that opens the lesson `path` at a size."""
    if said := browser.missing():
        pytest.skip(said)
    folder = tmp_path_factory.mktemp("slides")
    try:
        make(PATHS, folder)
    except RuntimeError as error:
        pytest.skip(str(error))
    from playwright.sync_api import sync_playwright

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.command_of("chromium"), args=browser.SWITCHES)

        def open_show(path, size):
            page = chromium.new_page(viewport=dict(zip(("width", "height"), size)))
            page.said = []
            page.on("pageerror", lambda error: page.said.append(f"page: {error}"))
            page.on("console", lambda message: message.type == "error" and page.said.append(f"console: {message.text}"))
            page.on("request", lambda request: request.url.startswith((address, "data:"))
                    or page.said.append(f"asks for {request.url}"))
            page.goto(f"{address}{place(path)}")
            page.wait_for_selector("body[data-ready]", timeout=60_000)
            return page

        yield open_show
        chromium.close()
    server.shutdown()


@pytest.mark.paper
@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
def test_no_slide_overflows(shown, path, size):
    page, problems = shown(path, size), []
    scale = size[1] / 720
    places = page.evaluate(
        "Reveal.getSlides().map(slide => { const {h, v} = Reveal.getIndices(slide); return [h, v]; })")
    assert len(places) == len(parts(path))
    for at in places:
        page.evaluate("([h, v]) => Reveal.slide(h, v, 99)", at)  # with all its steps
        found = page.evaluate(MEASURE)
        problems += [f"{at}: {text}" for text in found["bad"]]
        if not found["words"]:
            problems.append(f"{at} is empty")
        for name, least in (("prose", PROSE), ("code", CODE)):
            if found[name] is not None and found[name] < least * scale - 0.1:
                problems.append(f"{at}: {name} of {found[name]} pixels")
    assert problems + page.said == []
    page.close()


@pytest.mark.paper
def test_the_result_comes_by_a_key_and_the_speaker_sees_the_notes(shown):
    page = shown(PATHS[1], SIZES[0])
    page.evaluate("Reveal.slide(3, 0)")  # Squash the sum: a text, then code and its output
    assert page.evaluate("Reveal.getCurrentSlide().querySelector('.fragment')"
                         ".checkVisibility({visibilityProperty: true})") is False
    page.keyboard.press("Space")
    assert page.evaluate("Reveal.getCurrentSlide().querySelector('.fragment')"
                         ".checkVisibility({visibilityProperty: true})") is True
    with page.expect_popup() as popup:
        page.keyboard.press("s")
    popup.value.wait_for_selector(".speaker-controls-notes .value:has-text('right')")
    assert re.search(r"ask:\s*\S", popup.value.locator(".speaker-controls-notes").inner_text())
    assert page.said == []
    page.close()
