"""The table of runs in a real browser: sorted by mouse and keys, lines copied and pasted, CSV saved, nothing cut."""

import csv
import io
from pathlib import Path

import pytest
from test_browser import written

from tools import browser

pytestmark = [pytest.mark.slow, pytest.mark.skipif(browser.missing() is not None,
                                                 reason=f"no page is opened: {browser.missing()}")]
SIZES = browser.PHONE, browser.TABLET, browser.DESK
SOURCES = ["from lessonkit.playground import Playground, RunsTable\n"
           "playground = Playground(n_hidden=5, epochs=2, digits=500)\nplayground.train(2)\nplayground",
           "RunsTable(playground)"]


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return written(tmp_path_factory.mktemp("table"), "table", SOURCES)


@pytest.fixture(scope="module")
def lesson(notebook):
    """The notebook, run; the table has one run, and a second of another rate and seed, begun on the page."""
    with browser.lab([notebook]) as lab, lab.lesson("table") as lesson:
        lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
        lesson.run_all()
        yield lesson


@pytest.fixture
def table(lesson):
    playground, table = lesson.explorers()
    assert (playground.name, table.name) == ("Playground", "RunsTable")
    table.box.locator("tbody tr").first.wait_for()
    if table.box.locator("tbody tr").count() == 1:
        for control in playground.controls():
            if control.label in ("Learning rate", "Seed"):
                assert control.press("ArrowRight")
        playground.press("Start")
        table.box.locator("tbody tr", has_text="finished").nth(1).wait_for(timeout=60_000)
    return table


def column(table, place):
    """The texts of a column; 0 is the number of the run."""
    return [row.locator("th, td").nth(place).text_content() for row in table.box.locator("tbody tr").all()]


def sorted_by(table):
    return [(head.text_content(), head.get_attribute("aria-sort")) for head in table.box.locator("thead th").all()
            if head.get_attribute("aria-sort") != "none"]


def text(table):
    return table.box.locator(".shown textarea").input_value()


def wait_for_message(table, words):
    table.box.locator(".message", has_text=words).wait_for(timeout=60_000)


def test_a_heading_sorts_by_mouse_and_by_keys_and_says_so(table):
    assert column(table, 0) == ["1", "2"] and sorted_by(table) == [("Run", "ascending")]
    rates = [head.text_content() for head in table.box.locator("thead th").all()].index("Learning rate")
    table.box.get_by_role("button", name="Learning rate").click()
    table.box.locator("th[aria-sort=ascending]", has_text="Learning rate").wait_for()
    table.lesson.page.keyboard.press("Enter")  # the heading still has the focus
    table.box.locator("th[aria-sort=descending]", has_text="Learning rate").wait_for()
    table.box.locator("tbody tr th", has_text="2").and_(table.box.locator("tbody tr:first-child th")).wait_for()
    assert column(table, 0) == ["2", "1"] and column(table, rates) == ["0.01", "0.005"]
    table.press("Run")
    table.box.locator("th[aria-sort=ascending]", has_text="Run").wait_for()
    table.box.locator("tbody tr:first-child th", has_text="1").wait_for()


def test_the_arrow_of_a_heading_is_seen_and_not_read_out(table):
    head = table.box.locator("thead th", has_text="Run").first
    assert "\u25b2" in head.evaluate("head => getComputedStyle(head.firstChild, '::after').content")
    nodes = table.lesson.page.context.new_cdp_session(table.lesson.page).send("Accessibility.getFullAXTree")["nodes"]
    names = [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "columnheader"]
    assert "Run" in [name.strip() for name in names], names


def test_a_run_is_chosen_by_mouse_and_by_keys(table):
    table.box.locator("tbody tr").first.locator("td").nth(3).click()
    assert table.box.locator("tr.chosen th").text_content() == "1"
    table.press("Run 2")
    assert table.box.locator("tr.chosen th").text_content() == "2"
    assert table.box.locator("button[aria-pressed=true]").text_content() == "2"


def test_a_line_is_copied_compared_and_run_again(table):
    table.press("Run 2")
    table.press("Line of text")
    table.box.locator(".shown label", has_text="Run 2 as a line of text").wait_for()
    line = text(table)
    assert line.startswith("mlp-run n_hidden=5 ") and line.endswith(" end=finished") and " eta=0.01 " in line
    table.press("Copy")
    table.box.locator(".shown [role=status]", has_text="Copied.").wait_for()
    assert table.lesson.page.evaluate("navigator.clipboard.readText()") == line

    field = table.box.get_by_label("A line from somebody else")
    field.focus()
    table.lesson.page.keyboard.press("Control+v")
    table.press("Compare with the chosen run")
    wait_for_message(table, "The same, to the last digit")
    field.fill("mlp-run eta=fast")
    table.press("Compare with the chosen run")
    wait_for_message(table, "the line says nothing of")
    field.fill(line)
    table.press("Run it again here")
    table.box.locator("tbody tr", has_text="finished").nth(2).wait_for(timeout=60_000)
    assert table.box.locator("tr.chosen th").text_content() == "3"
    table.press("Compare with the chosen run")
    wait_for_message(table, "The same, to the last digit")


def test_letters_in_the_fields_are_no_commands_of_the_page(table):
    cells = table.lesson.page.locator(".jp-Notebook .jp-Cell").count()
    table.press("Line of text")
    for field in (table.box.get_by_label("A line from somebody else"), table.box.locator(".shown textarea")):
        field.focus()
        table.lesson.page.keyboard.type("dd a b x")  # delete, insert above, below, cut a cell
        assert field.input_value().endswith("dd a b x")
    assert table.lesson.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_code_is_shown_and_csv_is_saved(table):
    table.press("Show as code")
    table.box.locator(".shown label", has_text="as code").wait_for()
    assert text(table).startswith("from mlp_core import")
    table.press("All runs as CSV")
    table.box.locator(".shown label", has_text="All runs as CSV").wait_for()
    with table.lesson.page.expect_download() as download:
        table.press("Save as a file")
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename == "runs.csv"
    assert [row["run"] for row in csv.DictReader(io.StringIO(saved))] == column(table, 0)


def test_the_focus_stays_while_a_run_goes_on(table):
    table.press("Run 1")
    before = table.box.locator("tbody tr").count()
    table.lesson.explorers()[0].press("New run")
    table.lesson.explorers()[0].press("Start")
    table.box.get_by_role("button", name="Run 1", exact=True).focus()
    table.box.locator("tbody tr", has_text="finished").nth(before).wait_for(timeout=60_000)
    assert table.lesson.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Run 1"


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut(table, size):
    assert table.lesson.cut(size, ".RunsTable") == []


def test_a_screen_reader_misses_nothing(table, axe):
    table.press("Line of text")
    assert table.lesson.unreadable(axe, ".RunsTable") == []


def test_nothing_went_wrong(lesson, table):
    assert lesson.problems() == []
