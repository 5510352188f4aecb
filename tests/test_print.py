"""What is printed: all of a lesson, the handout without an answer, solutions apart; and nothing cut on paper."""

import re

import nbformat
import pytest

from lessonkit import words
from lessonkit.words import _
from tools import browser
from tools.execute import language_of, lessons
from tools.exercises import BEGIN, END
from tools.print_pdf import pages
from tools.print_pdf.__main__ import make
from tools.slides.show import package

PATHS = [path for language in words.languages() for path in lessons(language=language)]
MILLIMETRE = 72 / 25.4  # points


@pytest.fixture(params=PATHS, ids=lambda path: f"{language_of(path)}-{path.stem}")
def path(request):
    """A lesson; its language is spoken as long as the test lasts."""
    with words.spoken(language_of(request.param)):
        yield request.param


def student(path):
    """Where the exercises of a lesson are."""
    return pages.exercises_of(path)[0]


def squeezed(text):
    """Without blanks, which a line break on paper may replace."""
    return re.sub(r"\s+", "", text)


def sources(path, kind):
    """All that a document says, as one text: the sources of its cells and what they print."""
    said = []
    for nb in pages.parts(path, kind):
        for cell in nb.cells:
            said.append(cell.source)
            for output in cell.get("outputs", []):
                said.append(output.get("text", ""))
                said.append(re.sub(r"base64,[^\"]+", "", output.get("data", {}).get("text/html", "")))
    return "\n".join(said)


def answers(path):
    """The lines of code that solve a lesson's exercises, but for those that the student is given."""
    if not student(path).exists():
        return
    given = "\n".join(cell.source for cell in pages.read(student(path)).cells if cell.cell_type == "code")
    for cell in pages.read(pages.exercises_of(path)[1]).cells:
        if BEGIN in cell.source:
            inner = cell.source.split(BEGIN)[1].split(END)[0]
            yield from (line.strip() for line in inner.splitlines()
                        if len(line.strip()) > 20 and line.strip() not in given)


def journeys(path):
    """The questions of a lesson whose answers are folded below them, and these answers: pairs of texts."""
    folds = [re.split(r"<details><summary>.*</summary>|</details>", cell.source) for cell in pages.read(path).cells
             if cell.cell_type == "markdown" and "<details>" in cell.source]
    return [(question.strip(), answer.strip()) for question, answer, _rest in folds]


def test_a_handout_asks_everything_and_answers_nothing(path):
    said, lesson = sources(path, "_handout"), nbformat.read(path, as_version=4)
    asked = [block.removeprefix(_(pages.PREDICT)).strip() for cell in lesson.cells if cell.cell_type == "markdown"
             for block in re.split(r"\n{2,}", cell.source) if block.startswith(_(pages.PREDICT))]
    assert asked and [question for question in asked if question not in said] == []
    if student(path).exists():
        text = "\n".join(cell.source for cell in pages.read(student(path)).cells)
        exercises, lines = re.findall(r"^## \d.*$", text, re.M), list(answers(path))
        assert exercises and [heading for heading in exercises if heading not in said] == []
        assert lines and [line for line in lines if line in said] == []
    else:
        assert len(journeys(path)) > 5 and [question for question, _ in journeys(path) if question not in said] == []
        assert [answer for _, answer in journeys(path) if answer in said] == []
    assert said.count('class="boxes"') >= 3
    result = _("The result")  # in Korean a word of many sentences, too
    for forbidden in (f"{result}:", f"{result}<", "<details", f"**{_('Hint')}", _(" (right)"),
                      _("# Write your own lines here.")):
        assert forbidden not in said


def test_solutions_are_apart(path):
    printed, apart = sources(path, ""), sources(path, "_solutions")
    assert "<details" not in printed + apart
    if not student(path).exists():
        assert [answer for _, answer in journeys(path) if answer not in apart or answer in printed] == []
        return
    for line in answers(path):
        assert line in apart
    exercises = "\n".join(cell.source for cell in pages.parts(path, "")[1].cells)
    assert [line for line in answers(path) if line in exercises] == []
    assert BEGIN not in apart and f"**{_('Hint')}" in apart and _(" (right)") in apart


def test_a_printed_lesson_keeps_every_cell(path):
    said = sources(path, "")
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            assert pages.FOLDED.sub("", pages.BADGES.sub("", cell.source)).strip() in said
        elif not (pages.is_guess(cell) or pages.is_explorer(cell)):
            assert cell.source in said


