"""The editions in other languages: complete or listed as not yet, with the same numbers and the same code.

What is not translated yet stands in `not_yet.txt`, beside the PO files of its language, and nowhere else.
"""

import ast
import copy
import html
import re
import symtable

import nbformat
import pytest

from lessonkit import words
from tools.translate import catalogue, code, lessonkit_words, make, prose

LANGUAGES = [language for language in words.languages() if language != "en"]
WORKS = [work for language in LANGUAGES for work in make.works(language)]
GLOSSARY = {language: make.DOCS / language / "glossary.md" for language in LANGUAGES}


def not_yet(language):
    return (make.NOTEBOOKS / language / "texts" / "not_yet.txt").read_text(encoding="utf-8").split()


DONE = [work for work in WORKS if work.name not in not_yet(work.language)]
LESSONS = [work for work in DONE if not work.is_exercise]


def named(work):
    return f"{work.language}-{work.name}"


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


# -- complete, or not there ---------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_translated_yet_is_listed_and_nowhere_else(language):
    names = {"lessonkit", *(work.name for work in WORKS if work.language == language)}
    assert set(not_yet(language)) <= names
    folder = make.NOTEBOOKS / language
    found = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.ipynb")}
    expected = {work.target.relative_to(folder).with_suffix("").as_posix() for work in DONE
                if work.language == language}
    assert {name for name in found if "/solutions/" not in name} == expected
    texts = {path.relative_to(folder / "texts").with_suffix("").as_posix() for path in (folder / "texts").rglob("*.po")}
    assert texts <= names, "a PO file of no lesson"


@pytest.mark.parametrize("work", DONE, ids=named)
def test_made_from_the_english_text_of_today_and_complete(work):
    assert work.faults() == []
    assert work.stale() == [], f"run `python -m tools.translate {work.language}`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_lessonkit(language):
    faults = lessonkit_words.faults(language)
    if "lessonkit" in not_yet(language):
        faults = [fault for fault in faults if not fault.endswith("is not translated")]
    assert faults == []
    assert not lessonkit_words.is_stale(language), f"run `python -m tools.translate {language} lessonkit`"


@pytest.mark.parametrize("work", [work for work in WORKS if work.po.exists()], ids=named)
def test_po_files_are_in_normal_form(work, tmp_path):
    """As --update writes them: so a diff shows texts alone."""
    copied = tmp_path / work.po.name
    copied.write_bytes(work.po.read_bytes())
    catalogue.update(copied, catalogue.template(work.pieces()), work.language)
    assert copied.read_text(encoding="utf-8") == work.po.read_text(encoding="utf-8"), (
        f"run `python -m tools.translate {work.language} {work.name} --update`")


# -- what both languages have in common ---------------------------------------------------------------


@pytest.mark.parametrize("work", LESSONS, ids=named)
def test_every_english_cell_has_its_cell(work):
    english, translated = cells_of(work.source), cells_of(work.target)
    assert [cell.cell_type for cell in english] == [cell.cell_type for cell in translated]
    for old, new in zip(english, translated):
        assert new.metadata.translation.of == catalogue.digest(old.source), old.source
        assert {name: value for name, value in new.metadata.items() if name != "translation"} == old.metadata


@pytest.mark.parametrize("work", LESSONS, ids=named)
def test_the_code_is_the_same_but_for_texts_of_the_catalogue(work):
    pairs = catalogue.translations(work.catalog()) | {"en": work.language}
    for old, new in zip(cells_of(work.source), cells_of(work.target)):
        if old.cell_type == "code":
            assert code.shape(old.source) == code.shape(new.source), new.source
            changed = [(a, b) for a, b in zip(literals(old.source), literals(new.source), strict=True) if a != b]
            assert [pair for pair in changed if pairs.get(pair[0]) != pair[1]] == []


def literals(source):
    """Every literal of `source` outside of f-strings, and every f-string, as the catalogue has them."""
    tree = ast.parse(source)
    inner = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
             if part is not node}  # formats such as .3f are f-strings, too
    nodes = [node for node in ast.walk(tree) if code._is_literal(node) and node not in inner]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    return [code.template(ast.get_source_segment(source, node)) for node in nodes]


