"""Every exercise blank, solved, and in each of its typical wrong forms; the notebooks follow from their masters."""

import contextlib
import functools
import io
import itertools
import linecache
import re
from decimal import Decimal

import nbformat
import pytest
from nbclient import NotebookClient
from test_notebooks import FACTS, figures_in, texts, values

from lessonkit.check import verdict
from lessonkit.check.recall import Recall
from tools import exercises
from tools.execute import METADATA

MASTERS = sorted(exercises.MASTERS.glob("[0-9]*.md"))
BLOCKS = {master.stem: exercises.read_master(master) for master in MASTERS}
TIMES = 10  # a mistake must be found whatever data is drawn
CELLS = itertools.count(1)


def run(source, names):
    """Execute a cell as IPython does: its lines can be found again, and its last value is returned."""
    file = f"<cell {next(CELLS)}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    try:
        return eval(compile(source, file, "eval"), names)
    except SyntaxError:
        exec(compile(source, file, "exec"), names)
        return None


def parts(name):
    """The exercises of a master: for each its id, the blocks before it that it needs, and its own, in order."""
    found, before = {}, []
    for block in BLOCKS[name]:
        if block.kind == "solution":
            found[block.name] = {"before": list(before), "solution": block, "wrong": []}
            before.append(block)
            latest = found[block.name]
        elif block.kind == "wrong":
            latest["wrong"].append(block)
        elif block.kind == "check":
            found[block.name]["check"] = block
        elif block.kind == "code":
            before.append(block)
    return found


EXERCISES = {f"{name}/{exercise}": part for name in BLOCKS for exercise, part in parts(name).items()}
WRONG = {f"{label}/{number} {block.name}": (label, block) for label, part in EXERCISES.items()
         for number, block in enumerate(part["wrong"], 1)}


def blank(source):
    """A student's cell as it is handed out."""
    nb = nbformat.v4.new_notebook(cells=[exercises._graded(nbformat.v4.new_code_cell(source), "x", solution=True)],
                                  metadata=METADATA)
    return exercises.released(nb).cells[0].source


@functools.cache
def before(label):
    """The names there are when an exercise begins: all cells before it have run, and what they ask is solved."""
    names = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for block in EXERCISES[label]["before"]:
            run(block.text, names)
    return names


def verdicts(label, answer, times=1):
    """The verdicts on `answer`, a cell's source, of so many checks."""
    names = dict(before(label))
    with contextlib.redirect_stdout(io.StringIO()):
        run(answer, names)
    return [run(EXERCISES[label]["check"].text, names) for _ in range(times)]


# -- every exercise ---------------------------------------------------------------------------------


@pytest.mark.parametrize("label", EXERCISES)
def test_blank_it_is_not_yet_answered(label):
    found, = verdicts(label, blank(EXERCISES[label]["solution"].text))
    assert found.state == verdict.NOT_YET, found
    with pytest.raises(AssertionError, match="Not yet"):
        verdict.demand()


@pytest.mark.parametrize("label", EXERCISES)
def test_solved_it_is_right(label):
    found = verdicts(label, EXERCISES[label]["solution"].text, TIMES)
    assert {each.state for each in found} == {verdict.RIGHT} and verdict.demand() is found[-1], found


@pytest.mark.slow
@pytest.mark.parametrize("label", WRONG)
def test_a_typical_mistake_is_named(label):
    exercise, block = WRONG[label]
    for found in verdicts(exercise, block.text, TIMES):
        assert found.state in (verdict.WRONG, verdict.ERROR) and found.key == block.name, repr(found)
        assert len(found.message.split()) >= 4


@pytest.mark.parametrize("label", EXERCISES)
def test_each_exercise_has_points_hints_and_wrong_forms(label):
    part = EXERCISES[label]
    assert part["check"].points >= 1
    assert len(part["wrong"]) >= 5
    assert "#" in part["solution"].text.split(exercises.BEGIN)[1], "a solution tells its reasoning in comments"


def test_there_are_a_hundred_wrong_forms():
    assert len(WRONG) >= 100


# -- the notebooks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_follow_from_their_master(master):
    assert exercises.stale(master) == [], "run `python -m tools.exercises`"