def test_links_become_numbered_notes():
    urls = []
    text = pages.numbered_links("[a](https://a.org/x) [lesson 2](02_x.ipynb) [b](https://b.org) [a](https://a.org/x) "
                                "![p](p.png)", urls)
    assert text == "a<sup>1</sup> lesson 2 b<sup>2</sup> a<sup>1</sup> ![p](p.png)"
    assert urls == ["https://a.org/x", "https://b.org"]


def test_every_link_of_a_lesson_has_its_note():
    path = next(path for path in PATHS if pages.WEB_LINK.search(path.read_text(encoding="utf-8")))
    url = pages.WEB_LINK.search(path.read_text(encoding="utf-8"))[2]
    assert f'<ol class="notes"><li>{url}</li>' in pages.document([path], "")


# -- on paper ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The PDFs of all lessons and of the course: (name, kind) -> pypdfium2's document."""
    pdfium = pytest.importorskip("pypdfium2")
    if said := browser.missing():
        pytest.skip(said)
    try:
        package("sphinx-mathjax-offline", "sphinx-mathjax-offline")
    except RuntimeError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("print")
    jobs = {name_of(path): [path] for path in PATHS} | {
        f"{language}-course": found for language in words.languages() if (found := lessons(language=language))}
    make(jobs, folder)
    return {(name, kind): pdfium.PdfDocument(folder / f"{name}{kind}.pdf") for kind in pages.KINDS for name in jobs}


def name_of(path):
    return f"{language_of(path)}-{path.stem}"


def text_of(document):
    """Its text without blanks: a pair a page, of what stands in the bottom margin and of the rest."""
    found = []
    for page in document:
        text, edge = page.get_textpage(), 18 * MILLIMETRE
        found.append(tuple(squeezed(part).replace("\ufffe", "-") for part in (
            text.get_text_bounded(top=edge), text.get_text_bounded(bottom=edge))))
    return found


@pytest.mark.paper
@pytest.mark.parametrize("kind", pages.KINDS, ids=lambda kind: kind or "lesson")
def test_nothing_reaches_into_the_margins_and_pages_are_numbered(printed, kind):
    """The white around the text stays white: what is cut on paper runs into it."""
    side, top = (round(mm * MILLIMETRE) - 3 for mm in (18, 16))
    for (name, of), document in printed.items():
        if of != kind:
            continue
        for number, (page, (foot, _text)) in enumerate(zip(document, text_of(document)), 1):
            assert foot.endswith(f"{number}/{len(document)}") and len(foot) > len(f"{number}/{len(document)}"), name
            grey = page.render(scale=1, grayscale=True).to_numpy().squeeze()
            margins = {"left": grey[:, :side], "right": grey[:, -side:], "top": grey[:top]}
            assert [edge for edge, part in margins.items() if (part < 250).any()] == [], (name, number)


@pytest.mark.paper
def test_every_line_of_a_lesson_is_on_paper(printed, path):
    """Code, and what it prints, to the last letter; of the prose each paragraph that is plain words."""
    found = text_of(printed[name_of(path), ""])
    assert [foot for foot, _text in found] == [squeezed(f"{pages.title(path)} {number} / {len(found)}")
                                               for number in range(1, len(found) + 1)]
    text = "".join(text for _foot, text in found)
    lines = []
    for cell in (cell for nb in pages.parts(path, "") for cell in nb.cells):
        if cell.cell_type == "code":
            lines += cell.source.split("\n") + [line for output in cell.outputs
                                                for line in output.get("text", "").split("\n")]
        else:
            lines += [block for block in cell.source.split("\n\n") if re.fullmatch(r"\w[\w ,.:;?()%\n-]+", block)]
    assert len(lines) > 100 and [line for line in lines if squeezed(line) not in text] == []


@pytest.mark.paper
@pytest.mark.parametrize("language", [language for language in words.languages() if lessons(language=language)])
def test_the_course_holds_all_lessons(printed, language):
    text = "".join(text for _foot, text in text_of(printed[f"{language}-course", ""]))
    paths = lessons(language=language)
    for path in paths:
        assert squeezed(pages.title(path).split(". ", 1)[1]) in text
    last = pages.read(paths[0]).cells[-1].source.splitlines()[0].lstrip("# ")  # "What you learned", in each lesson
    assert text.count(squeezed(last)) >= len(paths)
    assert len(printed[f"{language}-course", ""]) == 1 + sum(len(printed[name_of(path), ""]) for path in paths)
