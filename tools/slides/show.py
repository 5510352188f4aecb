"""A lesson's slide show as a page: its cells cut where they are too long for one slide, its notes beside them.

What fits is estimated here, from the length of lines and the pixels of pictures, on a slide of 1280 x 720; the page's
own script then measures, and makes the type of a slide a little smaller where the estimate was too kind.
"""

import base64
import copy
import html
import importlib.util
import re
import shutil
import struct
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbconvert.exporters import SlidesExporter

from lessonkit import words
from lessonkit.tables import width
from lessonkit.words import N_, _
from tools import fonts
from tools.execute import LESSONS, language_of, lessons
from tools.slides.rule import is_explorer, is_guess, tagged

HERE = Path(__file__).resolve().parent
# Pixels of a slide: what stands between its margins, a line of prose, a line of code.
ROOM, PROSE_LINE, CODE_LINE, TABLE_ROW, PARAGRAPH, FORMULA, CHOICES = 630, 38, 26, 38, 14, 92, 190
PROSE_LETTERS, CODE_LETTERS = 84, 110
PICTURE_TIMES, PICTURE_WIDTH = 1.6, 1190
HEADING = re.compile(r"#{1,2} (.+)")
PICTURE = re.compile(r'<img [^>]*src="data:image/png;base64,([^"]+)"')
FIGURE = re.compile("<figure.*?</figure>", re.S)
BADGES = re.compile(r"\n*<!-- made by tools\.badges -->.*?<!-- end -->", re.S)
PREDICT, TRY = N_("> **Predict, then run.**"), N_("> **Try it.**")  # how a question begins, and an invitation


class Piece(NamedTuple):
    """What stands on a slide as a whole: a cell, the slide type it begins with, and its estimated height in pixels."""

    kind: str  # slide, subslide, fragment, - for what belongs to the piece before it, or reading (see `_readings`)
    cell: dict
    height: float


def slides(nb, notes):
    """The notebook as nbconvert makes slides of it; `notes` are a lesson's, as `teaching_notes` returns them."""
    cells, section, room, before, ran = [], "", 0, None, False
    for piece in _readings(list(pieces(tagged(nb)))):
        kind, heading = piece.kind, HEADING.match(piece.cell.source)
        if before and re.fullmatch(r"#{1,2} .+", before.cell.source) and kind == "subslide":
            kind = "-"  # a heading at the end of a cell does not stand alone
        elif piece.cell.source.startswith((_(PREDICT), _(TRY))) and not ran and piece.height + CHOICES <= room:
            kind = "-"  # what leads to a question stands above it, unless it is a result
        elif kind == "reading":  # below the result that it reads, or else where the next step begins
            kind = "fragment" if piece.height <= room else "subslide"
        elif kind in ("-", "fragment") and piece.height > room or before and before.kind == "reading" and kind == "-":
            kind = "subslide"
        if kind in ("slide", "subslide"):
            room, ran = ROOM, False
            if heading:
                section = heading.group(1)
            else:
                cells.append(_typed(_markdown(f'<p class="running">{html.escape(section)}</p>'), kind))
                kind = "-"
        cells.append(_typed(piece.cell, kind))
        room -= piece.height
        ran = ran or piece.cell.cell_type == "code"
        before = piece
        if said := _said(piece.cell, section, notes):
            cells.append(_typed(_markdown(said), "notes"))
    for number, cell in enumerate(cells):
        cell.id = f"piece-{number}"
    return nbformat.v4.new_notebook(cells=cells, metadata=copy.deepcopy(nb.metadata))


def _said(cell, section, notes):
    """The speaker's notes at a piece.

    At a heading and at a question they are those of its section, at an explorer what to try.
    """
    if cell.cell_type != "markdown":
        return ""
    if cell.source.startswith(_(TRY)):
        return notes.explorers
    return notes.at(section) if HEADING.match(cell.source) or _(PREDICT) in cell.source else ""


