"""Make the students' exercise notebooks and the solutions from their masters.

    python -m tools.exercises                     # all: notebooks/exercises/ and notebooks/exercises/solutions/
    python -m tools.exercises 01_data_loading     # one
    python -m tools.exercises --check             # say which are stale, change nothing

A master, notebooks/exercises/masters/NAME.md, is Markdown with code cells as fenced blocks:

    ```python                     a cell as it is
    ```python solution=ID         the student's cell: lines between ### BEGIN SOLUTION and ### END SOLUTION are the
                                  solution, comments with its reasoning among them; above them stands what remains blank
    ```python wrong="KEY"         a typical wrong answer to it, and the key of the verdict that finds it: for tests
                                  alone
    ```python check=ID points=N   the cell that checks it
    ```python recall=N            a question
    ```hint                       a step of help, folded in the student's notebook

The solutions are nbgrader's source notebooks, with its metadata; the student's are made from them by nbgrader's own
preprocessors, as `nbgrader generate_assignment` does, and then get each solution below its check, folded. Solutions are
executed, so that their numbers stand in the repository.
"""

import argparse
import copy
import html
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import nbformat
from markdown_it import MarkdownIt

from lessonkit.words import _
from tools.execute import METADATA, execute, new_id

EXERCISES = Path(__file__).resolve().parent.parent / "notebooks" / "exercises"
MASTERS, SOLUTIONS = EXERCISES / "masters", EXERCISES / "solutions"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
GRADED = "{check}\n### BEGIN HIDDEN TESTS\ncheck.demand()\n### END HIDDEN TESTS"


class Block(NamedTuple):
    """A piece of a master: `kind` is text, code, solution, wrong, check, recall or hint."""

    kind: str
    name: str  # the ID of a solution or check, the key of a wrong answer, the number of a question
    text: str
    points: int = 0


def read_master(path):
    """The blocks of a master, in order."""
    text = Path(path).read_text(encoding="utf-8")
    lines, blocks, at = text.splitlines(), [], 0
    for token in MarkdownIt().parse(text):
        if token.type != "fence" or token.level:
            continue
        language, *rest = shlex.split(token.info) or [""]
        if language not in ("python", "hint"):
            continue
        blocks += _text(lines[at:token.map[0]])
        at = token.map[1]
        options = dict(word.split("=", 1) for word in rest)
        kind = "hint" if language == "hint" else next(iter(options), "code")
        if kind not in ("hint", "code", "solution", "wrong", "check", "recall"):
            raise ValueError(f"{path}, line {token.map[0] + 1}: {kind!r} is no kind of block; expected solution, "
                             "wrong, check or recall.")
        blocks.append(Block(kind, options.get(kind, ""), token.content.rstrip("\n"), int(options.get("points", 0))))
    return blocks + _text(lines[at:])


def _text(lines):
    text = "\n".join(lines).strip("\n")
    return [Block("text", "", text)] if text.strip() else []


# -- notebooks --------------------------------------------------------------------------------------


def solution_notebook(blocks):
    """The notebook with the solutions, as nbgrader takes it as a source."""
    cells, hints = [], []
    for block in [*blocks, Block("end", "", "")]:
        if block.kind == "hint":
            hints.append(block.text)
            continue
        if hints:  # they stand at the end of the exercise's text, or in a cell of their own below its code
            if cells[-1].cell_type == "code":
                cells.append(nbformat.v4.new_markdown_cell(""))
            steps = [folded(_("Hint {number}").format(number=number) if len(hints) > 1 else _("Hint"), text)
                     for number, text in enumerate(hints, 1)]
            cells[-1].source = "\n\n".join(filter(None, [cells[-1].source, "\n".join(steps)]))
            hints = []
        if block.kind == "text":
            cells.append(nbformat.v4.new_markdown_cell(block.text))
        elif block.kind == "check":
            cells.append(_graded(nbformat.v4.new_code_cell(GRADED.format(check=block.text)), f"{block.name}-check",
                                 grade=True, locked=True, points=block.points))
        elif block.kind == "solution":
            cells.append(_graded(nbformat.v4.new_code_cell(block.text), block.name, solution=True))
        elif block.kind in ("code", "recall"):
            cells.append(nbformat.v4.new_code_cell(block.text))
    return _notebook(cells)


