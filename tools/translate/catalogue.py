"""The PO files: what they must hold, how they are renewed, and what is wrong with them.

A text stands in its PO file once, however often a lesson says it. An entry that is marked `fuzzy` is not translated:
the English text has changed, and `#| msgid` is what it was.
"""

import hashlib
import io
import re
from datetime import datetime
from typing import NamedTuple

import nbformat
from babel.messages import pofile
from babel.messages.catalog import Catalog

from tools import exercises

from . import code, prose

KEPT = "kept: "  # begins a translator's comment: why the translation stays though the English text has changed
NO_HEADERS = ("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator",
              "Language-Team", "Generated-By")  # times, names and versions, which change without any text


class Piece(NamedTuple):
    """A part of a lesson or an exercise that is translated as one: a cell or a block."""

    kind: str  # "prose" or "code"
    source: str
    where: str  # for people


class Incomplete(Exception):
    """A catalogue from which no notebook can be made; its text names what is missing, an entry a line."""


def lesson_pieces(path):
    """The cells of the English lesson at `path`."""
    return _named(("prose" if cell.cell_type == "markdown" else "code", cell.source, f"cell {number}")
                  for number, cell in enumerate(nbformat.read(path, as_version=4).cells, 1))


def exercise_pieces(path):
    """The blocks of the master at `path` that students see."""
    return _named(("prose" if block.kind in ("text", "hint") else "code", block.text, f"block {number}, {block.kind}")
                  for number, block in enumerate(exercises.read_master(path), 1) if block.kind != "wrong")


def _named(pieces):
    heading, named = "", []
    for kind, source, where in pieces:
        heading = _last_heading(source) if kind == "prose" and _last_heading(source) else heading
        named.append(Piece(kind, source, f"{where} ({heading})"))
    return named


def _last_heading(source):
    headings = re.findall(r"^#+ (.+)$", source, re.M)
    return headings[-1] if headings else ""


def texts_of(piece):
    """The texts of a piece, in order, each with a note for translators."""
    if piece.kind == "prose":
        return [(piece.source, piece.where)]
    lines = piece.source.splitlines()
    return [(text.text, f"{piece.where}: {lines[piece.source.count(chr(10), 0, text.start)].strip()}")
            for text in code.texts(piece.source)]


# -- files ------------------------------------------------------------------------------------------


def template(pieces):
    """The catalogue of all texts of `pieces`, without translations."""
    catalog, notes = Catalog(fuzzy=False), {}
    for piece in pieces:
        for text, note in texts_of(piece):
            notes.setdefault(text, [])
            if note not in notes[text]:
                notes[text].append(note)
    for text, where in notes.items():
        catalog.add(text, auto_comments=where[:3] + [f"and {len(where) - 3} more"] * (len(where) > 3))
    return catalog


def read(path, language):
    """The catalogue in the PO file at `path`; an empty one if there is none yet."""
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return pofile.read_po(file, locale=language, abort_invalid=True)


def write(path, catalog, **options):
    """Write `catalog` in one normal form, so that a diff shows texts alone."""
    for message in catalog:
        message.flags -= {"python-format", "python-brace-format"}  # guessed from a sign such as %
    catalog.fuzzy = False
    written = io.BytesIO()
    pofile.write_po(written, catalog, width=110, include_previous=True, **options)
    lines = written.getvalue().decode().splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith(tuple(f'"{name}:' for name in NO_HEADERS))]
    # Without Babel's opening comment, which has a year and a name.
    text = re.sub(r"\A(#.*\n)+", "", "".join(lines)).strip("\n") + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="\n")


def update(path, catalog, language, **options):
    """Bring the texts of the template `catalog` into the PO file at `path`, and keep every translation.

    A changed text keeps its old translation, marked fuzzy, with the text that this was made from; what is no longer
    needed stands at the end, as a comment.
    """
    kept = read(path, language)
    known = {message.id for message in kept if message.id}
    kept.update(catalog, no_fuzzy_matching=False)
    for key in [key for key, message in kept.obsolete.items() if not message.string]:
        del kept.obsolete[key]
    for message in kept:
        if message.id and message.id not in known:  # the reason was given for another text
            message.user_comments = [comment for comment in message.user_comments if not comment.startswith(KEPT)]
    kept.creation_date = kept.revision_date = datetime(2000, 1, 1)
    write(path, kept, **options)


def translations(catalog):
    """Text -> translation, of the entries that are translated."""
    return {message.id: message.string for message in catalog if message.id and message.string and not message.fuzzy
            and isinstance(message.id, str) and not message.context}


def reasons(catalog):
    """Text -> why its translation was kept when it changed."""
    return {message.id: comment.removeprefix(KEPT) for message in catalog for comment in message.user_comments
            if comment.startswith(KEPT)}


# -- what is wrong ----------------------------------------------------------------------------------


def faults(catalog, pieces):
    """What keeps the notebook of `pieces` from being made, a sentence each, by the name of its cell."""
    entries = {message.id: message for message in catalog if message.id}
    found, seen = [], set()
    for piece in pieces:
        for text, _ in texts_of(piece):
            if text in seen:
                continue
            seen.add(text)
            message = entries.get(text)
            if message is None:
                problems = ["is new or changed: run `python -m tools.translate LANGUAGE --update`"]
            elif message.fuzzy:
                problems = ["has changed in English since it was translated (fuzzy)"]
            elif not message.string:
                problems = ["is not translated"]
            else:
                check = prose.faults if piece.kind == "prose" else prose.code_faults
                problems = check(text, message.string)
            found += [f"{piece.where}: {_short(text)} {problem}" for problem in problems]
    found += [f"orphan: {_short(text)} is in the PO file, and in no English cell: run "
              "`python -m tools.translate LANGUAGE --update`" for text in entries if text not in seen]
    return found


def _short(text):
    line = " ".join(text.split())
    return f'"{line if len(line) <= 60 else line[:57] + "..."}"'


def digest(source):
    """The hash that a translated cell keeps of the English source."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]