def _readings(found):
    """The pieces, with the kind "reading" where a text after a result says what was seen, and introduces no code."""
    for place, piece in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        plain = (piece.cell.cell_type == "markdown" and piece.kind == "subslide"
                 and not piece.cell.source.startswith(">"))
        introduces = after is not None and after.cell.cell_type == "code" or piece.cell.source.endswith(":")
        if plain and not introduces and place and found[place - 1].cell.cell_type == "code":
            piece = piece._replace(kind="reading")
        yield piece


def pieces(nb):
    """The cells of a notebook with slide types, cut where a slide may end."""
    for cell in nb.cells:
        kind = cell.metadata.slideshow.slide_type
        if cell.cell_type == "markdown":
            yield from _prose(cell.source, kind)
        else:
            yield from _code(cell, kind)


def _prose(source, kind):
    """The blocks of a text; a heading, a question and an invitation to try begin anew, whatever stands before them."""
    held = []  # a heading goes with the block below it
    for block in re.split(r"\n{2,}(?=\S)(?!\$\$)", BADGES.sub("", source)):  # a formula goes with its text
        if block.startswith(("# ", "## ")):
            kind = "slide"
            held.append(block)
            continue
        if block.startswith((_(PREDICT), _(TRY))) and kind == "-":
            kind = "subslide"
        for part in _rows(block):
            text = "\n\n".join([*held, part])
            yield Piece(kind, _markdown(text), text_height(text))
            kind, held = "-", []
    if held:
        yield Piece(kind, _markdown(held[0]), text_height(held[0]))


