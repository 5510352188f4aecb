"""The live lessons: JupyterLite, with Python in the browser, the course's packages and the course itself.

What runs is Pyodide 0.27.7, from the folder that the environment variable PYODIDE_DIR names: the files of its release,
as many as the course needs. `check` compares each with the checksums of site/pyodide.sha256, which are those of the
release's runtime and of its lock, and the packages with the lock. JupyterLite's kernel 0.6 belongs to Pyodide 0.27,
and to JupyterLab 4.4, for which the newest jupyterlab_widgets is 3.0.15.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat

from lessonkit import style, words
from lessonkit.words import _

from .. import fonts

COURSE = Path(__file__).resolve().parents[2]
CHECKSUMS = COURSE / "site" / "pyodide.sha256"
LOCK = "pyodide-lock.json"
# What Pyodide does not have, as it is named in site/requirements.txt: the widgets, and fonts.
ADDED = "ipywidgets", "anywidget", "psygnal", "comm", "typing_extensions", "koreanize-matplotlib"
DEPENDS = {"ipywidgets": ["comm", "ipython", "traitlets"], "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
           "mlp-course": ["numpy", "matplotlib", "pillow", "ipywidgets", "anywidget", "joblib", "koreanize-matplotlib"]}
KERNEL = "ipython", "jedi", "micropip", "sqlite3", "ssl"  # what it loads before anything else
NOT_HERE = "07_full_mnist",  # needs the full MNIST, and here some forty minutes
BADGES = re.compile(r"\n*<!-- made by tools\.badges.*?<!-- end -->", re.S)  # they lead to other places to run it
# JupyterLab's page names no icon, so that browsers would look for one where there is none, and no font but Latin ones.
HEAD = """<link rel="icon" href="../../_static/favicon.svg"><link rel="stylesheet" href="../../fonts/fonts.css"><style>
:root:root { --jp-ui-font-family: var(--letters, system-ui), system-ui, "Segoe UI", Helvetica, Arial, sans-serif;
  --jp-content-font-family: var(--jp-ui-font-family);
  --jp-code-font-family: var(--letters, Menlo), Menlo, Consolas, "DejaVu Sans Mono", monospace; }
</style>"""
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False,
                                                    "doNotDisturbMode": True},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},  # a widget out of sight is there all the same
    # Without these two, arrow keys would leave a slider for the notebook's headings.
    "@jupyterlab/shortcuts-extension:shortcuts": {"shortcuts": [
        {"command": f"notebook:move-cursor-heading-{where}-or-{what}", "keys": [key], "disabled": True,
         "selector": ".jp-Notebook.jp-mod-commandMode:not(.jp-mod-readWrite) :focus"}
        for where, what, key in (("above", "collapse", "ArrowLeft"), ("below", "expand", "ArrowRight"))]}}


class Unfit(Exception):
    """The folder of Pyodide's files is not what it must be; says what is wrong and what to do."""


def packages_of(folder):
    """The entries of Pyodide's lock that are needed; raises `Unfit` if a file of `folder` is missing or not the one."""
    if not folder.is_dir():
        raise Unfit(f"PYODIDE_DIR names {folder}, which is no folder. Expected the files of Pyodide 0.27.7.")
    for name, digest in runtime().items():
        compare(folder / name, digest)
    entries = needed(json.loads((folder / LOCK).read_text(encoding="utf-8")))
    for entry in entries.values():
        compare(folder / entry["file_name"], entry["sha256"])
    return entries


def runtime():
    """The files of Pyodide that are no packages, name -> SHA-256, its lock among them."""
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in map(str.split, lines)}


def needed(lock):
    """The entries of Pyodide's `lock` that the kernel and the course need, by name."""
    entries = lock["packages"]
    wanted = {name for name in (*KERNEL, *(name for names in DEPENDS.values() for name in names)) if name in entries}
    while more := {other.replace("_", "-") for name in wanted for other in entries[name]["depends"]} - wanted:
        wanted |= more
    return {name: entries[name] for name in sorted(wanted) if name.replace("-", "_") not in ADDED}


def compare(path, digest):
    if not path.exists():
        raise Unfit(f"{path} is missing. Fetch it: python -m tools.site.pyodide {path.parent}")
    if (found := hashlib.sha256(path.read_bytes()).hexdigest()) != digest:
        raise Unfit(f"{path} has the SHA-256 {found}; expected {digest}. Fetch it anew: "
                    f"python -m tools.site.pyodide {path.parent}")


