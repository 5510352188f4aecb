"""The letters that a language needs and a machine may lack, for pages: the font of `lessonkit.style`, whole or in part.

Fonts of systems come first, so that who has one of them loads nothing. What is made of the font has a name of its
own, as its licence asks of changed versions.
"""

import base64
import importlib.metadata
import logging
import tempfile
from pathlib import Path

from lessonkit import style

FAMILY = "Course Letters"
WEIGHTS = 400, 700
RANGES = {"ko": "U+1100-11FF, U+3131-318E, U+A960-A97F, U+AC00-D7FF"}  # of a language's letters, as CSS has them


def files(language):
    """Weight -> path of its font file; empty where the language needs none.

    Raises RuntimeError, in words, if the package with the font is not installed.
    """
    if language not in style.PACKAGED:
        return {}
    package, names = style.PACKAGED[language]
    try:
        return {weight: importlib.metadata.distribution(package).locate_file(name)
                for weight, name in zip(WEIGHTS, names, strict=True)}
    except importlib.metadata.PackageNotFoundError:
        raise RuntimeError(f"the package {package} is not installed: pip install -r requirements.txt") from None


def rules(language, addresses):
    """The rules of CSS for a language whose font files are at `addresses`, weight -> address; empty if it needs none.

    They set `--letters` for lists of fonts, where it stands first: it has the letters of the language alone. A browser
    that has tried other fonts in vain for a letter may keep its empty box when this one comes.
    """
    if not addresses:
        return ""
    found = ""
    for weight, address in addresses.items():
        bold = "" if weight == WEIGHTS[0] else " Bold"
        systems = ", ".join(f'local("{name}{bold}")' for name in style.OF_SYSTEMS[language])
        found += (f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; font-display: swap;\n'
                  f'  unicode-range: {RANGES[language]};\n  src: {systems}, url("{address}"); }}\n')
    return found + f':root {{ --letters: "{FAMILY}"; }}\n'


def letters(language, text=""):
    """The letters of `text`, and those that nearly all texts of the language are written with."""
    return {*text, *(letter for letter in map(chr, range(0x3131, 0xD7A4)) if language == "ko" and _is_usual(letter))}


def _is_usual(letter):
    """Whether a letter of Korean is among the 2,350 syllables of KS X 1001, of 11,172 that can be, or a single jamo."""
    return not "\u3200" <= letter < "가" and len(letter.encode("euc_kr", "ignore")) == 2


def part(source, target, wanted, flavor=None):
    """Write to `target` what the font file `source` has of the letters `wanted`, as TrueType or as `flavor`."""
    from fontTools import subset  # which comes with Matplotlib; for woff2 it takes what only the site's environment has

    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)  # of tables that no browser reads
    options = subset.Options(flavor=flavor, layout_features=[], hinting=False, name_IDs=["*"], name_languages=["*"],
                             notdef_outline=True)
    font = subset.load_font(source, options)
    chosen = subset.Subsetter(options)
    chosen.populate(text="".join(wanted))
    chosen.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = FAMILY
        elif record.nameID == 6:
            record.string = FAMILY.replace(" ", "")
    subset.save_font(font, target, options)


def embedded(language, text):
    """The rules of CSS for a language with the fonts themselves in them, as far as `text` needs them."""
    addresses = {}
    with tempfile.TemporaryDirectory() as folder:
        for weight, file in files(language).items():
            path = Path(folder) / f"{weight}.ttf"
            part(file, path, set(text))  # not the file itself: browsers refuse it, for tables that are not in order
            addresses[weight] = f"data:font/ttf;base64,{base64.b64encode(path.read_bytes()).decode()}"
    return rules(language, addresses)
