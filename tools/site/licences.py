"""The page of licences: what the site carries, read from the packages themselves, and their texts."""

import email.parser
import importlib.metadata
import shutil
import zipfile
from pathlib import Path

# What of the packages that build the site ends up in it: styles, scripts, fonts.
IN_PAGES = {"sphinx": "search, styles", "furo": "the theme", "myst-nb": "styles of the cells",
            "pygments": "colours of the code"}
IN_LIVE = {"jupyterlite-core": "JupyterLab in the browser", "jupyterlite-pyodide-kernel": "its kernel",
           "jupyterlab_widgets": "the widgets' front end", "jupyterlab_pygments": "colours of the code"}
MATHJAX = ("| [MathJax](https://github.com/mathjax/MathJax) with its fonts | 3.2.2 | "
           '<a href="licences/apache-2.0.txt">Apache-2.0</a> | formulas |')
PYTHON = """\
| [Pyodide](https://github.com/pyodide/pyodide/tree/0.27.7) | 0.27.7 | MPL-2.0 | Python in the browser |
| [CPython](https://github.com/python/cpython) and its library | 3.12.7 | PSF-2.0 | |
| [Emscripten](https://github.com/emscripten-core/emscripten) | 3.1.58 | MIT | |
| [SQLite](https://sqlite.org) | with Pyodide | public domain | |
| [OpenSSL](https://www.openssl.org) | 1.1.1w | OpenSSL and SSLeay | |
"""
PAGE = """# Licences

## The course

The code is under the MIT licence, the text under
[CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). The digits are from MNIST, by Yann LeCun, Corinna Cortes and
Christopher J. C. Burges, commonly stated to be under [CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/).
<a href="licences/course.txt">The licence in full</a>.

## What the pages carry

| what | version | licence | for |
| --- | --- | --- | --- |
{pages}
"""
LIVE = """
## What the lessons that run carry

| what | version | licence | for |
| --- | --- | --- | --- |
{packages}
JupyterLab and the widgets are made of many packages in JavaScript. Their licences with all texts:
{scripts}.

The packages of Python are in the site as wheels, each with the text of its licence within:

| what | version | licence |
| --- | --- | --- |
{wheels}
"""


def write(page, out, live):
    """Write the Markdown `page`, and the texts of licences to `out`; `live` is the folder of JupyterLite, if any."""
    texts = out / "licences"
    texts.mkdir(parents=True)
    course = Path(__file__).resolve().parents[2]
    shutil.copyfile(course / "LICENSE", texts / "course.txt")
    for file in importlib.metadata.files("packaging"):
        if file.name == "LICENSE.APACHE":
            shutil.copyfile(file.locate(), texts / "apache-2.0.txt")
    text = PAGE.format(pages="\n".join([*rows(IN_PAGES, texts), MATHJAX]))
    if live:
        scripts = sorted(live.rglob("third-party-licenses.json"))
        text += LIVE.format(packages="\n".join([*rows(IN_LIVE, texts), PYTHON]),
                            scripts=", ".join(f'<a href="{path.relative_to(out).as_posix()}">{part_of(path)}</a>'
                                              for path in scripts),
                            wheels="\n".join(map(carried, sorted(live.rglob("*.whl")))))
    page.write_text(text, encoding="utf-8")


def part_of(path):
    """The extension of JupyterLab, or JupyterLab itself, whose list of licences is at `path`."""
    return path.parent.parent.name if path.parent.name == "static" else "JupyterLab"


def rows(packages, texts):
    return [installed(name, use, texts) for name, use in packages.items()]


def installed(name, use, texts):
    """The row of a package of this environment; the texts of its licence go to the folder `texts`."""
    package = importlib.metadata.distribution(name)
    said = licence(package.metadata)
    files = [file.locate() for file in package.files or [] if file.name.upper().startswith(("LICENSE", "LICENCE"))]
    if files:
        content = "\n\n".join(Path(file).read_text(encoding="utf-8") for file in files)
        (texts / f"{name}.txt").write_text(content, encoding="utf-8")
        said = f'<a href="licences/{name}.txt">{said}</a>'
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


STATED = {"sqlite3": "PSF-2.0 (a part of Python)", "ssl": "PSF-2.0 (a part of Python)"}  # their wheels do not say
