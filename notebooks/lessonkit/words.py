"""The words that students read, in the language of the notebook.

    set_language("ko")                                      # a lesson's first cell; "en" in the English ones

    _("The shape is {shape}.").format(shape=array.shape)
    ngettext("{n} digit", "{n} digits", n).format(n=n)
    pgettext("a run that goes on", "training")              # where one English word means two things

A text is looked up whole, so numbers and names are put in afterwards, by name. What is written down when a module is
imported, before a language is set, is marked with `N_` and looked up when it is shown:

    LABEL = N_("Your guess")
    ...
    _(LABEL)

The translations are in `locale`, a folder a language; docs/translating.md says how they are made.

Why a line in the notebook: the same kernel serves every language, a notebook's folder and metadata are unknown to it in
Colab and on GitHub, and a student who copies a notebook takes the line along.
"""

import contextlib
import gettext as _gettext
from pathlib import Path

DOMAIN = "lessonkit"
LOCALE = Path(__file__).parent / "locale"
_language, _translation = "en", _gettext.NullTranslations()


def languages():
    """The languages that there are, by code."""
    return ["en", *sorted(path.parent.parent.name for path in LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]


def name_of(code):
    """What the language `code` calls itself, such as "English"."""
    with spoken(code):
        return pgettext("what the language calls itself", "English")


def language():
    """The language that is set, such as "en"."""
    return _language


def set_language(code):
    """Speak the language `code` from here on, in labels, figures and checks; ValueError if there is none such."""
    global _language, _translation
    if code not in languages():
        raise ValueError(f"code is {code!r}; expected one of {', '.join(map(repr, languages()))}.")
    _translation = (_gettext.NullTranslations() if code == "en" else
                    _gettext.translation(DOMAIN, LOCALE, languages=[code]))
    _language = code


@contextlib.contextmanager
def spoken(code):
    """Speak the language `code` within a `with` block."""
    before = _language
    set_language(code)
    try:
        yield
    finally:
        set_language(before)


def _(text):
    """`text` in the language of the notebook."""
    return _translation.gettext(text) if text else ""  # which in gettext stands for the file itself


def ngettext(one, many, n):
    """`one` or `many`, as `n` of them are spoken of in the language of the notebook."""
    return _translation.ngettext(one, many, n)


def pgettext(context, text):
    """`text`, which elsewhere means something else; `context` says what here."""
    return _translation.pgettext(context, text)


def N_(text):
    """`text` itself: marks it for translators where it is only looked up later."""
    return text
