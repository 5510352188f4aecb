"""The Korean pages that are kept by hand: README, notes for teachers, the site's own, section by section as in English.

Above each heading of theirs a comment, `<!-- of README.md: 1a2b3c4d -->`, has the hash of the English section that it
translates. Where the English one changes, its translation is red until it is read again and the hash renewed.
"""

import calendar
import functools
import hashlib
import os
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from tools import badges
from tools.translate import catalogue, make, prose

ROOT = badges.ROOT
PAGES = {"README.md": "README.ko.md", "docs/teaching.md": "docs/ko/teaching.md"} | {
    f"site/{path.name}": f"site/ko/{path.name}" for path in sorted((ROOT / "site").glob("*.md"))}
OF = re.compile(r"<!-- of (\S+): (\w+) -->\n*\Z")
INDENTED = re.compile(r"(?:\A|(?<=\n\n)) {4}\S.*\n(?: {4}.*\n)*", re.M)
SPAN = re.compile(r"`([^`]+)`")
HEADING = re.compile(r"#+ ")
# "26 November 2026" is in Korean "2026년 11월 26일"
MONTH = re.compile(rf"(?<=\d )(?:{'|'.join(calendar.month_name[1:])})(?= \d{{4}})")


class Section(NamedTuple):
    title: str
    text: str  # heading included
    of: tuple = ()  # the page and the hash in the comment above

    @property
    def hash(self):
        return hashlib.sha256(self.text.encode()).hexdigest()[:8]


def sections(text):
    """The sections of a page. What tools.badges makes in it is left out: that changes with the course's address."""
    text = badges.BLOCK.sub(lambda block: block[1].replace("_ko -->", " -->") + block[3], text)
    parts, fenced = [""], False
    for line in text.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if HEADING.match(line) and not fenced:
            parts.append("")
        parts[-1] += line
    above = [OF.search(part) for part in parts]
    return [Section(part.splitlines()[0].lstrip("# "), OF.sub("", part).strip(), of.groups() if of else ())
            for of, part in zip(above, parts[1:])]


def faults(english, translation, page):
    """What is wrong with the `translation` of the `english` text of a page, a sentence each."""
    there, here = sections(english), sections(translation)
    found = []
    for section in here:
        if section.of[:1] != (page,):
            found.append(f"{section.title!r} has no comment above it that says `of {page}`")
    if len(there) != len(here):
        return [*found, f"it has {len(here)} sections, the English page has {len(there)}"]
    anchors = {anchor(one.title): anchor(other.title) for one, other in zip(there, here)}
    hashes = [section.hash for section in there]
    for one, other in zip(there, here):
        if other.of and (kept := other.of[1]) != one.hash:
            found.append(f"{other.title!r} stands at the place of another section, {one.title!r}" if kept in hashes else
                         f"{one.title!r} has changed: bring {other.title!r} up to date, then write {one.hash} above it")
        expected, got = parts(one.text), parts(other.text)
        expected["links"] = [relinked(address, page, anchors) for address in expected["links"]]
        expected["blocks of code"] = [re.sub(r"\bnotebooks/(?=\d\d_)", "notebooks/ko/", block)
                                      for block in expected["blocks of code"]]
        for name in expected:
            lacks, extra = Counter(expected[name]) - Counter(got[name]), Counter(got[name]) - Counter(expected[name])
            if lacks or extra:
                found.append(f"{other.title!r}, {name}: lacks {[*lacks.elements()]}, has besides {[*extra.elements()]}")
        if not re.search("[가-힣]", other.text):
            found.append(f"{other.title!r} is not in Korean")
    return found


def parts(text):
    """What a section and its translation have in common."""
    text += "\n"
    blocks = prose.FENCE.findall(text)
    text = prose.FENCE.sub("", text)
    blocks += INDENTED.findall(text)
    text = INDENTED.sub("", text)
    links = prose.LINK.findall(text)
    text = prose.LINK.sub("]", text)
    spans = [" ".join(span.split()) for span in SPAN.findall(text)]
    text = MONTH.sub(lambda name: str([*calendar.month_name].index(name[0])), SPAN.sub("", text))
    return {"links": links, "blocks of code": blocks, "code": spans, "formulas": prose.FORMULA.findall(text),
            "numbers": prose.NUMBER.findall(prose.FORMULA.sub("", text)), "level of the heading": [text.split(" ")[0]],
            "rows of tables": [str(text.count("\n|"))], "made blocks": re.findall(r"<!-- made by .*? -->", text)}


