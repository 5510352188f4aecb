"""The page of licences: what the site carries, read from the packages themselves, and their texts."""

import email.parser
import importlib.metadata
import shutil
import zipfile
from pathlib import Path

from lessonkit.words import N_, _

# What of the packages that build the site ends up in it: styles, scripts, fonts.
IN_PAGES = {"sphinx": N_("search, styles"), "furo": N_("the theme"), "myst-nb": N_("styles of the cells"),
            "pygments": N_("colours of the code")}
IN_LIVE = {"jupyterlite-core": N_("JupyterLab in the browser"), "jupyterlite-pyodide-kernel": N_("its kernel"),
           "jupyterlab_widgets": N_("the widgets' front end"), "jupyterlab_pygments": N_("colours of the code")}
MATHJAX = ("| [MathJax](https://github.com/mathjax/MathJax) {and_fonts} | 3.2.2 | "
           '<a href="{texts}/apache-2.0.txt">Apache-2.0</a> | {formulas} |')
FONT = '| {part} | 3.021 | <a href="{texts}/ofl-1.1.txt">OFL-1.1</a> | {letters} |'
PYTHON = """\
| [Pyodide](https://github.com/pyodide/pyodide/tree/0.27.7) | 0.27.7 | MPL-2.0 | {browser} |
| [CPython](https://github.com/python/cpython) {library} | 3.12.7 | PSF-2.0 | |
| [Emscripten](https://github.com/emscripten-core/emscripten) | 3.1.58 | MIT | |
| [SQLite](https://sqlite.org) | {pyodides} | {free} | |
| [OpenSSL](https://www.openssl.org) | 1.1.1w | {openssl} | |"""


def write(page, text, out, live, texts):
    """Write the Markdown `page` from `text`, with its tables; `live` is the folder of JupyterLite, if any.

    The texts of licences go to `out`/licences, which is `texts` from the page.
    """
    folder = out / "licences"
    folder.mkdir(parents=True, exist_ok=True)
    course = Path(__file__).resolve().parents[2]
    shutil.copyfile(course / "LICENSE", folder / "course.txt")
    for path in (course / "site" / "licences").iterdir():
        shutil.copyfile(path, folder / path.name)
    for file in importlib.metadata.files("packaging"):
        if file.name == "LICENSE.APACHE":
            shutil.copyfile(file.locate(), folder / "apache-2.0.txt")
    tables = {"texts": texts, "pages": "\n".join([
        *rows(IN_PAGES, folder, texts),
        MATHJAX.format(and_fonts=_("with its fonts"), texts=texts, formulas=_("formulas")),
        FONT.format(part=_("a part of the font NanumGothic, by Naver and Sandoll"), texts=texts,
                    letters=_("Korean letters"))])}
    if live:
        python = PYTHON.format(browser=_("Python in the browser"), library=_("and its library"),
                               pyodides=_("with Pyodide"), free=_("public domain"), openssl=_("OpenSSL and SSLeay"))
        scripts = [f'<a href="{texts.removesuffix("licences")}{path.relative_to(out).as_posix()}">{part_of(path)}</a>'
                   for path in sorted(live.rglob("third-party-licenses.json"))]
        tables |= {"packages": "\n".join([*rows(IN_LIVE, folder, texts), python]), "scripts": ", ".join(scripts),
                   "wheels": "\n".join(map(carried, sorted(live.rglob("*.whl"))))}
    page.write_text(text.format(**tables), encoding="utf-8")


def part_of(path):
    """The extension of JupyterLab, or JupyterLab itself, whose list of licences is at `path`."""
    return path.parent.parent.name if path.parent.name == "static" else "JupyterLab"


def rows(packages, folder, texts):
    return [installed(name, _(use), folder, texts) for name, use in packages.items()]


def installed(name, use, folder, texts):
    """The row of a package of this environment; its licence goes to `folder`, which is `texts` from the page."""
    package = importlib.metadata.distribution(name)
    said = licence(package.metadata)
    files = [file.locate() for file in package.files or [] if file.name.upper().startswith(("LICENSE", "LICENCE"))]
    if files:
        content = "\n\n".join(Path(file).read_text(encoding="utf-8") for file in files)
        (folder / f"{name}.txt").write_text(content, encoding="utf-8")
        said = f'<a href="{texts}/{name}.txt">{said}</a>'
    return f"| {package.metadata['Name']} | {package.version} | {said} | {use} |"


def carried(wheel):
    """The row of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.parser.Parser().parsestr(archive.read(name).decode("utf-8"))
    return f"| {metadata['Name']} | {metadata['Version']} | {licence(metadata)} |"


def licence(metadata):
    """The name of a licence, as a package's metadata say it."""
    classified = [line.split(" :: ")[-1] for line in metadata.get_all("Classifier", [])
                  if line.startswith("License ::")]
    stated = (metadata["License"] or "").strip().splitlines()
    short = stated[0] if len(stated) == 1 and len(stated[0]) < 40 else ""
    return metadata["License-Expression"] or short or ", ".join(classified) or STATED[metadata["Name"]]


STATED = {"sqlite3": "PSF-2.0", "ssl": "PSF-2.0"}  # parts of Python; their wheels do not say
