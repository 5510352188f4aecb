"""Which cell begins a slide: one rule for all lessons, kept in the cells' metadata, where other programs find it too.

- A heading begins a slide, and any other text the next step below it. A question is text, so it stands alone.
- The widget of a question (`Guess`) stands with the question, and the cell that answers it begins the next step.
- An explorer has a step of its own.
- Any other code, with its output, comes by a key press below the text that introduces it.
"""

import copy
import re

import nbformat

from tools.execute import LESSONS

HEADING = re.compile(r"#{1,2} ")
EXPLORER = re.compile(r"[A-Z]\w+\(.*\)", re.S)


def is_guess(cell):
    """Whether a cell holds the widget of a question."""
    return cell.cell_type == "code" and cell.source.startswith("guess = Guess(")


def is_explorer(cell):
    """Whether a cell shows an explorer, and does nothing else."""
    return cell.cell_type == "code" and EXPLORER.fullmatch(cell.source) is not None


def slide_types(cells):
    """The slide type of each cell, as a list: slide, subslide, fragment, or - for what belongs to the cell above it."""
    types, asked = [], False
    for cell in cells:
        if cell.cell_type == "markdown":
            types.append("slide" if HEADING.match(cell.source) else "subslide")
        elif is_guess(cell):
            types.append("-")
            asked = True
        elif is_explorer(cell) or asked:
            types.append("subslide")
            asked = False
        else:
            types.append("fragment")
    return types


def tagged(nb):
    """A copy of the notebook in which each cell has its slide type."""
    nb = copy.deepcopy(nb)
    for cell, kind in zip(nb.cells, slide_types(nb.cells)):
        cell.metadata["slideshow"] = nbformat.from_dict({"slide_type": kind})
        cell.metadata = nbformat.from_dict(dict(sorted(cell.metadata.items())))
    return nb


def stale(paths=None):
    """The lessons whose cells do not have the slide types of the rule, path -> the notebook as it should be."""
    found = {}
    for path in sorted(LESSONS.glob("[0-9]*.ipynb")) if paths is None else paths:
        nb = nbformat.read(path, as_version=4)
        if (new := tagged(nb)) != nb:
            found[path] = new
    return found