def relinked(address, page, anchors):
    """Where a link of the English `page` leads in its translation: to what is there in Korean, else to the English."""
    path, _, place = address.partition("#")
    if re.match(r"[a-z]+:", path) or page.startswith("site/"):  # the site has each language in a folder alike
        return address
    if not path:
        return f"#{anchors.get(place, place)}"
    path = ROOT / os.path.normpath(Path(page).parent / path)
    if path == ROOT / PAGES[page]:
        path = ROOT / page  # the link to the other language
    else:
        path = next((other for other in make.counterparts(path, "ko") if other.exists() or path.suffix == ".ipynb"),
                    path)
    return Path(os.path.relpath(path, (ROOT / PAGES[page]).parent)).as_posix()


def anchor(title):
    """What GitHub calls a heading in a link."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@functools.cache
def headings(name):
    """English heading -> Korean heading of a lesson or an exercise, as far as it is translated."""
    found = {}
    work = make.Work("ko", name)
    for message in catalogue.read(work.po, "ko") if work.po.exists() else ():
        if message.id and message.string:
            found.update(zip(*(re.findall(r"^#+ (.+)$", said, re.M) for said in (message.id, message.string))))
    return found


def quoted(english, translation):
    """The headings that the teaching notes quote from lessons and exercises, those of the `translation` that are not
    the lesson's own."""
    wrong = []
    known = {}
    for name in make.LESSONS:
        lesson, exercise = headings(name), headings(f"exercises/{name}")
        known.update({(int(name[:2]), one): other for one, other in lesson.items()})
        known.update({(f"{int(name[:2])}.{one[0]}", one[2:]): other[2:] for one, other in exercise.items()
                      if one[0].isdigit()})
    for one, other in zip(sections(english), sections(translation)):
        number = int(one.title[0]) if one.title[0].isdigit() else None
        pairs = list(zip(*(re.findall(r"^\| (?!---)(.+?) \|", section.text, re.M) for section in (one, other))))
        if number:
            pairs = [(f"{number} {there}", f"{number} {here}") for there, here in pairs[1:]] + [
                (one.title, other.title)]
        for there, here in pairs:
            if match := re.match(r"\[?(\d(?:\.\d)?) ([^]]+)", there):
                place = int(match[1]) if match[1].isdigit() else match[1]
                own = next((ko for (where, en), ko in known.items() if where == place and en.startswith(match[2])),
                           None)
                said = re.match(r"\[?\S+ ([^]]+)", here)[1]
                if own is None:
                    wrong.append(f"{match[2]!r} is no heading of the lesson, or is not translated there")
                elif said != own:
                    wrong.append(f"{said!r} is {own!r} in the Korean lesson")
    return wrong


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_every_section_has_its_translation(page):
    assert faults(read(page), read(PAGES[page]), page) == []


def test_no_link_of_a_translation_is_dead():
    for page, path in PAGES.items():
        if page.startswith("site/"):
            continue  # their links are those of the built pages; test_site.py follows them
        folder = (ROOT / path).parent
        links = [link.split("#")[0] for link in prose.LINK.findall(read(path)) if not re.match(r"[a-z]+:|#", link)]
        made = [link for link in links if link.endswith(".ipynb")]
        assert [link for link in links if link not in made and not (folder / link).exists()] == []
        # The notebooks are made: there are English ones to make them from.
        assert [link for link in made if not (folder / link.replace("/ko/", "/")).exists()] == []


def test_the_notes_quote_the_headings_of_the_korean_lessons():
    assert quoted(read("docs/teaching.md"), read("docs/ko/teaching.md")) == []


ENGLISH = """\
# Title

[한국어](README.ko.md) 12 digits, `a + b`, see [below](#the-end) and [lesson 1](notebooks/01_data_loading.ipynb), $x$.

    pip install notebooks/01_data_loading.ipynb

## Part

| a | 1.5 |
| --- | --- |

```python
load("sample")  # yes
```

## The end

[MNIST](https://example.org/5) and [data](data/README.md)
"""
KOREAN = """\
<!-- of README.md: {0} -->
# 제목

$x$, `a + b`, 숫자 12개, [아래](#끝), [1과](notebooks/ko/01_data_loading.ipynb)도. [English](README.md)

    pip install notebooks/ko/01_data_loading.ipynb

<!-- of README.md: {1} -->
## 부분

| 가 | 1.5 |
| --- | --- |

```python
load("sample")  # yes
```

<!-- of README.md: {2} -->
## 끝

[MNIST](https://example.org/5)와 [데이터](data/README.md)
""".format(*(section.hash for section in sections(ENGLISH)))