def _rows(block, most=12):
    """A table of more than `most` rows as several, each with the heading; other blocks as they are."""
    head, line, *rows = block.split("\n") if block.startswith("|") else ("", "")
    if len(rows) <= most:
        return [block]
    count = -(-len(rows) // most)
    size = -(-len(rows) // count)
    return ["\n".join([head, line, *rows[start:start + size]]) for start in range(0, len(rows), size)]


def _code(cell, kind):
    """A cell's code and its outputs.

    A picture has a slide of its own, so that it is large, and comes after the code.
    """
    if is_guess(cell):
        yield Piece(kind, _markdown(choices(cell)), CHOICES)
        return
    if not is_explorer(cell):
        yield Piece(kind, nbformat.v4.new_code_cell(cell.source), code_height(cell.source))
        kind = "-"
    for output in cell.outputs:
        data = as_html(output)
        if picture := PICTURE.search(data):
            if is_explorer(cell):  # what it has in words above its picture is too small for a hall, and too long
                data = FIGURE.search(data)[0]
            yield Piece("subslide", _outputs(html_output(data)),
                        picture_height(picture.group(1)) + (60 if "figcaption" in data else 0))
        elif is_explorer(cell):  # the table of runs, wider than any slide
            continue
        elif 'class="beside"' in data:
            yield Piece(kind, _outputs(html_output(result(output))), 2 * PROSE_LINE + PARAGRAPH)
        elif data:
            yield Piece(kind, _outputs(html_output(data)), 2 * PROSE_LINE + PARAGRAPH)
        else:
            for part in _lines(output):
                yield Piece(kind, part, code_height(part.outputs[0].text))
                kind = "-"
        kind = "-"


def choices(cell):
    """What a question leaves to choose from, as HTML to be shown before a show of hands."""
    offered = cell.outputs[0].data["text/plain"].removeprefix(f"{_('Your guess')}: ").split(" / ")
    if len(offered) == 1:
        return _("Write your answer down.")
    return '<ol type="A">' + "".join(f"<li>{html.escape(choice)}</li>" for choice in offered) + "</ol>"


def result(output):
    """The result beside a guess, as HTML, without the guess, which nobody has made."""
    heading = f"{_('The result')}:"
    text = output.data["text/plain"].split(f"{heading} ", 1)[1]
    return f'<p class="result"><b>{html.escape(heading)}</b> {html.escape(text)}</p>'


def as_html(output):
    """An output's HTML; of a bare picture too, with its alt text; empty if it is text alone."""
    data = output.get("data", {})
    if "image/png" in data and "text/html" not in data:
        alt = html.escape(data.get("text/plain", "").split("\n")[0])
        return f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
    return data.get("text/html", "")


def html_output(text):
    """An output of a cell that is this HTML."""
    return nbformat.v4.new_output("display_data", {"text/html": text})


def _outputs(output):
    return nbformat.v4.new_code_cell("", outputs=[output])


def _lines(output):
    """A text output, cut into as many as slides can hold."""
    held = []
    for line in [*(output.get("text") or output.data["text/plain"]).rstrip("\n").split("\n"), None]:
        if held and (line is None or code_height("\n".join([*held, line])) > ROOM):
            yield _outputs(nbformat.v4.new_output("stream", text="\n".join(held)))
            held = []
        held.append(line)


def text_height(text):
    """The pixels that a Markdown text takes, estimated."""
    height = 0
    for block in re.split(r"\n{2,}", text):
        if block.startswith("#"):
            height += 62
        elif block.startswith("$$"):
            height += FORMULA
        elif block.startswith("|"):
            height += TABLE_ROW * (block.count("\n")) + PARAGRAPH
        elif block.startswith("```"):
            height += code_height(block)
        else:
            block = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", block)
            block = re.sub(r"\$[^$]+\$", lambda match: "x" * (len(re.sub(r"\\\w+|[{}]", "", match.group())) + 1), block)
            lines = sum(-(-max(width(line), 1) // PROSE_LETTERS) for line in (
                block.split("\n") if re.match(r"[-*\d]", block) else [block]))
            height += lines * PROSE_LINE + PARAGRAPH + (24 if block.startswith(">") else 0)
    return height


def picture_height(encoded):
    """The pixels that a PNG takes, as slides.js enlarges it, but for what must be made room for."""
    width, height = struct.unpack(">2I", base64.b64decode(encoded[:64])[16:24])
    return min(ROOM, height * min(PICTURE_TIMES, PICTURE_WIDTH / width))


def code_height(text):
    """The pixels that code or printed text takes, estimated."""
    return CODE_LINE * sum(-(-max(width(line), 1) // CODE_LETTERS) for line in text.rstrip("\n").split("\n")) + 32


def _markdown(text):
    return nbformat.v4.new_markdown_cell(text)


def _typed(cell, kind):
    cell = copy.deepcopy(cell)
    cell.metadata["slideshow"] = nbformat.from_dict({"slide_type": kind})
    return cell


# -- the speaker's notes ----------------------------------------------------------------------------


class Notes(NamedTuple):
    """What docs/teaching.md says on a lesson: `pauses`, heading -> Markdown; `explorers`; `lesson`, the rest of it."""

    pauses: dict
    explorers: str
    lesson: str

    def at(self, heading):
        """The notes for the slide with this heading; the whole lesson's for the first one."""
        return "\n\n".join(text for start, text in self.pauses.items() if heading.startswith(start))


def notes_of(language):
    """The path of the notes for teachers in a language."""
    return LESSONS.parent / "docs" / ("" if language == "en" else language) / "teaching.md"


def teaching_notes(number, title, page=None):
    """The `Notes` on the lesson of that number, whose `title` is the heading of its first slide.

    They are those in the language that is spoken, or of the text `page`. Where a row pauses stands in its first column.
    """
    path = notes_of(words.language())
    page = path.read_text(encoding="utf-8") if page is None else page
    parts = re.split(rf"^## {number} .*$", page, flags=re.M)
    if len(parts) != 2:
        raise ValueError(f"{path.relative_to(LESSONS.parent).as_posix()} has {len(parts) - 1} sections on lesson "
                         f"{number}; expected one, headed "
                         f"'## {number} {title}'.")
    part = re.split(r"^## ", parts[1], flags=re.M)[0]
    columns, *rows = [[entry.strip() for entry in line.strip().strip("|").split(" | ")]
                      for line in part.splitlines() if line.startswith("|") and not line.startswith("|-")
                      and not line.startswith("| -")]
    pauses = {}
    for row in rows:
        heading = row[0]
        text = "\n".join(f"- **{name}:** {entry}" for name, entry in zip(columns[1:], row[1:]))
        pauses[heading] = "\n\n---\n\n".join(filter(None, [pauses.get(heading), text]))
    rest = [block for block in re.split(r"\n{2,}", part.strip()) if not block.startswith("|")]
    trying = _("*Try it")  # how what is said on explorers begins
    explorers = "\n\n".join(block for block in rest if block.startswith(trying))
    lesson = "\n\n".join(block for block in rest if not block.startswith(trying))
    return Notes({title: lesson, **pauses}, explorers, lesson)


# -- the page ---------------------------------------------------------------------------------------


def page(path):
    """The slide show of the lesson at `path`, as HTML; it needs the folder `assets`: beside it, or above that of its
    language."""
    nb = nbformat.read(path, as_version=4)
    title = nb.cells[0].source.splitlines()[0].removeprefix("# ")
    number, language = int(path.stem[:2]), language_of(path)
    with words.spoken(language):
        shown = slides(nb, teaching_notes(number, title))
    exporter = SlidesExporter(template_name="template", extra_template_basedirs=[str(HERE)])
    exporter.exclude_output_prompt = exporter.exclude_input_prompt = True
    text, _resources = exporter.from_notebook_node(_links(shown), resources={
        "course_title": f"{number} {title}", "language": language, "up": "" if language == "en" else "../",
        "others": _others(path)})
    return text


def _others(path):
    """The same lesson in other languages: a list of its language, what that calls itself, and the address."""
    own, found = language_of(path), []
    for language in words.languages():
        if language != own and path.stem in {other.stem for other in lessons(language=language)}:
            up, folder = "" if own == "en" else "../", "" if language == "en" else f"{language}/"
            found.append((language, words.name_of(language), f"{up}{folder}{path.stem}.html"))
    return found


def _links(nb):
    """Links to another lesson lead to its slides, those to the rest of the course nowhere: they are words alone."""
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((\d\d_\w+)\.ipynb(#[^)]*)?\)", r"](\1.html)", cell.source)
            cell.source = re.sub(r"(?<!!)\[([^]]*)\]\((?!https?:|\d\d_\w+\.html)[^)]*\)", r"\1", cell.source)
    return nb


def package(name, pip):
    """The folder of an installed package that carries scripts; raises RuntimeError, in words, if it is not there."""
    found = importlib.util.find_spec(name)
    if found is None:
        raise RuntimeError(f"the package {pip} is not installed: pip install -r tools/slides/requirements.txt")
    return Path(found.origin).parent


def copy_mathjax(folder):
    """Copy what a page needs of MathJax into `folder`; the rest of its 24 MB is for other input and output."""
    mathjax = package("sphinx-mathjax-offline", "sphinx-mathjax-offline") / "static" / "mathjax"
    shutil.copytree(mathjax / "output" / "chtml" / "fonts" / "woff-v2",
                    folder / "output" / "chtml" / "fonts" / "woff-v2", dirs_exist_ok=True)
    shutil.copy(mathjax / "tex-chtml.js", folder)


def copy_assets(folder, languages=("en",)):
    """Put reveal.js, MathJax, the template's own style and script, and the letters of `languages` into `folder`."""
    reveal = package("sphinx_revealjs", "sphinx-revealjs") / "_static" / "revealjs"
    copy_mathjax(folder / "mathjax")
    for path in (reveal / "dist" / "reveal.js", reveal / "dist" / "reveal.css",
                 reveal / "plugin" / "notes" / "notes.js",
                 HERE / "template" / "slides.css", HERE / "template" / "slides.js"):
        shutil.copy(path, folder)
    rules = ""
    for language in sorted(languages):
        names = {}
        for weight, file in fonts.files(language).items():
            names[weight] = f"{language}-{weight}.ttf"
            fonts.part(file, folder / names[weight], fonts.letters(language))
        rules += fonts.rules(language, names)
    (folder / "letters.css").write_text(rules, encoding="utf-8")