@pytest.mark.parametrize("work", LESSONS, ids=named)
def test_executed_with_the_same_numbers_in_the_same_order(work):
    """Also of the lessons that CI does not run again; in the readings of pictures everything but words is compared."""
    english, translated = ([cell for cell in cells_of(path) if cell.cell_type == "code"]
                           for path in (work.source, work.target))
    assert [cell.execution_count for cell in translated] == list(range(1, len(translated) + 1))
    for old, new in zip(english, translated):
        assert [output.output_type for output in old.outputs] == [output.output_type
                                                                  for output in new.outputs], new.source
        for before, after in zip(map(text_of, old.outputs), map(text_of, new.outputs)):
            assert numbers(before) == numbers(after), f"{new.source}\n{before}\n{after}"
            assert re.findall(r"#[0-9a-f]{6}\b", before) == re.findall(r"#[0-9a-f]{6}\b", after)


def on_stderr(cell):
    return [output.text for output in cell.get("outputs", []) if output.get("name") == "stderr"]


def text_of(output):
    return output.get("text") or output.get("data", {}).get("text/plain", "")


def numbers(text):
    return re.findall(r"[-+]?\d+(?:[.,]\d+)*(?:e[-+]\d+)?", text)


@pytest.mark.parametrize("work", LESSONS, ids=named)
def test_nothing_of_a_machine_and_every_picture_says_what_it_shows(work):
    for english, cell in zip(cells_of(work.source), cells_of(work.target)):
        assert on_stderr(cell) == on_stderr(english), "a warning"  # the progress line of `fit` is in both
        for output in cell.get("outputs", []):
            assert not re.search(r"/(?:home|root|tmp|work|Users|opt)/| at 0x[0-9a-f]{6,}", text_of(output))
            for alt in re.findall('<img alt="([^"]*)"', output.get("data", {}).get("text/html", "")):
                assert text_of(output).startswith(html.unescape(alt)) and alt.endswith("."), cell.source


@pytest.mark.parametrize("work", LESSONS, ids=named)
def test_links_lead_somewhere(work):
    text = "\n".join(cell.source for cell in cells_of(work.target) if cell.cell_type == "markdown")
    local = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?://", link)]
    assert local and [link for link in local if not (work.target.parent / link.split("#")[0]).exists()] == []


