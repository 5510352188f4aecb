"""What a text and its translation must have in common: numbers, formulas, links, names of code, placeholders."""

import re
from collections import Counter

from . import code

FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.S)
FENCE = re.compile(r"^```[^\n]*\n.*?^```", re.S | re.M)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"https?://\S+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
NUMBER_WORDS = dict(zip("zero one two three four five six seven eight nine ten eleven twelve".split(), range(13))) | {
    "twenty": 20, "hundred": 100, "thousand": 1000, "hexadecimal": 16, "half": 2, "third": 3, "first": 1, "second": 2}
WORDS_IN_FORMULA = re.compile(r"\\(?:text|mathrm)\{(?!out\})[^{}\\]{2,}\}")


def faults(text, translation):
    """What `translation` of a Markdown `text` has too much or too little, a sentence each."""
    if not text.strip():
        return []
    found = []
    expected, given = _parts(text), _parts(translation)
    given["numbers"] = without_said(text, expected["numbers"], given["numbers"])
    for name in expected:
        found += _difference(name, expected[name], given[name])
    if bool(re.match("#+ ", text)) != bool(re.match("#+ ", translation)) or _headings(text) != _headings(translation):
        found.append("its headings are of other levels than those of the English text")
    if text.count("\n|") != translation.count("\n|"):
        found.append("its table has another number of rows")
    return found


def without_said(text, expected, given):
    """The numbers `given` without those that the English `text` says in a word, as "the six"."""
    said = {str(number) for word, number in NUMBER_WORDS.items() if re.search(rf"\b{word}(?:e?s)?\b", text, re.I)}
    given = list(given)
    for number in (Counter(given) - Counter(expected)).elements():
        if number in said:
            given.remove(number)
    return given


def code_faults(text, translation):
    """The same for a text in code, a literal or a comment; there numbers keep their order, for they are printed."""
    found = []
    if text.startswith("# ") != translation.startswith("# "):
        found.append("a comment begins with '# ', a literal does not")
    in_order, given = (re.findall(rf"{{}}|{NUMBER.pattern}", re.sub(r"\{[^{}]*\}", "{}", said))
                       for said in (text, translation))
    if code.placeholder_shapes(text) != code.placeholder_shapes(translation):
        found.append(f"its placeholders are {code.placeholders_in(translation)}; expected, in this order, "
                     f"{code.placeholders_in(text)}")
    elif in_order != given:
        found.append(f"its numbers and placeholders are {given}; expected, in this order, {in_order}")
    return found + _difference("names of code", CODE.findall(text), CODE.findall(translation))


def _parts(text):
    text = ADDRESS.sub(lambda address: address[0].rstrip(").,"), text)
    links = LINK.findall(text)
    bare = LINK.sub("] ", text)
    fences = [re.sub(r"#.*|(\"|').*?\1", "", fence) for fence in FENCE.findall(bare)]
    bare = FENCE.sub(" ", bare)
    names = CODE.findall(bare)
    bare = CODE.sub(" ", bare)
    formulas = [" ".join(WORDS_IN_FORMULA.sub("", formula).split()) for formula in FORMULA.findall(bare)]
    bare = FORMULA.sub(" ", bare)
    return {"links": links, "blocks of code": fences, "names of code": names, "formulas": formulas,
            "numbers": NUMBER.findall(bare)}


def _difference(name, expected, found):
    missing, extra = Counter(expected) - Counter(found), Counter(found) - Counter(expected)
    said = [f"{what} {', '.join(sorted(these.elements()))}" for what,
            these in (("lacks", missing), ("has besides", extra))
            if these]
    return [f"of the {name} it {' and '.join(said)}"] if said else []


def _headings(text):
    return re.findall(r"^#+(?= )", FENCE.sub("", text), re.M)
