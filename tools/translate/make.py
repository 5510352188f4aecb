"""The notebooks of a language, made from the English ones and the PO files.

A cell of a translated lesson says in its metadata which English text it was translated from:

    "translation": {"of": hash}                       the hash of the English source
    "translation": {"of": hash, "kept": "a reason"}   the English text had changed, and the translation was still right

A hash is only renewed together with the text, or with a reason: a comment `# kept: why` in the PO file.
"""

import copy
import os
import re
import tempfile
from pathlib import Path

import nbformat

from lessonkit import words
from tools import exercises
from tools.execute import METADATA, execute, new_id

from . import catalogue, code

ROOT = Path(__file__).resolve().parent.parent.parent
NOTEBOOKS, DOCS = ROOT / "notebooks", ROOT / "docs"
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb"))
MASTERS = sorted(path.stem for path in exercises.MASTERS.glob("[0-9]*.md"))


class Unfit(Exception):
    """A notebook that cannot be made; its text says why."""


class Work:
    """What is translated as one: a lesson, "01_data_loading", or an exercise, "exercises/01_data_loading"."""

    def __init__(self, language, name):
        self.language, self.name = language, name
        self.is_exercise = name.startswith("exercises/")
        self.source = exercises.MASTERS / f"{Path(name).name}.md" if self.is_exercise else NOTEBOOKS / f"{name}.ipynb"
        self.folder = NOTEBOOKS / language
        self.po = self.folder / "texts" / f"{name}.po"
        self.target = self.folder / f"{name}.ipynb"

    def pieces(self):
        return (catalogue.exercise_pieces if self.is_exercise else catalogue.lesson_pieces)(self.source)

    def catalog(self):
        return catalogue.read(self.po, self.language)

    def update(self):
        """Bring new and changed English texts into the PO file."""
        catalogue.update(self.po, catalogue.template(self.pieces()), self.language)

    def faults(self):
        """What keeps it from being made."""
        return catalogue.faults(self.catalog(), self.pieces())

    def translate(self, source, is_prose, target=None):
        """A cell or a block in this language; its links lead from `target` or from where the notebook stands."""
        texts = catalogue.translations(self.catalog()) if not hasattr(self, "_texts") else self._texts
        self._texts = texts
        if is_prose:
            return relinked(texts[source], self.source_place, target or self.target, self.language)
        return code.translated(source, texts.__getitem__, self.language)

    @property
    def source_place(self):
        """Where the English notebook stands, from which its links lead."""
        return NOTEBOOKS / f"{self.name}.ipynb"

    def notebooks(self):
        """Path -> notebook, without outputs."""
        if faults := self.faults():
            raise Unfit(f"{self.name} cannot be made in {self.language}:\n  " + "\n  ".join(faults))
        self._texts = catalogue.translations(self.catalog())
        return self._exercise_notebooks() if self.is_exercise else {self.target: self._lesson()}

    def _lesson(self):
        nb, reasons, ids = nbformat.read(self.source, as_version=4), catalogue.reasons(self.catalog()), set()
        for cell in nb.cells:
            english = cell.source
            cell.source = self.translate(english, cell.cell_type == "markdown")
            cell.metadata["translation"] = nbformat.from_dict(_origin(english, cell.cell_type, reasons))
            cell.id = new_id(cell.source, ids)
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nb.metadata = nbformat.from_dict(METADATA)
        return nb

    def _exercise_notebooks(self):
        blocks, reasons = exercises.read_master(self.source), catalogue.reasons(self.catalog())
        translated = [block if block.kind == "wrong" else
                      block._replace(text=self.translate(block.text, block.kind in ("text", "hint")))
                      for block in blocks]
        english = exercises.solution_notebook(blocks)
        with words.spoken(self.language):
            solutions = exercises.solution_notebook(translated)
            student = exercises.student_notebook(solutions)
        for nb, origin in ((solutions, english), (student, exercises.student_notebook(english))):
            for cell, source in zip(nb.cells, origin.cells, strict=True):
                cell.metadata["translation"] = nbformat.from_dict(_origin(source.source, cell.cell_type, reasons))
        return {self.target.parent / "solutions" / self.target.name: solutions, self.target: student}

    def make(self, run=False):
        """Write the notebooks.

        What has the same code as before keeps its outputs, unless `run`; the rest is executed.
        """
        for path, nb in self.notebooks().items():
            before = nbformat.read(path, as_version=4) if path.exists() else None
            if before:
                refuse_silent_renewal(before, nb, self.name)
            runs = not self.is_exercise or path.parent.name == "solutions"
            path.parent.mkdir(parents=True, exist_ok=True)
            if before and runs and not run and _code(before) == _code(nb):
                for old, new in zip(_code_cells(before), _code_cells(nb)):
                    new.outputs, new.execution_count = old.outputs, old.execution_count
            elif runs:
                with tempfile.TemporaryDirectory() as folder:
                    scratch = Path(folder) / path.name
                    nbformat.write(nb, scratch)
                    execute(scratch, folder=path.parent)
                    nb = nbformat.read(scratch, as_version=4)
            nbformat.write(nb, path)

    def stale(self):
        """The notebooks that do not follow from the English ones and the PO file any more, by name."""
        return [path.relative_to(ROOT).as_posix() for path, nb in self.notebooks().items()
                if not path.exists() or _content(nbformat.read(path, as_version=4)) != _content(nb)]


