"""What stands on paper: lessons, handouts and solutions as HTML, each a page of its own or all of them together."""

import copy
import html
import importlib
import re
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter

from lessonkit import words
from lessonkit.words import N_, _
from tools import fonts
from tools.execute import language_of
from tools.exercises import BEGIN, END
from tools.slides.rule import is_explorer, is_guess
from tools.slides.show import BADGES, HEADING, PREDICT, as_html, choices, html_output, result

HERE = Path(__file__).resolve().parent
# What a file's name ends with, and what the whole course's says below its title.
KINDS = {"": N_("Lessons and exercises"), "_handout": N_("Questions"), "_solutions": N_("Hints and solutions")}
FOLDED = re.compile(r"\n*<details><summary>(.*?)</summary>\n\n(.*?)\n\n</details>", re.S)
CHECKS = re.compile(r"from lessonkit\.check import (\w+) as check")
RECALL = re.compile(r"check\.recall\((\d+)\)")
WEB_LINK = re.compile(r"(?<!!)\[([^]]+)\]\((https?://[^)\s]+)\)")
COURSE_LINK = re.compile(r"(?<!!)\[([^]]+)\]\(([^)\s]+)\)")
MATHJAX = """<script>
window.MathJax = {tex: {inlineMath: [['$', '$'], ['\\\\(', '\\\\)']]}, options: {enableMenu: false},
  startup: {ready: () => { MathJax.startup.defaultReady();
                           MathJax.startup.promise.then(() => { document.body.dataset.ready = 'true'; }); }}};
</script>
<script src="mathjax/tex-chtml.js"></script>"""


def read(path):
    return nbformat.read(path, as_version=4)


def title(path):
    """A lesson's number and title, for the foot of the pages."""
    return f"{int(path.stem[:2])}. " + read(path).cells[0].source.splitlines()[0].removeprefix("# ")


def exercises_of(path):
    """Where the exercises of the lesson at `path` are, and their solutions, if it has any."""
    return path.parent / "exercises" / path.name, path.parent / "exercises" / "solutions" / path.name


def parts(path, kind):
    """The notebooks that make up one of KINDS for the lesson at `path`, in its language."""
    own, solved = exercises_of(path)
    with words.spoken(language_of(path)):
        if kind == "_handout":
            return [handout(read(path), read(own) if own.exists() else None, title(path))]
        if kind == "_solutions":
            return [solutions(read(solved) if own.exists() else folded(read(path)))]
        return [lesson(read(path)), *([exercises(read(own))] if own.exists() else [])]


def lesson(nb):
    """A lesson as it is printed.

    It has its questions with their choices, its explorers as still pictures, no folded answer.
    """
    cells = []
    for cell in nb.cells:
        cell = copy.deepcopy(cell)
        if cell.cell_type == "markdown":
            cell.source = FOLDED.sub("", BADGES.sub("", cell.source)).strip()
        elif is_guess(cell):
            cell = _markdown(choices(cell))
        elif is_explorer(cell):
            cell.source = ""
        if cell.cell_type == "code":
            cell.outputs = [html_output(result(output)) if 'class="beside"' in as_html(output) else output
                            for output in cell.outputs]
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def exercises(nb):
    """A lesson's exercises without hints and solutions, its questions to recall with their choices."""
    cells = []
    for cell, question in _asked(nb):
        cell = copy.deepcopy(cell)
        if question:
            cell = _markdown(f'<div class="question">{_boxes(question)}</div>')
        elif cell.cell_type == "markdown":
            cell.source = FOLDED.sub("", cell.source).strip()
        if cell.source:
            cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def folded(nb):
    """What of a lesson without exercises holds answers, below its title."""
    title, *others = nb.cells
    return nbformat.v4.new_notebook(cells=[title, *(cell for cell in others if FOLDED.search(cell.source))])


def solutions(nb):
    """Hints and solutions; for the questions to recall what is to be said on each choice."""
    cells, right = [], html.escape(_(" (right)"))
    for cell, question in _asked(nb):
        cell = copy.deepcopy(cell)
        if question:
            said = "".join(f"<li><b>{html.escape(choice)}</b>{right if choice == question.right else ''}: "
                           f"{html.escape(word)}</li>" for choice, word in sorted(question.choices.items()))
            cell = _markdown(f'<div class="question"><p>{html.escape(question.text)}</p><ul>{said}</ul></div>')
        elif cell.cell_type == "markdown":
            cell.source = FOLDED.sub(r"\n\n**\1.** \2", cell.source)
        else:
            lines = cell.source.split("\n### BEGIN HIDDEN TESTS")[0].splitlines()
            cell.source = "\n".join(line for line in lines if line.strip() not in (BEGIN, END))
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def handout(nb, exercise_nb, name):
    """The questions of a lesson and of its exercises, if it has any, with room to write and without answers."""
    who = _("Name {line} Date {line}").format(line="<span></span>")
    cells = [_markdown(f'# {name}\n\n<div class="name">{who}</div>')]
    section, picture = None, None
    for place, cell in enumerate(nb.cells):
        if cell.cell_type == "code":
            picture = next((data for output in cell.outputs if "<img " in (data := as_html(output))), None)
            continue
        for block in re.split(r"\n{2,}", cell.source):
            if heading := HEADING.match(block):
                section = heading.group(1)
            if block.startswith(_(PREDICT)):
                cells.append(_markdown(f"## {section}"))
                if picture:  # what stands right above a question may be what it asks about
                    cells.append(_markdown(picture))
                offered = choices(nb.cells[place + 1])
                boxes = offered.replace('<ol type="A">', '<ul class="boxes">').replace("</ol>", "</ul>")
                cells += [_markdown(block.removeprefix(_(PREDICT)).strip()),
                          _markdown((boxes if boxes.startswith("<ul") else "") + _lines(3))]
        if FOLDED.search(cell.source):
            cells += [_markdown(FOLDED.sub("", cell.source).strip()), _markdown(_lines(5))]
    if exercise_nb is None:
        return nbformat.v4.new_notebook(cells=cells)
    cells.append(_markdown(_("# Exercises")))
    for cell in exercises(exercise_nb).cells[2:]:
        if cell.cell_type == "markdown":
            cells.append(cell)
        elif cell.metadata.get("nbgrader", {}).get("solution"):
            cells += [nbformat.v4.new_code_cell(_without_stub(cell.source)),
                      _markdown(_lines(8))]
        elif not cell.metadata.get("nbgrader"):
            cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def _without_stub(source):
    """A student's cell without the line that says where to write."""
    return "\n".join(line for line in source.split("\n") if line.strip() != _("# Write your own lines here."))