def test_a_right_translation_has_no_fault():
    assert faults(ENGLISH, KOREAN, "README.md") == []


@pytest.mark.parametrize("old, new, said", [
    ("12개", "13개", r"numbers: lacks \['12'\], has besides \['13'\]"),
    ("| 1.5 |", "| 1,5 |", "numbers: lacks"),
    ("`a + b`", "`a - b`", "code: lacks"),
    ("`a + b`, ", "", "code: lacks"),
    ("$x$", "$y$", "formulas: lacks"),
    ("    pip install", "    pip uninstall", "blocks of code: lacks"),
    ('load("sample")', 'load("표본")', "blocks of code: lacks"),
    ("    pip install notebooks/ko", "    pip install notebooks", "blocks of code: lacks"),
    ("(#끝)", "(#the-end)", "links: lacks"),
    ("(notebooks/ko/01", "(notebooks/01", "links: lacks"),
    ("(README.md)", "(README.ko.md)", "links: lacks"),
    ("example.org/5", "example.org/6", "links: lacks"),
    ("와 [데이터](data/README.md)", "", "links: lacks"),
    ("| --- | --- |\n", "| --- | --- |\n| 나 | |\n", "rows of tables"),
    ("## 부분", "### 부분", "level of the heading"),
    ("## 부분", "## Part", None),
    ("<!-- of README.md: ", "<!-- from README.md: ", "no comment above"),
    ("<!-- of README.md: ", "<!-- of docs/teaching.md: ", "no comment above"),
])
def test_a_fault_of_a_translation_is_found(old, new, said):
    assert old in KOREAN
    found = faults(ENGLISH, KOREAN.replace(old, new, 1), "README.md")
    assert bool(found) == bool(said) and (not said or any(re.search(said, fault) for fault in found)), found


def test_a_changed_a_missing_and_a_moved_section_are_found():
    changed = ENGLISH.replace("| a |", "| b |")
    assert [re.sub(r"\w{8} above", "HASH above", fault) for fault in faults(changed, KOREAN, "README.md")] \
        == ["'Part' has changed: bring '부분' up to date, then write HASH above it"]
    start, part, end = re.split(r"(?=<!-- of )", KOREAN)[1:]
    assert faults(ENGLISH, start + end, "README.md") == ["it has 2 sections, the English page has 3"]
    assert faults(f"{ENGLISH}\n## New\n", KOREAN, "README.md") == ["it has 3 sections, the English page has 4"]
    assert "'끝' stands at the place of another section, 'Part'" in faults(ENGLISH, start + end + part, "README.md")
    assert "'Part' is not in Korean" in faults(ENGLISH, start + re.sub("[가-힣]+", "Part", part) + end, "README.md")


def test_what_the_badges_make_is_no_change():
    made = ENGLISH.replace("12 digits", "<!-- made by tools.badges: badges -->\n{}<!-- end -->\n\n12 digits")
    assert sections(made.format(""))[0].hash == sections(made.format("[a](https://example.org)\n"))[0].hash


def test_a_heading_that_is_not_translated_is_found():
    notes, korean = read("docs/teaching.md"), read("docs/ko/teaching.md")
    assert quoted(notes.replace("| Squash the sum |", "| Squash it |"), korean) \
        == ["'Squash it' is no heading of the lesson, or is not translated there"]


def test_a_heading_that_is_not_the_lessons_is_found():
    notes, korean = read("docs/teaching.md"), read("docs/ko/teaching.md")
    for here in ("| 합을 좁은 범위로 누르기 |", "| 2.2 한 줄 쓰기: 층 |", "## 2 숫자 하나를 순전파하기",
                 "[2 숫자 하나를 순전파하기]"):
        assert korean.count(here) == 1
        assert len(quoted(notes, korean.replace(here, here.replace("기", "기!").replace("층", "층!")))) == 1, here
