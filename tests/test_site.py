"""The course's site: built by one command, whole without any network, readable for everybody.

`pytest -m site` runs it. The lessons that run in the browser need the files that PYODIDE_DIR names; without them the
site is built without that part.
"""

import subprocess
import sys

import nbformat
import pytest

import site_support
from tools import browser
from tools.site import __main__ as command

pytestmark = [pytest.mark.site,
              pytest.mark.skipif(browser.missing() is not None, reason=f"no page is opened: {browser.missing()}")]
HEAVIEST = 1_500_000  # bytes of a page with its pictures
WIDTHS = 390, 768, 1300, 1920


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built."""
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run([sys.executable, "-m", "tools.site", "--out", folder], cwd=command.COURSE, capture_output=True,
                          text=True, check=False)
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


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    try:
        return browser.find_axe(tmp_path_factory.mktemp("axe"))
    except RuntimeError as error:
        pytest.skip(str(error))


def names(site):
    return [path.relative_to(site).as_posix() for path in site_support.pages_of(site)]


def test_every_page_is_whole_without_a_network(site, address, chromium):
    faults, context = [], chromium.new_context()
    for name in names(site):
        visit = site_support.Visit(context, f"{address}/{name}")
        faults += [f"{name}: {fault}" for fault in (*visit.problems, *(wide for width in WIDTHS
                                                                       for wide in visit.too_wide(width)))]
        visit.page.close()
    assert faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(site, address, chromium, axe, scheme):
    faults, context = [], chromium.new_context(color_scheme=scheme, viewport={"width": 1300, "height": 900})
    for name in names(site):
        visit = site_support.Visit(context, f"{address}/{name}")
        faults += [f"{name}: {fault}" for fault in visit.unreadable(axe)]
        visit.page.close()
    assert faults == []


def test_no_link_is_dead(site):
    assert site_support.dead_links(site) == []


def test_no_page_is_heavy(site):
    assert {name: weight for name in names(site) if (weight := site_support.weight(site / name)) > HEAVIEST} == {}


def test_a_lesson_is_there_as_committed(site, address, chromium):
    context, faults = chromium.new_context(), []
    for path in sorted(browser.LESSONS.glob("[0-9]*.ipynb")):
        visit = site_support.Visit(context, f"{address}/notebooks/{path.stem}.html")
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


def test_solutions_are_folded_and_open_by_key(address, chromium):
    visit = site_support.Visit(chromium.new_context(), f"{address}/notebooks/exercises/01_data_loading.html")
    solution = visit.page.locator("details", has_text="Solution").first
    assert not solution.locator("pre").is_visible()
    solution.locator("summary").focus()
    visit.page.keyboard.press("Enter")
    assert solution.locator("pre").is_visible()


def test_the_search_finds_a_lesson(address, chromium):
    visit = site_support.Visit(chromium.new_context(), f"{address}/search.html?q=saturated")
    visit.page.locator("#search-results a", has_text="Pass a digit forward").first.wait_for()
    assert visit.problems == []
