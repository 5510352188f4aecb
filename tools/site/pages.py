"""The pages: gathers lessons, exercises and notes in a folder a language, with their pictures as files, and has Sphinx
build each.

Within such a folder everything lies as in the English course, so a page has one place, whatever its language: that of
notebooks/ko/01_data_loading.ipynb is notebooks/01_data_loading.ipynb. On the site the English pages stand at the top,
those of another language in a folder of its name.
"""

import base64
import hashlib
import html
import importlib.util
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path, PurePosixPath

import nbformat

from lessonkit import words
from lessonkit.words import N_, _

from .. import draw_page, fonts
from . import licences, live

COURSE = Path(__file__).resolve().parents[2]
ENGLISH = "en"
# `{}` is the folder of the language, "ko/" or none.
PAGES = ("notebooks/{}[0-9]*.ipynb", "notebooks/{}exercises/[0-9]*.ipynb", "docs/{}teaching.md", "docs/{}classroom.md",
         "docs/{}anywhere.md", "docs/{}sweeps.md", "docs/{}glossary.md")
OWN = "index.md", "exercises.md"  # of the site alone; in site/ and in a folder of it for each other language
FRONT = "README.md"  # what GitHub shows first; here that is index.md
MENU = ((N_("Lessons"), "notebooks/[0-9]*"), (N_("Practice"), "exercises", "docs/glossary"),
        (N_("For teachers"), "docs/teaching", "docs/classroom", "docs/anywhere", "docs/sweeps"),
        (N_("About"), "licences"))
# What of MathJax the pages ask for; the rest of its 24 MB is for other input and other output.
MATHJAX = "tex-chtml.js", "output/chtml/fonts/woff-v2"
# Words of the theme that Sphinx's own catalogues lack: those it asks a catalogue for, and those it does not.
THEME = (N_("Next"), N_("Previous"), N_("Skip to content"), N_("Back to top"), N_("On this page"), N_("Home"),
         N_("Error"), N_("Please activate JavaScript to enable the search functionality."), N_("Made with "),
         N_("Copyright &#169; %(copyright)s"))
LABELS = (N_("Toggle site navigation sidebar"), N_("Toggle table of contents sidebar"),
          N_("Toggle Light / Dark / Auto color theme"))

EMBEDDED = re.compile(r'src="data:image/png;base64,([^"]+)"')
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")  # a link within the course, not one to the web
IF_LIVE = re.compile(r"<!-- live -->\n(.*?)<!-- end -->\n", re.S)


class Edition:
    """The pages in one language: `pages`, their places -> their paths in the course. All paths are relative."""

    def __init__(self, language):
        self.language = language
        self.folder = "" if language == ENGLISH else f"{language}/"
        found = [path.relative_to(COURSE) for pattern in PAGES
                 for path in sorted(COURSE.glob(pattern.format(self.folder)))]
        self.pages = {place(path): path for path in found}

    @property
    def notebooks(self):
        """The paths of its notebooks."""
        return [path for path in self.pages.values() if path.suffix == ".ipynb"]

    def own(self, name):
        """The text of a page that only the site has."""
        return (COURSE / "site" / self.folder / name).read_text(encoding="utf-8")

    def title(self, where):
        """The title of the page at a place."""
        path = self.pages.get(Path(where))
        if path is None:
            text = self.own(where)
        elif path.suffix == ".ipynb":
            text = nbformat.read(COURSE / path, as_version=4).cells[0].source
        else:
            text = (COURSE / path).read_text(encoding="utf-8")
        return re.search(r"^# (.+)$", text, re.M).group(1)

    def nearest(self, where):
        """The place of the page that is about the same as the one at the place `where`, and whether it is that page."""
        if where.as_posix() in (*OWN, "licences.md") or where in self.pages:
            return where, True
        others = (("notebooks" / Path(where.name), "exercises.md") if where.parent.name == "exercises" else
                  ("docs/teaching.md",) if where.parts[0] == "docs" else ())
        return next((Path(other) for other in others if Path(other) in self.pages or other in OWN),
                    Path("index.md")), False


def editions():
    """The English edition, and those of the languages that there are."""
    return [Edition(language) for language in words.languages()]


def place(path):
    """Where a page of the course stands among the pages of its language."""
    path = PurePosixPath(path)
    kept = [part for part in path.parts[:-1] if part not in words.languages()]
    name = next((path.name.replace(f".{language}.md", ".md") for language in words.languages()
                 if path.name.endswith(f".{language}.md")), path.name)
    return Path(*kept, name)


