"""Run notebooks from a fresh kernel, top to bottom, and write them in one normal form.

    python -m tools.execute                   # all lessons
    python -m tools.execute 04_training       # one

After it a diff shows content alone: cell ids follow from the source, metadata says no more than the kernel's name, and
outputs hold no times. A lesson whose cell fails is left as it was.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

LESSONS = Path(__file__).resolve().parent.parent / "notebooks"
METADATA = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"}}
CELL_SECONDS = 600
KEPT_METADATA = "nbgrader", "slideshow", "tags", "translation"
LIVE = "application/vnd.jupyter.widget-view+json"


def execute(path, folder=None):
    """Run the notebook at `path` and write it back in normal form; raise CellExecutionError if a cell fails.

    It runs in its own folder, or in `folder`.
    """
    nb = normalise(nbformat.read(path, as_version=4))
    client = NotebookClient(nb, timeout=CELL_SECONDS, kernel_name="python3", record_timing=False, coalesce_streams=True,
                            resources={"metadata": {"path": str(folder or path.parent)}})
    # nbclient's own emulation of Output widgets can hang; no lesson uses one.
    client.widget_registry = {"@jupyter-widgets/output": {}}
    nb = client.execute()
    nb.metadata = nbformat.from_dict(METADATA)  # drops the kernel's version and the widgets' state
    for cell in nb.cells:
        # A reference to a live widget is void in a saved file: its still twin, the output before it, is shown then.
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if LIVE not in output.get("data", {})]
    nbformat.write(nb, path)


def normalise(nb):
    """`nb` without outputs, with ids that follow from the cells' sources.

    Of its metadata remain tags, slide types (tools/slides/rule.py), nbgrader's, and what it was translated from
    (tools/translate).
    """
    nb.metadata = nbformat.from_dict(METADATA)
    nb.nbformat, nb.nbformat_minor = 4, 5
    ids = set()
    for cell in nb.cells:
        cell.source = cell.source.strip("\n")
        cell.metadata = nbformat.from_dict({name: cell.metadata[name] for name in KEPT_METADATA
                                            if cell.metadata.get(name)})
        cell.id = new_id(cell.source, ids)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


def new_id(source, ids):
    """An id for a cell that follows from its source; `ids` are those given already, and get it."""
    salt = 0
    while (name := hashlib.sha256(f"{source}{salt or ''}".encode()).hexdigest()[:8]) in ids:
        salt += 1  # the same source twice
    ids.add(name)
    return name


def lessons(names=(), language="en"):
    """The paths of a language's lessons with these `names`, of all in order without any.

    A number will do for a name. Ends the command where there is none such.
    """
    folder = LESSONS if language == "en" else LESSONS / language
    known = sorted(folder.glob("[0-9]*.ipynb"))
    paths = []
    for name in names or [path.stem for path in known]:
        found = [path for path in known if path.stem == Path(name).stem or path.stem.startswith(f"{name}_")]
        if not found:
            sys.exit(f"there is no lesson {name}{'' if language == 'en' else f' in {language}'}; expected one of "
                     f"{', '.join(path.stem for path in known) or 'none: that language has no lessons'}.")
        paths += found
    return paths


def language_of(path):
    """The language of the lesson at `path`."""
    folder = Path(path).resolve().parent
    return folder.name if folder.parent == LESSONS and folder.name != "exercises" else "en"


def main():
    parser = argparse.ArgumentParser(description="Run notebooks from a fresh kernel and write them in one normal form.")
    parser.add_argument("lessons", nargs="*", help="names such as 04_training (default: all)")
    for path in lessons(parser.parse_args().lessons):
        print(path.stem, flush=True)
        try:
            execute(path)
        except CellExecutionError as error:
            sys.exit(f"{path.stem} was left as it was: {error}")


if __name__ == "__main__":
    main()
