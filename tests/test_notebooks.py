"""What every lesson promises beyond equal outputs: executed, in one form, readable, and no number without support."""

import copy
import html
import inspect
import itertools
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import nbformat
import numpy as np
import pytest

import mlp_core
from tools.execute import METADATA, normalise
from mlp_core import NeuralNetMLP

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
FACTS = json.loads((ROOT / "tests" / "published_facts.json").read_text(encoding="utf-8"))
CODE_LINES, WORDS, MINUTES = 20, 120, 50
FORBIDDEN = {r"/(?:home|root|tmp|work|Users|opt)/|[A-Z]:\\": "a path of a machine", r" at 0x[0-9a-f]{6,}": "an address",
             r"np\.(?:float|int|str|bool)\w*\(": "a bare NumPy scalar", r"Warning\b": "a warning",
             r"\b(?:Text|Line2D|Axes|AxesImage|Figure)\(": "a bare Matplotlib object"}


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    """The lesson as nbformat reads it, its path with it."""
    nb = nbformat.read(request.param, as_version=4)
    nb.path = request.param
    return nb


def code(nb):
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def is_guess(cell):
    """Whether a cell holds the widget of a question, which is part of the question above it."""
    return cell.cell_type == "code" and cell.source.startswith("guess = Guess(")


def prose(nb):
    return [cell.source for cell in nb.cells if cell.cell_type == "markdown"]


def texts(cell):
    """Every output of a cell that is text: streams, values, the readings of figures."""
    for output in cell.outputs:
        yield output.get("text") or output.get("data", {}).get("text/plain", "")


def test_the_lessons_are_there_and_in_order():
    assert [path.stem[:2] for path in LESSONS] == [f"{n:02}" for n in range(1, len(LESSONS) + 1)] and len(LESSONS) >= 6


def test_executed_from_top_to_bottom_with_an_output_each(lesson):
    # nbval passes everything on a cell without a count, and has nothing to compare on one without outputs.
    assert [cell.execution_count for cell in code(lesson)] == list(range(1, len(code(lesson)) + 1))
    assert [cell.source for cell in code(lesson) if not cell.outputs] == []
    assert [output.ename for cell in code(lesson) for output in cell.outputs if output.output_type == "error"] == []


def test_in_normal_form(lesson):
    normal = normalise(copy.deepcopy(lesson))
    assert [cell.id for cell in lesson.cells] == [cell.id for cell in normal.cells]
    assert [cell.metadata for cell in lesson.cells] == [cell.metadata for cell in normal.cells]
    assert lesson.metadata == METADATA, "run `python -m tools.execute`"


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=FORBIDDEN.get)
def test_outputs_hold_nothing_of_one_machine(lesson, pattern):
    assert [text for cell in code(lesson) for text in texts(cell) if re.search(pattern, text)] == []


def test_cells_are_short(lesson):
    lines = {cell.source: len([line for line in cell.source.splitlines() if line.strip()]) for cell in code(lesson)}
    assert {source: n for source, n in lines.items() if n > CODE_LINES} == {}
    words = {text: len(text.split()) for text in prose(lesson) if not text.startswith("## Symbols")}
    assert {text: n for text, n in words.items() if n > WORDS} == {}
    assert [cell.source for cell in code(lesson) if cell.source.endswith(";")] == []


def test_every_code_cell_is_introduced(lesson):
    kinds = [cell.cell_type for cell in lesson.cells]
    bare = [after.source for before, after in zip(lesson.cells, lesson.cells[1:])
            if before.cell_type == after.cell_type == "code" and not is_guess(before)]
    assert kinds[0] == "markdown" and bare == []


def test_opens_and_closes_like_every_lesson(lesson):
    first, second, *_ = prose(lesson)
    assert re.match(r"# \w+", first)
    assert [word for word in ("**You will learn to**", "**You need**", "**Time**") if word not in first] == []
    assert second.startswith("## Symbols")
    headings = re.findall(r"^## (.+)$", "\n".join(prose(lesson)), re.M)
    assert headings[-2:] == ["What you learned", "Read on"]
    assert 3 <= sum("**Predict, then run.**" in text for text in prose(lesson)) <= 6


def test_every_prediction_keeps_the_guess_and_shows_it_beside_the_result(lesson):
    """Question, guess, result: the widget right below the question, `beside` at the end of the next cell of code."""
    questions = [place for place, cell in enumerate(lesson.cells) if "**Predict, then run.**" in cell.source]
    for place in questions:
        guess, *after = lesson.cells[place + 1:]
        result = next(cell for cell in after if cell.cell_type == "code")
        assert is_guess(guess) and guess.source.endswith("\nguess"), lesson.cells[place].source
        assert "guess.beside(" in result.source and "Your guess: none\nThe result: " in "".join(texts(result))
    assert sum(is_guess(cell) for cell in lesson.cells) == len(questions)