@pytest.mark.parametrize("work", LESSONS, ids=named)
def test_a_control_has_the_name_in_the_text_that_it_has_on_the_screen(work):
    labels = catalogue.translations(catalogue.read(lessonkit_words.po(work.language), work.language))
    for text, translation in catalogue.translations(work.catalog()).items():
        for label in set(re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", text)) & labels.keys():
            assert f"*{labels[label]}*" in translation, f"*{label}* is *{labels[label]}* on the screen: {translation}"


# -- the glossary -------------------------------------------------------------------------------------


def terms(language):
    """English term -> its forms, any of which may stand in a text."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", GLOSSARY[language].read_text(encoding="utf-8"), re.M)
    return {english: translation.split(", ") for english, translation in rows if english not in ("English", "---")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_term_has_one_translation_everywhere(language):
    pairs = {}
    for work in WORKS:
        if work.language == language and work.po.exists():
            pairs |= catalogue.translations(work.catalog())
    pairs |= catalogue.translations(catalogue.read(lessonkit_words.po(language), language))
    wrong = [(term, text[:80], translation[:80]) for text, translation in pairs.items()
             for term in missing_terms(text, translation, terms(language))]
    assert wrong == []


def missing_terms(text, translation, glossary):
    """The terms of `text` that `translation` says otherwise."""
    bare = re.sub(r"```.*?```|`[^`]*`|\bsigmoid\(|\]\([^)]*\)|\$[^$]*\$|\{[^{}]*\}|\"[^\"]*\""
                  r"|(?<!\*)\*[A-Z][^*]*\*(?!\*)", " ", text, flags=re.S)
    return [term for term, forms in glossary.items() if re.search(pattern(term), bare, re.I if term[0].islower() else 0)
            and not any(form in translation for form in forms)]


def pattern(term):
    return re.escape(term) if not term[0].isalpha() else rf"(?<![\w-]){re.escape(term)}(?:s|es)?(?![\w-])"


def test_another_translation_of_a_term_is_found():
    glossary = {"gradient": ["그레이디언트"], "**Time**": ["**시간**"]}
    assert missing_terms("The gradients fall.", "기울기가 줄어듭니다.", glossary) == ["gradient"]
    assert missing_terms("The gradients fall.", "그레이디언트가 줄어듭니다.", glossary) == []
    assert missing_terms("`gradient` is a name.", "이름입니다.", glossary) == []
    assert missing_terms("**Time** about", "**때** 약", glossary) == ["**Time**"]


# -- mistakes of translators are found ----------------------------------------------------------------


PIECES = [catalogue.Piece("prose",
                          "## Count\n\nAll 20 are *sevens*: see `y` and $n$, and [lesson 2](02_forward_pass.ipynb).",
                          "cell 1 (Count)"),
          catalogue.Piece("code", 'print(f"{n} of {len(y)} are right")  # the first of them all\n'
                          'table(counts, "{} of 500")', "cell 2 (Count)")]
RIGHT = {PIECES[0].source: "## 세기\n\n20개 모두 *7*입니다. `y`와 $n$, [2강](02_forward_pass.ipynb)을 보세요.",
         "{n} of {len(y)} are right": "정답 {n}개, 전체 {len(y)}개", "# the first of them all": "# 모두 가운데 처음",
         "{} of 500": "{}개(전체 500개)"}


def filled(path, texts, pieces=PIECES):
    """The catalogue of `pieces` in the PO file at `path`, with translations."""
    catalogue.update(path, catalogue.template(pieces), "ko")
    catalog = catalogue.read(path, "ko")
    for message in catalog:
        message.string = texts.get(message.id, message.string)
    catalogue.write(path, catalog)
    return catalogue.read(path, "ko")


def test_a_complete_catalogue_has_no_fault(tmp_path):
    assert catalogue.faults(filled(tmp_path / "one.po", RIGHT), PIECES) == []


@pytest.mark.parametrize("text, translation, said", [
    ("prose", "## 세기\n\n7입니다. `y`와 $n$, [2강](02_forward_pass.ipynb)을 보세요.", "numbers"),
    ("prose", "## 세기\n\n21개 모두 *7*입니다. `y`와 $n$, [2강](02_forward_pass.ipynb)을 보세요.", "numbers"),
    ("prose", "## 세기\n\n20개 모두 *7*입니다. `y`와 $m$, [2강](02_forward_pass.ipynb)을 보세요.", "formulas"),
    ("prose", "## 세기\n\n20개 모두 *7*입니다. `z`와 $n$, [2강](02_forward_pass.ipynb)을 보세요.", "names of code"),
    ("prose", "## 세기\n\n20개 모두 *7*입니다. `y`와 $n$, [2강](03_backprop_derivation.ipynb)을 보세요.", "links"),
    ("prose", "세기\n\n20개 모두 *7*입니다. `y`와 $n$, [2강](02_forward_pass.ipynb)을 보세요.", "headings"),
    ("prose", "", "is not translated"),
    ("{n} of {len(y)} are right", "전체 {len(y)}개 중 정답 {n}개", "placeholders"),
    ("{n} of {len(y)} are right", "정답 {n}개", "placeholders"),
    ("{n} of {len(y)} are right", "정답 {n}개, 전체 {len(y)}개 중 3", "numbers"),
    ("{} of 500", "500개 중 {}개", "numbers"),
    ("# the first of them all", "처음", "comment")])
def test_a_fault_of_a_translation_is_named(tmp_path, text, translation, said):
    text = PIECES[0].source if text == "prose" else text
    faults = catalogue.faults(filled(tmp_path / "one.po", RIGHT | {text: translation}), PIECES)
    assert len(faults) == 1 and said in faults[0] and faults[0].startswith("cell "), faults


def test_a_changed_english_cell_is_named_until_its_translation_is_seen_to(tmp_path):
    path = tmp_path / "one.po"
    filled(path, RIGHT)
    changed = [PIECES[0]._replace(source=PIECES[0].source.replace("sevens", "twos")), PIECES[1]]
    faults = catalogue.faults(catalogue.read(path, "ko"), changed)
    assert len(faults) == 2 and faults[0].startswith("cell 1 (Count)") and "--update" in faults[0]
    assert "orphan" in faults[1]
    catalogue.update(path, catalogue.template(changed), "ko")
    faults = catalogue.faults(catalogue.read(path, "ko"), changed)
    assert len(faults) == 1 and faults[0].startswith("cell 1 (Count)") and "fuzzy" in faults[0]
    assert re.search(r"^#\| .*All 20 are \*sevens\*", path.read_text(encoding="utf-8"),
                     re.M), "what it was translated from"


def test_a_new_cell_and_one_that_is_gone_are_named(tmp_path):
    catalog = filled(tmp_path / "one.po", RIGHT)
    more = [*PIECES, catalogue.Piece("prose", "Something that nobody has seen before.", "cell 3 (Count)")]
    assert [fault for fault in catalogue.faults(catalog, more) if not fault.startswith("cell 3")] == []
    assert catalogue.faults(catalog, more)
    assert [fault for fault in catalogue.faults(catalog, PIECES[:1]) if not fault.startswith("orphan")] == []
    assert len(catalogue.faults(catalog, PIECES[:1])) == 3


def notebook_of(*cells):
    nb = nbformat.v4.new_notebook()
    for source, of, kept in cells:
        cell = nbformat.v4.new_markdown_cell(source)
        cell.metadata["translation"] = nbformat.from_dict({"of": of} | ({"kept": kept} if kept else {}))
        nb.cells.append(cell)
    return nb


def test_a_hash_is_renewed_with_the_text_or_with_a_reason_alone(tmp_path):
    before = notebook_of(("하나", "1", None), ("둘", "2", None))
    make.refuse_silent_renewal(before, copy.deepcopy(before), "x")
    make.refuse_silent_renewal(before, notebook_of(("하나 더", "3", None), ("둘", "2", None)), "x")
    make.refuse_silent_renewal(before, notebook_of(("하나", "3", "a comma only"), ("둘", "2", None)), "x")
    with pytest.raises(make.Unfit, match="하나"):
        make.refuse_silent_renewal(before, notebook_of(("하나", "3", None), ("둘", "2", None)), "x")
    path = tmp_path / "one.po"
    catalog = filled(path, RIGHT)
    catalog.get(PIECES[0].source).user_comments.append("kept: a comma only")
    catalogue.write(path, catalog)
    assert catalogue.reasons(catalogue.read(path, "ko")) == {PIECES[0].source: "a comma only"}
    changed = [PIECES[0]._replace(source=PIECES[0].source.replace("sevens", "twos")), PIECES[1]]
    catalogue.update(path, catalogue.template(changed), "ko")
    assert catalogue.reasons(catalogue.read(path, "ko")) == {}, "the reason was given for another change"


@pytest.mark.parametrize("source, found", [
    ('x = nn.eval_["cost"]; load_mnist("sample"); set_language("en")', []),
    ('d = {"slope of w_h": [], "slope of w_out": []}', ["slope of w_h", "slope of w_out"]),
    ('d = {"l2": 0.1, "epochs": 20}', []), ('table({"epochs": a, "cost per digit": b})', ["epochs", "cost per digit"]),
    ('np.load(DATA / "mnist_sample.npz")["X_train"]  # (n, 784)', []),
    ('a = b  # over the rows: (10,)', ["# over the rows: (10,)"]),
    ('print(f"the third {\'never climbs\' if stuck else \'climbs\'}")',
     ["the third {'never climbs' if stuck else 'climbs'}"]),
    ('f"{x:.1f}" "{:.1f} %" "da/dz"', []), ('runs = {"as before": 1}\nruns["as before"]', ["as before"] * 2),
    ('d = {"slope of w": [], "of w_h": []}\nd["of w_h"]', ["slope of w", "of w_h", "of w_h"]),
    ('d = {"epochs": 1, "as before": 2}\nd["epochs"]', ["epochs", "as before", "epochs"]),
    ('d = {"epochs": 1, "w_out": 2}\nd["epochs"] + d["w_out"]', []),
    ('table({"cost": nn.eval_["cost"], "as before": 2})', ["cost", "as before"]),
    ('print(f"λ = {a} is\\n" f"the {b}")', ["λ = {a} is\nthe {b}"]),
    ("# one line\n# and the next", ["# one line and the next"]), ("    ### BEGIN SOLUTION\n", [])])
def test_texts_in_code_are_told_from_names(source, found):
    assert [text.text for text in code.texts(source)] == found


def test_code_is_rewritten_in_its_place():
    source = 'print(f"{a:.1f} of {b} right, "\n      f"{c} wrong")\nx = "as \\"before\\""  # the one\n'
    said = {"{a:.1f} of {b} right, {c} wrong": "정답 {a:.1f}(전체 {b}), 오답 {c}", 'as "before"': '"전"\n처럼',
            "# the one": "# 그것"}
    new = code.translated(source, said.__getitem__, "ko")
    assert new == 'print(f"정답 {a:.1f}(전체 {b}), 오답 {c}")\nx = "\\"전\\"\\n처럼"  # 그것\n'
    assert code.shape(new) == code.shape(source) != code.shape(source.replace("b}", "d}"))
    long = code.translated('print(f"{a} x y")', lambda text: "가나다 " * 40 + "{a}", "ko")
    assert max(map(code.width, long.splitlines())) <= code.WIDTH and code.shape(long) == code.shape('print(f"{a} x y")')


def test_no_module_that_speaks_uses_its_word_for_something_else():
    """A local variable `_` would hide the `_` that translates, and only the line that comes to need it would fail."""
    lessonkit = make.NOTEBOOKS / "lessonkit"
    speaking = [path for path in sorted(lessonkit.rglob("*.py"))
                if re.search(r"words import .*\b_\b", path.read_text("utf-8"))]
    hiding = [f"{path.relative_to(lessonkit)}, {function.get_name()}" for path in speaking
              for function in scopes(symtable.symtable(path.read_text("utf-8"), path.name, "exec"))
              if "_" in function.get_locals()]
    assert len(speaking) > 20 and hiding == []


def scopes(table):
    """The functions in it, at any depth, without the comprehensions, whose variables nothing else can see."""
    for child in table.get_children():
        if child.get_type() == "function" and not child.get_name().endswith(("comp", "genexpr")):
            yield child
        yield from scopes(child)


def test_links_lead_to_the_language_where_it_has_the_page(tmp_path, monkeypatch):
    for name in ("notebooks/01.ipynb", "notebooks/02.ipynb", "notebooks/ko/02.ipynb", "docs/sweeps.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    for name, folder in (("ROOT", ""), ("NOTEBOOKS", "notebooks"), ("DOCS", "docs")):
        monkeypatch.setattr(make, name, tmp_path / folder)
    text = "[a](02.ipynb#x) [b](01.ipynb) [c](../docs/sweeps.md) [d](https://x.org/a) [e](#here)"
    here, there = tmp_path / "notebooks" / "01.ipynb", tmp_path / "notebooks" / "ko" / "01.ipynb"
    assert make.relinked(text, here, there, "ko") == (
        "[a](02.ipynb#x) [b](../01.ipynb) [c](../../docs/sweeps.md) [d](https://x.org/a) [e](#here)")


def test_numbers_that_english_says_in_words_may_be_numerals():
    assert prose.faults("The six is at 3.", "6은 3에 있습니다.") == []
    assert prose.faults("The six is at 3.", "7은 3에 있습니다.") != []
    assert prose.faults("Lesson 3 has 28 x 28 pixels.", "28 x 28 픽셀은 3강입니다.") == []
