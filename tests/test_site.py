"""The course's site: built by one command, whole without any network, readable for everybody.

`pytest -m site` runs it, and one lesson in the browser's own Python; `pytest -m live` runs the others there. For these
PYODIDE_DIR names the folder of Pyodide's files (`python -m tools.site.pyodide FOLDER` fetches them); without it the
site is built and tested without that part.
"""

import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

import site_support
import test_browser
from lessonkit import words
from tools import browser
from tools.execute import LESSONS, language_of, lessons
from tools.site import __main__ as command
from tools.site import live

pytestmark = pytest.mark.skipif(browser.missing() is not None, reason=f"no page is opened: {browser.missing()}")
in_the_browser = pytest.mark.skipif("PYODIDE_DIR" not in os.environ, reason="no lesson is run: PYODIDE_DIR names no "
                                    "folder of Pyodide's files; `python -m tools.site.pyodide FOLDER` fetches them")
HEAVIEST = 1_500_000  # bytes of a page with its pictures
WIDTHS = 390, 768, 1300, 1920
OTHERS = [language for language in words.languages() if language != "en"]
NAMES = {"Furo", "English"}  # of things: the same in each language


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run([sys.executable, "-m", "tools.site", "--out", folder], cwd=command.COURSE,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)
    return folder


@pytest.fixture(scope="module")
def address(site):
    with site_support.served(site) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    with site_support.chromium() as opened:
        yield opened


def names(site):
    return [path.relative_to(site).as_posix() for path in site_support.pages_of(site)]


@pytest.mark.site
def test_every_page_is_whole_without_a_network_and_misses_nothing_for_a_screen_reader(site, address, chromium,
                                                                                      axe_or_none):
    faults, context = [], chromium.new_context(color_scheme="light")
    for name in names(site):
        visit = site_support.Visit(context, f"{address}/{name}")
        found = [*visit.problems, *(wide for width in WIDTHS for wide in visit.too_wide(width))]
        if axe_or_none:
            visit.page.set_viewport_size({"width": 1300, "height": 900})
            for scheme in ("light", "dark"):
                visit.page.emulate_media(color_scheme=scheme)
                found += [f"{scheme}: {fault}" for fault in visit.unreadable(axe_or_none)]
        faults += [f"{name}: {fault}" for fault in found]
        visit.page.close()
    assert faults == []


@pytest.mark.site
def test_no_link_is_dead(site):
    assert site_support.dead_links(site) == []


@pytest.mark.site
def test_no_page_is_heavy(site):
    assert {name: weight for name in names(site) if (weight := site_support.weight(site / name)) > HEAVIEST} == {}


@pytest.mark.site
def test_a_lesson_is_there_as_committed(site, address, chromium):
    context, faults = chromium.new_context(), []
    for path in [path for language in words.languages() for path in lessons(language=language)]:
        folder = "" if language_of(path) == "en" else f"{language_of(path)}/"
        visit = site_support.Visit(context, f"{address}/{folder}notebooks/{path.stem}.html")
        text = visit.page.locator("article").text_content()
        alts = visit.page.locator("article img").evaluate_all("all => all.map(img => img.alt)")
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                if output.output_type == "stream" and output.text.strip() not in text:
                    faults.append(f"{path.stem} lacks {output.text!r}")
                shown = output.get("data", {})
                if "text/html" in shown and "<img" in shown["text/html"]:
                    alt = site_support.alt_of(shown["text/html"])
                    if alt not in alts:
                        faults.append(f"{path.stem} lacks the picture {alt!r}")
        visit.page.close()
    assert faults == []


@pytest.mark.site
def test_solutions_are_folded_and_open_by_key(address, chromium):
    visit = site_support.Visit(chromium.new_context(), f"{address}/notebooks/exercises/01_data_loading.html")
    solution = visit.page.locator("details", has_text="Solution").first
    assert not solution.locator("pre").is_visible()
    solution.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    assert solution.locator("pre").is_visible()


