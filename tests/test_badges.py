"""Badges, the cell for Colab and the link for a hub: all made from the one setting, and none without it."""

import re

import nbformat
import pytest

from tools import badges
from tools.execute import normalise

SET = badges.Repository("https://github.com/someone/digits", "trunk")
UNSET = badges.Repository("")
CELL = "# Load the digits\n\nYou turn the bytes."


def test_every_file_is_as_the_setting_says():
    paths = [str(path.relative_to(badges.ROOT)) for path in badges.stale(badges.Repository.of_this_course())]
    assert paths == [], "run `python -m tools.badges`"


def test_a_lesson_gets_its_badges_and_loses_them_again():
    with_badges = badges.updated_title(CELL, "01_data_loading", SET)
    assert with_badges.startswith("# Load the digits\n\n<!--")
    assert with_badges.endswith("<!-- end -->\n\nYou turn the bytes.")
    assert "/github/someone/digits/blob/trunk/notebooks/01_data_loading.ipynb)" in with_badges
    assert "/gh/someone/digits/trunk?urlpath=lab%2Ftree%2Fnotebooks%2F01_data_loading.ipynb)" in with_badges
    assert badges.colab_cell(SET.address) in with_badges
    assert badges.updated_title(with_badges, "01_data_loading", SET) == with_badges
    assert badges.updated_title(with_badges, "01_data_loading", UNSET) == CELL


def test_no_link_without_an_address():
    assert badges.updated_title(CELL, "01_data_loading", UNSET) == CELL
    assert UNSET.badges() == "" and "OWNER/NAME" in UNSET.blocks()["colab"]


def test_pages_have_the_blocks():
    used = set()
    for page in badges.PAGES:
        text = (badges.ROOT / page).read_text(encoding="utf-8")
        names = [match[2] for match in badges.BLOCK.finditer(text)]
        assert len(names) == len(re.findall("<!-- made by", text)) == len(re.findall("<!-- end", text)) > 0, page
        used.update(names)
        new = badges.updated(text, SET)
        assert "someone/digits" in new or "someone%2Fdigits" in new and badges.updated(new, UNSET) == text
        assert "OWNER/NAME" not in new
    assert used == UNSET.blocks().keys()


def test_a_changed_file_is_found_and_written_in_normal_form(tmp_path, monkeypatch):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(CELL), nbformat.v4.new_code_cell("1 + 1")])
    nb = normalise(nb)
    nb.cells[1].outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)]
    path = tmp_path / "01_data_loading.ipynb"
    nbformat.write(nb, path)
    monkeypatch.setattr(badges, "LESSONS", tmp_path)
    monkeypatch.setattr(badges, "PAGES", ())
    badges.stale(SET)[path]()
    written = nbformat.read(path, as_version=4)
    assert written.cells[1] == nb.cells[1] and "someone/digits" in written.cells[0].source
    assert [cell.id for cell in written.cells] == [cell.id for cell in normalise(written).cells]
    assert badges.stale(SET) == {}


@pytest.mark.parametrize("address", ["github.com/a/b", "https://github.com/a", "https://github.com/a/b/",
                                     "https://example.org/a/b"])
def test_an_address_of_another_form_is_named(address):
    with pytest.raises(ValueError, match=f"{re.escape(address)}.*expected https://github.com/OWNER/NAME"):
        badges.Repository(address)
