"""The words of `lessonkit` in another language: its PO file, and the .mo file from it that a student's Python reads."""

import gettext
import io
import re
from datetime import datetime

from babel.messages import mofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from lessonkit import words
from tools.execute import LESSONS

from . import catalogue, prose

PACKAGE, TOOLS = words.LOCALE.parent, LESSONS.parent / "tools"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def po(language):
    return words.LOCALE / language / "LC_MESSAGES" / f"{words.DOMAIN}.po"


def template():
    """The catalogue of all words in `_`, `N_` and `ngettext`, by module."""
    catalog = Catalog(fuzzy=False)
    found = [*extract_from_dir(str(PACKAGE), [("**.py", "python")], keywords=KEYWORDS),
             *((f"tools/{module}", *entry) for module, *entry in
               extract_from_dir(str(TOOLS), [("**.py", "python")], keywords=KEYWORDS))]
    for module, _, text, comments, context in sorted(found, key=lambda entry: (entry[0], entry[1])):
        catalog.add(text, locations=[(module.replace("\\", "/"), None)], auto_comments=comments, context=context)
    return catalog


def update(language):
    catalogue.update(po(language), template(), language)


def faults(language):
    """What is wrong with the words in a language, a sentence each."""
    entries = {(message.context, message.id): message for message in catalogue.read(po(language), language)
               if message.id}
    found = []
    for message in template():
        if not message.id:
            continue
        translated = entries.pop((message.context, message.id), None)
        name = message.id if isinstance(message.id, str) else message.id[0]
        if translated is None or translated.fuzzy or not all(_all(translated.string)):
            found.append(f'lessonkit: "{name}" is not translated')
            continue
        for string in _all(translated.string):
            if sorted(PLACEHOLDER.findall(string)) != sorted(PLACEHOLDER.findall(_all(message.id)[-1])):
                found.append(f'lessonkit: "{name}" has other placeholders in its translation: {string}')
            expected, given = _numbers(_all(message.id)[-1]), _numbers(string)
            if all(module.startswith("check/") for module, _ in message.locations):  # no output of a lesson
                given = prose.without_said(_all(message.id)[-1], expected, given)
            if sorted(given) != sorted(expected):
                found.append(f'lessonkit: "{name}" has other numbers in its translation: {string}')
    return found + [f'lessonkit: "{_all(name)[0]}" is in the PO file and in no module' for _, name in entries]


def _numbers(text):
    return prose.NUMBER.findall(PLACEHOLDER.sub("{}", text))


def _all(text):
    return [text] if isinstance(text, str) else list(text)


def compiled(language):
    """The .mo file as bytes."""
    catalog = catalogue.read(po(language), language)
    catalog.creation_date = catalog.revision_date = datetime(2000, 1, 1)
    written = io.BytesIO()
    mofile.write_mo(written, catalog)
    return written.getvalue()


def is_stale(language):
    """Whether the .mo file says something else than the PO file."""
    path = po(language).with_suffix(".mo")
    return not path.exists() or _said(path.read_bytes()) != _said(compiled(language))


def _said(mo):
    texts = gettext.GNUTranslations(io.BytesIO(mo))._catalog
    return {key: text for key, text in texts.items() if key}


def compile_(language):
    """Write the .mo file, if it says something new."""
    if is_stale(language):
        po(language).with_suffix(".mo").write_bytes(compiled(language))