@pytest.mark.site
def test_the_search_finds_a_lesson(address, chromium):
    visit = site_support.Visit(chromium.new_context(), f"{address}/search.html?q=saturated")
    visit.page.locator("#search-results a", has_text="Pass a digit forward").first.wait_for()
    assert visit.problems == []


# -- in every language ------------------------------------------------------------------------------


@pytest.mark.site
def test_every_page_has_a_switch_that_leads_to_the_same_in_the_other_language(site):
    assert site_support.missing_switches(site, words.languages()) == []


@pytest.mark.site
@pytest.mark.parametrize("language", OTHERS)
def test_the_theme_speaks_the_language(site, address, chromium, language):
    faults, context = [], chromium.new_context()
    for name in ("index", "search", "genindex", "exercises", "docs/teaching"):
        pages = [site_support.Visit(context, f"{address}/{folder}{name}.html") for folder in ("", f"{language}/")]
        english, other = ({*visit.page.evaluate(site_support.THEME_WORDS)} for visit in pages)
        assert len(english) > 8 and pages[1].page.locator(f"html[lang={language}]").count() == 1
        faults += [f"{name}: {text}" for text in sorted(english & other - NAMES)]
    assert faults == []


@pytest.mark.site
@pytest.mark.parametrize("language, query", [("ko", "포화"), ("ko", "신경망")])
def test_the_search_finds_a_word_before_any_particle(address, chromium, language, query):
    visit = site_support.Visit(chromium.new_context(), f"{address}/{language}/search.html?q={query}")
    visit.page.locator("#search-results li a").first.wait_for()
    assert visit.problems == []


@pytest.mark.site
@pytest.mark.parametrize("name", ["ko/index.html", "ko/notebooks/01_data_loading.html", "draw/ko/index.html"])
def test_korean_letters_come_from_the_site(address, chromium, name):
    """Where the system has none. What is empty boxes is drawn in another font."""
    if subprocess.run(["fc-list", ":lang=ko"], capture_output=True, check=False).stdout:
        pytest.skip("this machine has Korean letters of its own")
    visit = site_support.Visit(chromium.new_context(), f"{address}/{name}")
    visit.page.evaluate("document.fonts.ready")
    tools = visit.page.context.new_cdp_session(visit.page)
    tools.send("DOM.enable")
    tools.send("CSS.enable")
    nodes = tools.send("DOM.querySelectorAll", {
        "nodeId": tools.send("DOM.getDocument")["root"]["nodeId"],
        "selector": "h1, h2, p, th, td, li, button, .caption-text, nav"})["nodeIds"]
    empty = []
    for node in nodes:
        html = tools.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"]
        used = tools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        is_korean = re.search("[가-힣]", re.sub(r"<[^>]*>", "", html))
        if used and is_korean and not any(font["isCustomFont"] for font in used):
            empty.append(html[:100])
    assert len(nodes) > 20 and empty == []


@in_the_browser
@pytest.mark.site
def test_opened_as_a_file_a_lesson_says_what_it_takes_to_run(site, chromium):
    page = chromium.new_context().new_page()
    page.goto((site / "notebooks" / "01_data_loading.html").as_uri())
    assert "to run this lesson it must come from a web server" in " ".join(page.locator(".run").inner_text().split())
    assert page.locator(".run-button").count() == 0


# -- every kind of fault is found -------------------------------------------------------------------

FAULTY = """<!doctype html><html lang="en"><title>Faulty</title><body><div style="width: 2000px">wide</div>
<script src="https://example.org/lib.js"></script><script>undefined.property</script><img src="none.png" alt="none">
<style>h1 { background: white } @media (prefers-color-scheme: dark) { h1 { color: #ccc } }</style>
<h1>Pale in the dark</h1>
<a href="nowhere.html">dead</a><a href="#nowhere">dead</a><p style="color: #ccc; background: white">pale</p>
</body></html>"""