def _asked(nb):
    """The cells of a notebook of exercises, each with the question to recall that it shows, or None.

    Without what the first cell and the one above the questions say on clicks: this is for paper.
    """
    checks, cells = None, copy.deepcopy(nb.cells)
    heading, about = cells[0].source.split("\n\n", 1)
    cells[0].source = "\n\n".join([heading, re.split(r"(?<=[.])\s", about)[0]])
    for cell, after in zip(cells, [*cells[1:], None]):
        if cell.cell_type == "code" and (found := CHECKS.search(cell.source)):
            checks = importlib.import_module(f"lessonkit.check.{found.group(1)}")
        recall = RECALL.fullmatch(cell.source) if cell.cell_type == "code" else None
        if cell.cell_type == "markdown" and after and RECALL.fullmatch(after.source):
            cell.source = cell.source.split("\n")[0]
        yield cell, checks.recall(int(recall.group(1))).question if recall else None


def _boxes(question):
    boxes = "".join(f"<li>{html.escape(choice)}</li>" for choice in sorted(question.choices))
    return f'<p>{html.escape(question.text)}</p><ul class="boxes">{boxes}</ul>'


def _lines(number):
    return f'<div class="lines">{"<div></div>" * number}</div>'


def _markdown(text):
    return nbformat.v4.new_markdown_cell(text)


# -- the page ---------------------------------------------------------------------------------------


def document(paths, kind):
    """The HTML page with one of KINDS for all lessons at `paths`; it needs the folder `mathjax` beside it."""
    language = language_of(paths[0])
    exporter = HTMLExporter(template_name="template", extra_template_basedirs=[str(HERE)])
    body, styles = [], []
    if len(paths) > 1:
        body.append(cover(paths, kind))
    for path in paths:
        notebooks, urls = parts(path, kind), []
        for place, nb in enumerate(notebooks):
            for number, cell in enumerate(nb.cells):
                cell.id = f"c{number}"
                if cell.cell_type == "markdown":
                    cell.source = numbered_links(cell.source, urls)
                else:
                    cell.outputs = [html_output(data) if (data := as_html(output)) else output
                                    for output in cell.outputs]
            text, resources = exporter.from_notebook_node(nb)
            styles = styles or resources["inlining"]["css"]
            notes = "".join(f"<li>{html.escape(url)}</li>" for url in urls)
            notes = f'<ol class="notes">{notes}</ol>' if notes and place == len(notebooks) - 1 else ""
            body.append(f'<div class="notebook">{text}{notes}</div>')
    css = "\n".join([*styles, (HERE / "template" / "print.css").read_text(encoding="utf-8"),
                     fonts.embedded(language, "".join([*body, headline(paths)])), foot(paths)])
    return (f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
            f'<title>{html.escape(headline(paths))}</title>\n'
            f"<style>{css}</style>\n{MATHJAX}</head>\n<body>{''.join(body)}</body></html>")


def numbered_links(text, urls):
    """`text` with a number behind each link to the web, which `urls` gets.

    A link within the course is its words alone.
    """
    def number(match):
        if match[2] not in urls:
            urls.append(match[2])
        return f"{match[1]}<sup>{urls.index(match[2]) + 1}</sup>"

    return COURSE_LINK.sub(r"\1", WEB_LINK.sub(number, text))


def headline(paths):
    """What stands at the foot of each page."""
    with words.spoken(language_of(paths[0])):
        return title(paths[0]) if len(paths) == 1 else _("How a neural network learns")


def foot(paths):
    """The rules of CSS for what stands at the foot of each page."""
    said = headline(paths).replace("\\", r"\\").replace('"', r'\"')
    font = 'font: 8pt var(--letters, sans-serif), "Liberation Sans", Helvetica, Arial, "DejaVu Sans", sans-serif'
    return f"""@page {{ @bottom-left {{ content: "{said}"; {font}; white-space: nowrap; }}
  @bottom-right {{ content: counter(page) " / " counter(pages); {font}; }} }}"""


def cover(paths, kind):
    """The first page of all lessons together."""
    with words.spoken(language_of(paths[0])):
        what = _(KINDS[kind])
    lessons = "".join(f"<li>{html.escape(title(path).split('. ', 1)[1])}</li>" for path in paths)
    return f'<div class="cover"><h1>{html.escape(headline(paths))}</h1><p>{what}</p><ol>{lessons}</ol></div>'