def test_every_explorer_says_what_to_try(lesson):
    before = {after.source: cell.source for cell, after in zip(lesson.cells, lesson.cells[1:])
              if re.fullmatch(r"[A-Z]\w+\(.*\)", after.source) and after.cell_type == "code"}
    assert [source for source, text in before.items() if "**Try it.**" not in text] == []


def test_takes_no_longer_than_a_class(lesson):
    """The minutes a lesson states are those of its words, pictures and questions, to the nearest five."""
    words = sum(len(re.sub(r"\$[^$]*\$", "formula", text).split()) for text in prose(lesson))
    questions = sum("**Predict, then run.**" in text for text in prose(lesson))
    cells = sum(not is_guess(cell) for cell in code(lesson))
    # A teacher speaks some 130 words a minute, a class reads a cell with its output in about 20 seconds, and a
    # question takes two minutes: think, compare with a neighbour, run.
    minutes = words / 130 + cells / 3 + 2 * questions
    stated = int(re.search(r"\*\*Time\*\* about (\d+) minutes", prose(lesson)[0]).group(1))
    assert stated == 5 * round(minutes / 5) <= MINUTES, f"measured {minutes:.1f} minutes"


def test_the_teaching_notes_follow_the_lessons():
    notes = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    minutes = dict(re.findall(r"^\| \[.*?\]\(\.\./notebooks/(\w+)\.ipynb\) \| (\d+) \|", notes, re.M))
    parts = re.split(r"^## \d ", notes, flags=re.M)[1:]
    assert len(parts) == len(minutes) == len(LESSONS)
    for path, part in zip(LESSONS, parts):
        cells = prose(nbformat.read(path, as_version=4))
        assert part.startswith(cells[0].splitlines()[0].removeprefix("# "))
        assert f"**Time** about {minutes[path.stem]} minutes" in cells[0]
        headings = re.findall(r"^## (.+)$", "\n".join(cells), re.M)
        pauses = re.findall(r"^\| (?!pause at|---)(.+?) \|", part, re.M)
        assert pauses and [pause for pause in pauses if not any(h.startswith(pause) for h in headings)] == []


# -- pictures and links -----------------------------------------------------------------------------


def test_every_picture_says_what_it_shows(lesson):
    for cell in code(lesson):
        for output in cell.outputs:
            data = output.get("data", {})
            assert "image/png" not in data, "front ends show it without its alt text: use figures.show"
            for alt in re.findall('<img alt="([^"]*)"', data.get("text/html", "")):
                alt = html.unescape(alt)
                assert len(alt.split()) >= 4 and alt.endswith("."), f"alt text {alt!r} of: {cell.source}"
                # The reading is what nbval compares in place of the pixels.
                alt_line, *reading = output.data["text/plain"].splitlines()
                assert alt_line == alt and reading, f"a figure without its reading: {cell.source}"
    text = "\n".join(prose(lesson))
    assert re.findall(r"!\[\s*\]\([^)]*\)|<img(?![^>]*alt=\"[^\"]+\")[^>]*>", text) == []


def test_links_resolve(lesson):
    targets = re.findall(r"\]\(([^)\s]+)\)", "\n".join(prose(lesson)))
    local = [target for target in targets if not re.match(r"https?://", target)]
    assert [target for target in local if not (lesson.path.parent / target.split("#")[0]).exists()] == []
    assert local, "no link to another lesson or to the core"


def test_formulas_render_on_github_too(lesson):
    """What JupyterLab typesets and GitHub or VS Code does not."""
    for text in prose(lesson):
        bare = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.S)
        assert bare.count("$$") % 2 == 0 and bare.replace("$$", "").count("$") % 2 == 0, text
        for formula in re.findall(r"\$\$.+?\$\$|\$[^$]+\$", bare, re.S):
            assert not re.search(r"\\\||\\operatorname|\\begin\{align\*?\}", formula), formula
            assert formula.startswith("$$") or not re.search(r"^\$\s|\s\$$", formula), formula


# -- symbols ----------------------------------------------------------------------------------------


def symbols(nb):
    """The rows of the lesson's symbol table: symbol, code, shape, meaning."""
    header, rule, *rows = [line for line in prose(nb)[1].splitlines() if line.startswith("|")]
    assert header == "| symbol | code | shape | meaning |" and set(rule) <= set("|- ")
    return [tuple(field.strip() for field in row.strip("|").split("|")) for row in rows]