@pytest.mark.site
def test_faults_are_found(tmp_path, chromium, axe):
    (tmp_path / "faulty.html").write_text(FAULTY, encoding="utf-8")
    with site_support.served(tmp_path) as address:
        visit = site_support.Visit(chromium.new_context(), f"{address}/faulty.html")
        found = "\n".join([*visit.problems, *visit.too_wide(390), *visit.unreadable(axe)])
        visit.page.emulate_media(color_scheme="dark")
        in_the_dark = "\n".join(visit.unreadable(axe))
    assert "(1 places)" in found and "(2 places)" in in_the_dark, in_the_dark
    for fault in ("leaves the site for https://example.org/lib.js", "page: Cannot read properties", "no picture at",
                  "pixels wider than 390", "color-contrast"):
        assert fault in found, found
    assert site_support.missing_switches(tmp_path, ["en", "ko"]) == ["faulty.html: no page in ko, ''"]
    assert site_support.dead_links(tmp_path) == ["faulty.html -> none.png", "faulty.html -> nowhere.html",
                                                 "faulty.html -> #nowhere"]


@in_the_browser
@pytest.mark.site
def test_a_file_of_pyodide_that_was_changed_is_refused(tmp_path):
    folder = shutil.copytree(os.environ["PYODIDE_DIR"], tmp_path / "pyodide", copy_function=os.symlink)
    live.packages_of(folder)
    wheel = next(folder.glob("numpy-*.whl"))
    wheel.unlink()
    with pytest.raises(live.Unfit, match="numpy-.* is missing"):
        live.packages_of(folder)
    wheel.write_bytes(b"something else")
    with pytest.raises(live.Unfit, match="numpy-.* has the SHA-256 .* expected"):
        live.packages_of(folder)


# -- lessons in the browser's own Python ------------------------------------------------------------


@pytest.fixture
def run(address, chromium, monkeypatch):
    """A function that opens a lesson and runs it whole."""
    monkeypatch.setattr(browser, "RUN_SECONDS", 1200)  # slower than a kernel, and browsers share the machine
    monkeypatch.setattr(browser, "ANSWER_SECONDS", 120)
    contexts = []

    def run(name):
        context = chromium.new_context(viewport={"width": 1300, "height": 1000})
        contexts.append(context)
        context.add_init_script(browser.PAGE)
        lesson = site_support.LiveLesson(address, context.new_page(), name)
        lesson.run_all()
        return lesson

    yield run
    for context in contexts:
        context.close()


def differences(name, lesson):
    """Where the texts below the cells of `lesson` are others than the committed ones of the lesson `name`."""
    committed = [cell.outputs for cell in nbformat.read(LESSONS / f"{name}.ipynb", as_version=4).cells
                 if cell.cell_type == "code"]
    live_outputs = lesson.outputs()
    assert len(live_outputs) == len(committed)
    pairs = [(site_support.texts(there), site_support.texts(here)) for there, here in zip(committed, live_outputs)]
    return [f"code cell {number}: {here} where the lesson has {there}" for number, (there, here) in enumerate(pairs, 1)
            if there != here]


@in_the_browser
@pytest.mark.site
def test_lesson_1_runs_in_the_browser(run):
    lesson = run("01_data_loading")
    assert differences("01_data_loading", lesson) + lesson.problems() == []
    faults = [fault for explorer in lesson.explorers() for fault in test_browser.move(explorer)]
    assert faults + test_browser.guess(lesson) + lesson.problems() == []


@in_the_browser
@pytest.mark.live
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.live4) if name == "04_training" else name
                                  for name in sorted({*test_browser.LESSONS} - {*live.NOT_HERE, "01_data_loading"})])
def test_every_lesson_runs_in_the_browser(run, name):
    lesson = run(name)
    assert differences(name, lesson) + lesson.problems() == []


@in_the_browser
@pytest.mark.live
@pytest.mark.parametrize("name", [f"{language}/01_data_loading" for language in OTHERS])
def test_the_first_lesson_of_a_language_runs_in_the_browser(run, name):
    lesson = run(name)
    assert differences(name, lesson) + lesson.problems() == []
    assert lesson.page.locator(".jp-RenderedMarkdown a", has_text="English").count() == 1