@pytest.mark.slow
@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_blank_the_notebook_runs_to_its_bottom(master):
    nb = nbformat.read(exercises.EXERCISES / f"{master.stem}.ipynb", as_version=4)
    client = NotebookClient(nb, timeout=120, kernel_name="python3",
                            resources={"metadata": {"path": str(exercises.EXERCISES)}})
    client.widget_registry = {"@jupyter-widgets/output": {}}
    client.execute()
    said = [output.data.get("text/plain", "") for cell in nb.cells if cell.cell_type == "code"
            for output in cell.outputs if "data" in output]
    assert sum(text.startswith("Not yet.") for text in said) == len(parts(master.stem))
    assert not any(output.output_type in ("error", "stream") for cell in nb.cells if cell.cell_type == "code"
                   for output in cell.outputs)


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.stem)
def test_the_solutions_were_run_and_are_right(master):
    nb = nbformat.read(exercises.SOLUTIONS / f"{master.stem}.ipynb", as_version=4)
    cells = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        if "check.demand()" in cell.source:
            assert cell.outputs[-1].data["text/plain"].startswith("Right."), cell.source


@pytest.mark.parametrize("name", BLOCKS)
def test_no_number_in_the_text_without_support(name):
    """Each stands in an output or the code of the solutions (what an exercise gives), or is a published fact."""
    nb = nbformat.read(exercises.SOLUTIONS / f"{name}.ipynb", as_version=4)
    supported = {Decimal(fact) for fact in FACTS}
    for cell in nb.cells:
        if cell.cell_type == "code":
            supported |= values(cell.source.replace("_", ""))
            supported.update(*(values(text) for text in texts(cell)))
    assert {figure for cell in nb.cells if cell.cell_type == "markdown" for figure in figures_in(cell.source)
            if Decimal(figure.replace(",", "")) not in supported} == set()


@pytest.mark.parametrize("name", BLOCKS)
def test_the_student_finds_hints_and_solutions_folded_and_no_answer_open(name):
    nb = nbformat.read(exercises.EXERCISES / f"{name}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    exercise_count = len(parts(name))
    assert 3 <= exercise_count <= 6
    assert len(re.findall("<summary>Solution</summary>", text)) == exercise_count
    assert len(re.findall(r"<summary>Hint(?: \d)?</summary>", text)) >= 2 * exercise_count
    assert re.findall(r"<details><summary>[^<]*</summary>\s*</details>", text) == []
    code = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")
    assert exercises.BEGIN not in code and "HIDDEN" not in code and "demand" not in code
    assert all(cell.execution_count is None and not cell.outputs for cell in nb.cells if cell.cell_type == "code")


def test_the_teaching_notes_list_every_exercise():
    notes = (exercises.EXERCISES.parent.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d\.\d .+?) \|.*\| \d+ \|.*\| [HC] \|$", notes, re.M)
    headings = [f"{int(name[:2])}.{heading}" for name in BLOCKS for block in BLOCKS[name] if block.kind == "text"
                for heading in re.findall(r"^## (\d .+)$", block.text, re.M)]
    assert listed == headings


# -- questions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BLOCKS)
def test_questions_have_one_right_choice_and_a_word_on_each(name):
    asked = [block for block in BLOCKS[name] if block.kind == "recall"]
    assert [block.name for block in asked] == list("12345")
    setup = next(block for block in BLOCKS[name] if block.kind == "code")
    names = {}
    run(setup.text, names)
    places = []
    for block in asked:
        recall = run(block.text, names)
        assert isinstance(recall, Recall)
        question = recall.question
        assert question.right in question.choices and 3 <= len(question.choices) <= 5
        assert all(len(word.split()) >= 3 for word in question.choices.values())
        assert len(set(question.choices.values())) == len(question.choices)
        for choice, word in question.choices.items():
            recall.buttons.value = choice
            heading = "Right." if choice == question.right else "Not this one."
            assert heading in recall.feedback.value
        places.append(recall.choices.index(question.right))
    assert len(set(places)) > 1, "the right choice always stands in the same place"
    with pytest.raises(ValueError, match="no question 6"):
        names["check"].recall(6)


@pytest.mark.parametrize("path", sorted(exercises.EXERCISES.parent.glob("**/exercises/solutions/*.ipynb")), ids=str)
def test_each_question_of_a_solution_is_shown_without_a_kernel(path):
    """On GitHub and on paper: as a still twin beside its text."""
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.source.startswith("check.recall(")]
    shown = [output.data.get("text/html", "") for cell in cells for output in cell.outputs]
    assert cells and len(shown) == len(cells) and all("still-twin" in html for html in shown)