def _origin(english, kind, reasons):
    """What a translated cell says of its English source."""
    texts = [text.text for text in code.texts(english)] if kind == "code" else []
    why = [reason for text, reason in reasons.items() if text in texts or kind == "markdown" and text in english]
    return {"of": catalogue.digest(english)} | ({"kept": "; ".join(why)} if why else {})


def works(language):
    """All that there is to translate."""
    return [Work(language, name) for name in [*LESSONS, *(f"exercises/{name}" for name in MASTERS)]]


def refuse_silent_renewal(before, after, name):
    """Raise Unfit if a cell is said to be translated from another English text, and nothing else has changed on it."""
    of = {cell.source: cell.metadata.get("translation", {}).get("of") for cell in before.cells}
    silent = [cell.source for cell in after.cells if of.get(cell.source) not in (None, cell.metadata.translation.of)
              and not cell.metadata.translation.get("kept")]
    # The same source can stand in a lesson twice.
    known = {(cell.source, cell.metadata.get("translation", {}).get("of")) for cell in before.cells}
    silent = [source for cell in after.cells if (source := cell.source) in silent
              and (source, cell.metadata.translation.of) not in known]
    if silent:
        raise Unfit(f"{name}: the English text of these cells has changed, and their translation has not. Change it, "
                    f"or "
                    f"say why it stays: a comment `# {catalogue.KEPT}...` at its entry in the PO file.\n  "
                    + "\n  ".join(" ".join(source.split())[:70] for source in dict.fromkeys(silent)))


def relinked(text, source, target, language):
    """`text` with its relative links, which lead from the English notebook `source`, leading from `target`.

    They lead to what there is in the language, and else to the English one.
    """
    def link(match):
        address, *anchor = match[1].split("#")
        if not address or re.match(r"[a-z]+:", address):
            return match[0]
        there = Path(os.path.normpath(source.parent / address))
        place = next(path for path in (*counterparts(there, language), there) if path.exists() or path == there)
        new = Path(os.path.relpath(place, target.parent)).as_posix()
        return f"]({'#'.join([new, *anchor])})"

    return re.sub(r"\]\(([^)\s]+)\)", link, text)


def counterparts(path, language):
    """Where `path` would stand in the language."""
    if path == ROOT / "README.md":
        return [ROOT / f"README.{language}.md"]
    for folder in (NOTEBOOKS, DOCS):
        if folder in path.parents:
            return [folder / language / path.relative_to(folder)]
    return []


def _code_cells(nb):
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def _code(nb):
    return [cell.source for cell in _code_cells(nb)]


def _content(nb):
    return [(cell.cell_type, cell.source, copy.deepcopy(cell.metadata), cell.id) for cell in nb.cells]