def _graded(cell, name, grade=False, solution=False, locked=False, points=None):
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, "grade": grade, "solution": solution,
                                 "task": False, "locked": locked} | ({"points": points} if grade else {})
    return cell


def student_notebook(solutions):
    """The notebook as the student gets it: `solutions` without answers, and each answer folded below its check."""
    nb = released(solutions)
    answers = {cell.metadata.nbgrader.grade_id: solution_in(cell.source) for cell in solutions.cells
               if cell.metadata.get("nbgrader", {}).get("solution")}
    cells = []
    for cell in nb.cells:
        cells.append(cell)
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if name.endswith("-check"):
            code = answers[name.removesuffix("-check")]
            cells.append(nbformat.v4.new_markdown_cell(folded(_("Solution"), f"```python\n{code}\n```")))
    return _notebook(cells)


def released(solutions):
    """`solutions` as nbgrader releases them to students."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions, LockCells
    from traitlets.config import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", str(EXERCISES)).load_config()
    config.ClearSolutions.code_stub = {"python": _("# Write your own lines here.")}
    nb, resources = copy.deepcopy(solutions), {}
    for step in (LockCells, ClearSolutions, ClearHiddenTests, ClearOutput):
        nb, resources = step(config=config).preprocess(nb, resources)
    return nb


def solution_in(source):
    """The solution as it is shown: the cell without markers and blanks.

    Of a function that is repaired it is the repaired one.
    """
    inner, kept, inside = [], [], False
    for line in source.splitlines():
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif inside:
            inner.append(line)
            kept.append(line)
        elif not re.fullmatch(r"\s*\w+ = \.\.\.(\s*#.*)?", line):
            kept.append(line)
    return "\n".join(inner if any(line.startswith("def ") for line in inner) else kept).strip("\n")


def folded(summary, text):
    """Markdown that opens on request; it does so in JupyterLab, Colab and on GitHub, by mouse and by keyboard."""
    return f"<details><summary>{html.escape(summary)}</summary>\n\n{text}\n\n</details>"


def _notebook(cells):
    ids = set()
    for cell in cells:
        cell.id = new_id(cell.source, ids)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nb = nbformat.v4.new_notebook(cells=cells, metadata=nbformat.from_dict(METADATA))
    nb.nbformat_minor = 5
    return nb


# -- the command ------------------------------------------------------------------------------------


def make(master):
    """Write the two notebooks of a master; the solutions are executed."""
    solutions = solution_notebook(read_master(master))
    SOLUTIONS.mkdir(exist_ok=True)
    target = SOLUTIONS / f"{master.stem}.ipynb"
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder) / target.name
        nbformat.write(solutions, scratch)
        execute(scratch, folder=SOLUTIONS)
        target.write_bytes(scratch.read_bytes())
    nbformat.write(student_notebook(solutions), EXERCISES / target.name)


def stale(master):
    """The notebooks that do not follow from a master any more, by name."""
    solutions = solution_notebook(read_master(master))
    expected = {SOLUTIONS / f"{master.stem}.ipynb": solutions,
                EXERCISES / f"{master.stem}.ipynb": student_notebook(solutions)}
    return [str(path.relative_to(EXERCISES)) for path, nb in expected.items()
            if not path.exists() or _content(nbformat.read(path, as_version=4)) != _content(nb)]


def _content(nb):
    return [(cell.cell_type, cell.source, cell.metadata, cell.id) for cell in nb.cells]


def main():
    parser = argparse.ArgumentParser(description="Make the exercise notebooks and their solutions from the masters.")
    parser.add_argument("names", nargs="*", help="names such as 01_data_loading (default: all)")
    parser.add_argument("--check", action="store_true", help="only say which notebooks are stale")
    arguments = parser.parse_args()
    masters = [MASTERS / f"{Path(name).stem}.md" for name in arguments.names] or sorted(MASTERS.glob("[0-9]*.md"))
    for master in masters:
        if not master.exists():
            sys.exit(f"there is no master {master.stem}; expected one of "
                     f"{', '.join(path.stem for path in sorted(MASTERS.glob('[0-9]*.md')))}.")
    if arguments.check:
        if found := [name for master in masters for name in stale(master)]:
            sys.exit(f"stale: {', '.join(found)}. Run `python -m tools.exercises`.")
        return
    for master in masters:
        print(master.stem, flush=True)
        make(master)


if __name__ == "__main__":
    main()
