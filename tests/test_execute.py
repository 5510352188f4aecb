"""The command that re-executes the lessons, and the proof that nbval then notices a changed number or picture."""

import re
import subprocess
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tools import execute

NUMBER = "import sys\nprint(f'{2 / 3:.4f}')\nsys.stderr.write('\\r1/2 ')\nsys.stderr.write('\\r2/2 ')\n1 + 1"
FIGURE = """from lessonkit import figures
figures.show(figures.learning_curves({"cost": [3, 2], "train_acc": [0.5, 0.9], "valid_acc": [0.4, 0.8]}),
             "Learning curves of two epochs.")"""


def write(path, *sources):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nb.metadata["kernelspec"] = {"name": "another", "display_name": "Another"}
    nb.cells[0].metadata["collapsed"] = True
    nbformat.write(nb, path)
    return path


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    path = write(tmp_path_factory.mktemp("lesson") / "lesson.ipynb", NUMBER, FIGURE, NUMBER)
    execute.execute(path)
    return path


CHANGES = {"number": ("0.6667", "0.6668"), "progress": ("2/2 ", "1/2 "), "curve": ("mean 2.500", "mean 2.501"),
           "label": ('y \\"Cost\\"', 'y \\"Price\\"')}


@pytest.fixture(scope="module")
def failed(executed, tmp_path_factory):
    """The copies of the lesson that nbval does not pass: one for each of CHANGES, and one that is unchanged."""
    folder, text = tmp_path_factory.mktemp("changed"), executed.read_text(encoding="utf-8")
    for name, (old, new) in {**CHANGES, "unchanged": ("0.6667", "0.6667")}.items():
        place = text.rindex(old)  # only outputs: the first line of a reading stands in the source too
        (folder / f"{name}.ipynb").write_text(text[:place] + new + text[place + len(old):], encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "-rf"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert "15 items" in done.stdout, done.stdout + done.stderr
    return set(re.findall(r"^FAILED (\w+)\.ipynb::", done.stdout, re.M))


def test_executes_from_a_fresh_kernel_and_normalises(executed):
    nb = nbformat.read(executed, as_version=4)
    assert [cell.execution_count for cell in nb.cells] == [1, 2, 3]
    assert nb.metadata == execute.METADATA and [cell.metadata for cell in nb.cells] == [{}, {}, {}]
    stdout, stderr, result = nb.cells[0].outputs
    assert (stdout.text, stderr.text, result.data["text/plain"]) == ("0.6667\n", "2/2 ", "2")
    assert "execution" not in str(nb.cells[0].metadata)


def test_ids_follow_from_the_source(executed):
    first, figure, again = [cell.id for cell in nbformat.read(executed, as_version=4).cells]
    assert len({first, figure, again}) == 3, "two cells of the same source need ids of their own"
    nb = execute.normalise(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(FIGURE)]))
    assert nb.cells[0].id == figure, "an id must not depend on the cells before it"


def test_a_second_run_changes_nothing(executed):
    before = executed.read_bytes()
    execute.execute(executed)
    assert executed.read_bytes() == before


def test_a_failing_cell_leaves_the_file_as_it_was(tmp_path):
    path = write(tmp_path / "lesson.ipynb", "1 / 0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute.execute(path)
    assert path.read_bytes() == before


def test_an_unknown_lesson_is_named(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["execute", "99_nothing"])
    with pytest.raises(SystemExit, match="no lesson 99_nothing; expected one of 01_data_loading"):
        execute.main()


@pytest.mark.slow
def test_nbval_passes_what_was_executed(failed):
    assert "unchanged" not in failed


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_nbval_fails_on_a_changed(failed, change):
    assert change in failed