def test_symbol_tables_agree_with_one_another():
    order = {}  # code name -> row, in the order of the fullest reading of all lessons
    tables = [symbols(nbformat.read(path, as_version=4)) for path in LESSONS]
    for table in tables:
        for row in table:
            assert order.setdefault(row[1], row) == row, f"{row[1]} differs between lessons"
    before = {(a[1], b[1]) for table in tables for i, a in enumerate(table) for b in table[i + 1:]}
    assert [(a, b) for a, b in before if (b, a) in before] == [], "two lessons list these in different orders"


def test_symbol_tables_agree_with_the_core(lesson):
    nn = NeuralNetMLP(n_hidden=100, seed=1)
    nn._init_weights(784, 10)
    n = 3
    X, y = np.zeros((n, 784)), np.zeros(n, int)
    known = dict(zip(("z_h", "a_h", "z_out", "a_out"), nn._forward(X)), X=X, y=y, y_enc=nn._onehot(y, 10))
    known |= {name: getattr(nn, name) for name in ("w_h", "b_h", "w_out", "b_out")}
    known |= {"delta_out": known["a_out"], "delta_h": known["a_h"]}
    source = inspect.getsource(mlp_core)
    for _, name, shape, _ in symbols(lesson):
        name = name.strip("`")
        assert re.search(rf"\b{name}\b", source), f"the core has no {name}"
        if shape in ("number", "function"):
            assert name not in known and callable(getattr(nn, name, None)) == (shape == "function"), name
        else:
            assert shape == re.sub(rf"\b{n}\b", "n", str(known[name].shape)), name


# -- numbers ----------------------------------------------------------------------------------------

NUMBER = re.compile(r"(?<![\w.,^{])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.,^{])\d+(?:\.\d+)?")


def figures_in(text):
    """The figures of a text that need support: percentages, decimals, whole numbers above 20; no years."""
    text = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|https?://\S+|\*\*Time\*\*.*", " ", text, flags=re.S)
    text = text.replace("{,}", ",").replace("\\%", "%")
    for match in NUMBER.finditer(text):
        digits = match.group()
        percentage = re.match(r"\s*(?:%|per cent|percentage points?|points?\b)", text[match.end():])
        year = re.fullmatch(r"19[5-9]\d|20[0-2]\d", digits)
        if not year and (percentage or "." in digits or Decimal(digits.replace(",", "")) > 20):
            yield digits


def values(text):
    """All numbers of an output, as exact decimals; 92.60 supports 92.6."""
    return {Decimal(digits.replace(",", "")) for digits in re.findall(r"\d[\d,]*\d(?:\.\d+)?|\d+(?:\.\d+)?", text)}


def test_no_number_in_the_prose_without_support(lesson):
    # A fact that is of one lesson supports no figure of another.
    number = int(lesson.path.stem[:2])
    supported = {Decimal(fact) for fact, source in FACTS.items()
                 if source.startswith(f"lesson {number}, ") or not re.match(r"lesson \d", source)}
    for cell in code(lesson):
        supported.update(*(values(text) for text in texts(cell)))
    bare = {figure for text in prose(lesson) for figure in figures_in(text)
            if Decimal(figure.replace(",", "")) not in supported}
    assert bare == set(), "in no output of this lesson, and no published fact"


@pytest.mark.parametrize("text, expected", [
    ("92.6 % of 500 digits, 7 of them", ["92.6", "500"]), ("5 % and 3 points", ["5", "3"]),
    ("`x = 99`, [a](b25.md)", []),
    ("60,000 images, $\\eta = 0.005$, LeCun 1998", ["60,000", "0.005"]), ("$10^{-7}$ and $10^{25}$", []),
    ("the 2,000th", ["2,000"]), ("60{,}000", ["60,000"]), ("0.5\\%", ["0.5"])])
def test_figures_are_found(text, expected):
    assert list(figures_in(text)) == expected


def test_every_published_fact_has_its_source():
    assert [fact for fact, source in FACTS.items() if len(source.split()) < 3] == []


def test_notebooks_are_checked_whole_and_from_the_last():
    """Their cells share a kernel, which nbval stops at the first test of another file."""
    given = ["notebooks/01_data_loading.ipynb", "tests/test_reading.py", "notebooks/02_forward_pass.ipynb"]
    listed = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", "-q", "-n0", *given],
                            cwd=ROOT, capture_output=True, text=True).stdout
    files = [line.split("::")[0] for line in listed.splitlines() if "::" in line]
    assert [file for file, _cells in itertools.groupby(files)] == [given[2], given[0], given[1]]