def build(scratch, out, runs):
    """Build the pages of all languages into `out`, by way of `scratch`; the notebooks `runs` get a button."""
    all_editions = editions()
    for edition in all_editions:
        with words.spoken(edition.language):
            source = scratch / edition.language
            gather(edition, source, out, runs, all_editions)
            sphinx(edition, source, scratch / f"{edition.language}-doctrees", out / edition.folder, bool(runs))
    draw_page.build(out / "draw")
    for edition in all_editions:  # the picture of the front page
        if (picture := COURSE / "docs" / edition.folder / "course.png").exists():
            (out / "pictures" / edition.folder).mkdir(exist_ok=True)
            shutil.copy(picture, out / "pictures" / edition.folder)
    mathjax(out / "_static" / "mathjax")
    letters(all_editions, out)


# -- what Sphinx gets -------------------------------------------------------------------------------


def gather(edition, source, out, runs, all_editions):
    """Fill the folder `source` with the pages of an edition."""
    source.mkdir()
    for name in OWN:
        text = only_live(edition.own(name), runs) + (menu(edition) if name == "index.md" else "")
        (source / name).write_text(links(text, Path(name), edition), encoding="utf-8")
    for where, path in edition.pages.items():
        (source / where).parent.mkdir(parents=True, exist_ok=True)
        text = (COURSE / path).read_text(encoding="utf-8")
        run = run_button(path, where, edition) if path in runs else (
            read_only() if runs and path.stem in live.NOT_HERE else "")
        text = notebook(text, path, out, run, edition) if path.suffix == ".ipynb" else links(text, path, edition)
        (source / where).write_text(text, encoding="utf-8")
    licences.write(source / "licences.md", only_live(edition.own("licences.md"), runs), out,
                   out / "live" if runs else None, f"{'../' if edition.folder else ''}licences")
    (source / "switch.json").write_text(json.dumps(switches(edition, all_editions)), encoding="utf-8")
    theme = source / "locales" / edition.language / "LC_MESSAGES"
    if edition.language != ENGLISH:
        theme.mkdir(parents=True)
        (theme / "sphinx.po").write_text(theme_words(), encoding="utf-8")


def only_live(text, runs):
    """`text` with or without what is said of lessons that run, between its comments."""
    return IF_LIVE.sub(r"\1" if runs else "", text)


def menu(edition):
    """The menu of all pages, as the front page has it."""
    found = ""
    for caption, *entries in MENU:
        here = [entry for entry in entries if "*" in entry or Path(f"{entry}.md") in edition.pages or "/" not in entry]
        lines = "\n".join(here)
        found += f"\n```{{toctree}}\n:caption: {_(caption)}\n:hidden:\n:glob:\n\n{lines}\n```\n"
    return found


def theme_words():
    """A PO file with the words of the theme."""
    entries = [("", "Content-Type: text/plain; charset=UTF-8\n"), *((text, _(text)) for text in THEME)]
    return "\n".join(f"msgid {json.dumps(text, ensure_ascii=False)}\nmsgstr {json.dumps(said, ensure_ascii=False)}\n"
                     for text, said in entries)


def switches(edition, all_editions):
    """For each page of an edition the same in the other languages: its name -> a list of what the switch shows."""
    found = {}
    for where in [*map(Path, OWN), Path("licences.md"), *edition.pages]:
        up = "../" * (len(where.parts) - 1 + bool(edition.folder))
        found[where.with_suffix("").as_posix()] = []
        for other in all_editions:
            if other is edition:
                continue
            aim, same = other.nearest(where)
            with words.spoken(other.language):
                note = "" if same else _("not in this language; nearest: {title}").format(
                    title=other.title(aim.as_posix()))
            found[where.with_suffix("").as_posix()].append(
                {"language": other.language, "name": words.name_of(other.language), "note": note,
                 "href": f"{up}{other.folder}{aim.with_suffix('.html').as_posix()}"})
    # What Sphinx adds is there in each language.
    found[""] = [{"language": other.language, "name": words.name_of(other.language), "note": "", "href":
                  ("../" if edition.folder else "") + other.folder} for other in all_editions if other is not edition]
    return found


def sphinx(edition, source, doctrees, out, runs):
    """Have Sphinx build the pages in `source` into `out`."""
    settings = {"language": edition.language, "project": _("How a neural network learns"),
                "html_title": _("How a neural network learns"),
                "copyright": _("the authors of this course. Text: CC BY 4.0, code: MIT"),
                "mathjax_path": f"{'../../_static/' if edition.folder else ''}mathjax/tex-chtml.js",
                "html_show_sphinx": str(int(edition.language == ENGLISH)), "locale_dirs": source / "locales",
                "switch": source / "switch.json", "own_name": words.name_of(edition.language)}
    subprocess.run([sys.executable, "-m", "sphinx", "-c", COURSE / "site", "-b", "html", "-q", "-W", "--keep-going",
                    "-d", doctrees, *(f"-D{name}={value}" for name, value in settings.items()),
                    *(["--tag=live"] if runs else []), source, out], check=True)
    (out / "_sources").rmdir()  # empty: the pages' sources are the course's
    for page in out.rglob("*.html"):  # of the English edition first, so these are its own
        text = page.read_text(encoding="utf-8")
        for label in LABELS:
            text = text.replace(f'aria-label="{label}"', f'aria-label="{html.escape(_(label))}"')
        page.write_text(text, encoding="utf-8")


