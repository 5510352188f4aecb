"""The pages: gathers lessons, exercises and notes in one folder, with their pictures as files, and has Sphinx build it.

Within that folder everything lies as in the course, so that links between pages hold as they are.
"""

import base64
import hashlib
import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path, PurePosixPath

import nbformat

from .. import draw_page
from . import licences, live

COURSE = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "notebooks/[0-9]*.ipynb", "notebooks/exercises/[0-9]*.ipynb", "docs/teaching.md",
         "docs/classroom.md", "docs/anywhere.md", "docs/sweeps.md", "docs/glossary.md")
FRONT = "README.md"  # what GitHub shows first; here that is site/index.md
# What of MathJax the pages ask for; the rest of its 24 MB is for other input and other output.
MATHJAX = "tex-chtml.js", "output/chtml/fonts/woff-v2"

READ_ONLY = """<div class="run">This lesson trains on the full MNIST, which is not part of this site and would take a
browser some forty minutes. Read it here, with the outputs of an installed Python.</div>"""

EMBEDDED = re.compile(r'src="data:image/png;base64,([^"]+)"')
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s:#]+)(#[^)\s]*)?\)")  # a link within the course, not one to the web


def build(source, out, runs):
    """Fill the folder `source` and build it into `out`; the notebooks `runs` get a button that runs them."""
    source.mkdir()
    for path in (COURSE / "site").glob("*.md"):
        shutil.copy(path, source)
    for path in found():
        if path.name != FRONT:
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            text = (COURSE / path).read_text(encoding="utf-8")
            run = run_button(path) if path in runs else READ_ONLY if runs and path.stem in live.NOT_HERE else ""
            text = notebook(text, path, out, run) if path.suffix == ".ipynb" else links(text, path)
            (source / path).write_text(text, encoding="utf-8")
    licences.write(source / "licences.md", out, out / "live" if runs else None)
    subprocess.run([sys.executable, "-m", "sphinx", "-c", COURSE / "site", "-b", "html", "-q", "-W", "--keep-going",
                    "-d", f"{source}-doctrees", *(["--tag=live"] if runs else []), source, out], check=True)
    draw_page.build(out / "draw")
    shutil.copy(COURSE / "docs" / "course.png", out / "pictures")  # of the front page
    mathjax(out / "_static" / "mathjax")
    (out / "_sources").rmdir()  # empty: the pages' sources are the course's


def found():
    """The pages, as paths in the course."""
    return [path.relative_to(COURSE) for pattern in PAGES for path in sorted(COURSE.glob(pattern))]


def notebooks():
    """The notebooks among them."""
    return [path for path in found() if path.suffix == ".ipynb"]


def notebook(text, path, out, run):
    """The notebook at `path`, as the site shows it: with its pictures as files of `out`, and `run` below its title."""
    nb = nbformat.reads(text, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = links(live.BADGES.sub("", cell.source), path)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                up = "../" * (len(path.parts) - 1)
                data["text/html"] = EMBEDDED.sub(lambda match: picture(match.group(1), out, up), data["text/html"])
    title, _, rest = nb.cells[0].source.partition("\n")
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


def run_button(path):
    """What stands below the title of the notebook at `path`: how to run it here, and what to expect."""
    what = "these exercises" if path.parent.name == "exercises" else "this lesson"
    place = path.relative_to("notebooks").as_posix()
    address = f"{'../' * (len(path.parts) - 1)}live/lab/index.html?path={place}"
    return f"""<div class="run"><a class="run-button" href="{address}">Run {what}</a>
Opens JupyterLab in this browser, with nothing to install. The first time it loads Python and NumPy, some 45 MB; the
first cell then takes about 15 seconds, on a slow device more. It computes on your device, slower than an installed
Python: an epoch of training takes about a second.<template class="from-file">Opened as a file, this page can be read;
to run {what} it must come from a web server, such as <code>python -m http.server</code> in the folder of the
site.</template></div>"""


def links(text, path):
    """`text` of the page `path`, where a link to what is no page of the site is its words alone."""
    def link(match):
        picture, words, target, anchor = match.groups()
        target = PurePosixPath(os.path.normpath(path.parent / target))
        if target == PurePosixPath(FRONT):
            return f"[{words}]({os.path.relpath('index.md', path.parent)})"
        return match.group() if picture or Path(target) in found() else words

    return LINK.sub(link, text)


def mathjax(target):
    """Copy what the pages need of MathJax into the folder `target`."""
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    for name in MATHJAX:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (package / name).is_dir() else shutil.copyfile)(package / name, target / name)