def build(pyodide, notebooks, scratch, out):
    """Build JupyterLite into the folder `out`, from the files of `pyodide`, with the `notebooks` of the course."""
    packages = packages_of(pyodide)
    lite, contents = scratch / "lite", scratch / "contents"
    python = lite / "static" / "pyodide"  # where the kernel looks
    python.mkdir(parents=True)
    for name in [*runtime(), *(entry["file_name"] for entry in packages.values())]:
        shutil.copyfile(pyodide / name, python / name)
    lock = json.loads((pyodide / LOCK).read_text(encoding="utf-8"))
    lock["packages"] = packages | {entry["name"]: entry for entry in map(entry_of, wheels(scratch / "wheels"))}
    for path in (scratch / "wheels").iterdir():
        shutil.copyfile(path, python / path.name)
    (python / LOCK).write_text(json.dumps(lock), encoding="utf-8")

    for path in notebooks:
        target = contents / path.relative_to("notebooks")
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(prepared(nbformat.read(COURSE / path, as_version=4), path, notebooks), target)
    (lite / "jupyter-lite.json").write_text(json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": {
        "appName": "How a neural network learns", "exposeAppInBrowser": True,
        "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}}}}))
    (lite / "overrides.json").write_text(json.dumps(SETTINGS), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "jupyter", "lite", "build", "--lite-dir", lite, "--output-dir", out,
                    "--contents", contents, "--apps", "lab", "--no-sourcemaps", "--no-unused-shared-packages"],
                   check=True, cwd=lite, stdout=subprocess.DEVNULL)
    page = out / "lab" / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("<head>", f"<head>{HEAD}", 1), encoding="utf-8")


def language_of(path):
    """The language of the notebook at `path`, in the course."""
    return path.parts[1] if path.parts[1] in words.languages() else "en"


def prepared(nb, path, notebooks):
    """`nb` without outputs, since no answer shall stand under its question, and with a word on what happens first.

    Above it the same notebook in other languages, if it is among the `notebooks`.
    """
    own = language_of(path)
    with words.spoken(own):
        loading = _("**In the browser.** Python and NumPy are being loaded: the first cell takes about 15 seconds, on "
                    "a slow device more. The circle at the top right is empty as soon as Python waits for you. Step "
                    "with Shift-Enter. What you write is kept in this browser only: download what you want to keep "
                    "(*File > Download*).")
    places = {language: Path("notebooks", *([language] if language != "en" else []),
                             path.relative_to(Path("notebooks") / ("" if own == "en" else own)))
              for language in words.languages() if language != own}
    switch = []
    for language, place in places.items():
        if place in notebooks:
            switch.append(f"[{words.name_of(language)}]({Path(os.path.relpath(place, path.parent)).as_posix()})")
    nb.cells[0].source = "\n\n".join(filter(None, [BADGES.sub("", nb.cells[0].source), " ".join(switch), loading]))
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


def wheels(folder):
    """The course and the widgets as wheels that run anywhere, in `folder`."""
    pins = [line.split()[0] for line in (COURSE / "site" / "requirements.txt").read_text(encoding="utf-8").splitlines()
            if line.split("==")[0] in ADDED]
    pip = [sys.executable, "-m", "pip", "--quiet"]
    subprocess.run([*pip, "download", "--dest", folder, "--no-deps", "--only-binary=:all:", "--platform=any",
                    "--implementation=py", "--abi=none", *pins], check=True)
    source = folder.parent / "course"  # a build leaves files beside what it builds from
    shutil.copytree(COURSE, source, ignore=lambda place, _: set() if Path(place) != COURSE else
                    {path.name for path in COURSE.iterdir()} - {"mlp_core.py", "pyproject.toml", "README.md", "LICENSE",
                                                                 "notebooks", "data"})
    shutil.rmtree(source / "data" / "mnist", ignore_errors=True)
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, source], check=True)
    for package, _names in style.PACKAGED.values():
        smaller(next(folder.glob(f"{package.replace('-', '_')}-*.whl")))
    return sorted(folder.glob("*.whl"))


def smaller(wheel):
    """Rewrite the `wheel` of a font with what is needed of it: two weights of four, a quarter of the syllables."""
    language, (_package, names) = next((language, packaged) for language, packaged in style.PACKAGED.items()
                                       if wheel.name.startswith(packaged[0].replace("-", "_")))
    with zipfile.ZipFile(wheel) as archive:
        content = {name: archive.read(name) for name in archive.namelist() if not name.endswith((".ttf", "/RECORD"))}
        for name in names:
            archive.extract(name, wheel.parent)
            part = wheel.parent / "part.ttf"
            # DejaVu Sans draws Latin letters; a text with a formula is drawn in this font alone.
            fonts.part(wheel.parent / name, part, fonts.letters(language, map(chr, range(0x20, 0x7f))))
            content[name] = part.read_bytes()
            part.unlink()
    shutil.rmtree(wheel.parent / Path(names[0]).parts[0])
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            # Without a time: the same at each build.
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def entry_of(wheel):
    """The entry of a wheel in Pyodide's lock; what it imports is what makes the kernel load it."""
    name, version = wheel.name.split("-")[:2]
    name = name.replace("_", "-")
    with zipfile.ZipFile(wheel) as archive:
        tops = {entry.split("/")[0].removesuffix(".py") for entry in archive.namelist()}
    return {"name": name, "version": version, "file_name": wheel.name, "install_dir": "site", "package_type": "package",
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "unvendored_tests": False,
            "imports": sorted(top for top in tops if re.fullmatch(r"\w+", top)), "depends": DEPENDS.get(name, [])}