def notebook(text, path, out, run, edition):
    """The notebook at `path`, as the site shows it: with its pictures as files of `out`, and `run` below its title."""
    nb = nbformat.reads(text, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = links(live.BADGES.sub("", cell.source), path, edition)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                up = "../" * (len(place(path).parts) - 1 + bool(edition.folder))
                data["text/html"] = EMBEDDED.sub(lambda match: picture(match.group(1), out, up), data["text/html"])
    title, _rest, rest = nb.cells[0].source.partition("\n")
    nb.cells[0].source = f"{title}\n\n{run}\n\n{rest}"
    return nbformat.writes(nb)


def picture(encoded, out, up):
    """Attributes of an <img> that shows a picture, written to `out`, from a page `up` of which that is."""
    png = base64.b64decode(encoded)
    path = out / "pictures" / f"{hashlib.sha256(png).hexdigest()[:16]}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png)
    width, height = struct.unpack(">2I", png[16:24])  # the page need not move when the picture comes
    return f'src="{up}pictures/{path.name}" width="{width}" height="{height}" loading="lazy"'


def read_only():
    """What stands below the title of a lesson that does not run here."""
    said = _("This lesson trains on the full MNIST, which is not part of this site and would take a browser some forty "
             "minutes. Read it here, with the outputs of an installed Python.")
    return f'<div class="run">{said}</div>'


def run_button(path, where, edition):
    """What stands below the title of the notebook at `path`: how to run it here, and what to expect."""
    button, from_file = ((_("Run these exercises"), _(
        "Opened as a file, this page can be read; to run these exercises it must come from a web server, such as "
        "{command} in the folder of the site.")) if where.parent.name == "exercises" else (_("Run this lesson"), _(
            "Opened as a file, this page can be read; to run this lesson it must come from a web server, such as "
            "{command} in the folder of the site.")))
    address = (f"{'../' * (len(where.parts) - 1 + bool(edition.folder))}live/lab/index.html?path="
               f"{path.relative_to('notebooks').as_posix()}")
    said = _("Opens JupyterLab in this browser, with nothing to install. The first time it loads Python and NumPy, "
             "some 45 MB; the first cell then takes about 15 seconds, on a slow device more. It computes on your "
             "device, slower than an installed Python: an epoch of training takes about a second.")
    return (f'<div class="run"><a class="run-button" href="{address}">{button}</a>\n{said}<template class="from-file">'
            f'{from_file.format(command="<code>python -m http.server</code>")}</template></div>')


def links(text, path, edition):
    """`text` of the page `path`, where a link leads to the page in its language, or the English one.

    To what is no page of the site it is its words alone.
    """
    start, english = place(path), Edition(ENGLISH)

    def link(match):
        image, said, target, anchor = match.groups()
        target = os.path.normpath(path.parent / target)
        aim = place(target)
        if image or Path(target).name in OWN:
            return match.group()
        if aim == Path(FRONT):
            return f"[{said}]({os.path.relpath('index.md', start.parent)})"
        if aim in edition.pages:  # a place in a page is named otherwise in another language
            kept = anchor or "" if edition.pages[aim] == Path(target) else ""
            return f"[{said}]({Path(os.path.relpath(aim, start.parent)).as_posix()}{kept})"
        if aim in english.pages:
            up = "../" * len(start.parts)
            return f'<a href="{up}{aim.with_suffix(".html").as_posix()}" hreflang="en">{said}</a> ' + _("(in English)")
        return said

    return LINK.sub(link, text)


# -- what pages share -------------------------------------------------------------------------------


def mathjax(target):
    """Copy what the pages need of MathJax into the folder `target`."""
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    for name in MATHJAX:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (package / name).is_dir() else shutil.copyfile)(package / name, target / name)


def letters(all_editions, out):
    """Put the letters that a machine may lack into `out`/fonts, and the rules of CSS for them."""
    folder, rules = out / "fonts", ""
    folder.mkdir()
    for edition in all_editions:
        addresses = {}
        for weight, file in fonts.files(edition.language).items():
            pages = "".join(page.read_text(encoding="utf-8") for page in (out / edition.folder).rglob("*.html"))
            addresses[weight] = f"{edition.language}-{weight}.woff2"
            fonts.part(file, folder / addresses[weight], fonts.letters(edition.language, pages), "woff2")
        rules += fonts.rules(edition.language, addresses)
    (folder / "fonts.css").write_text(rules, encoding="utf-8")
