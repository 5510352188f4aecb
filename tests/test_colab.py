"""Lessons 1 to 6 with the packages of Colab, opened as Colab opens them: the course fetched by a cell.

`pytest -m colab` makes an environment of tests/colab.txt, with the Python that Colab has where it is installed, and
runs each lesson in it. Colab's page is not there: a module in the place of `google.colab` keeps what it is asked.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

from tools.badges import colab_cell

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("0[1-6]*.ipynb"))  # lesson 7 needs the full MNIST
PYTHONS = "python3.12", sys.executable  # Colab's, and where that is missing this one
WIDGET = "application/vnd.jupyter.widget-view+json"
SECONDS = 600

# In the place of Colab's: its manager of widgets sees what goes through `display`, and marks it for the page. A widget
# without the mark that is no core widget is not drawn there.
GOOGLE_COLAB_OUTPUT = f"""\
from IPython import get_ipython

calls = 0


def enable_custom_widget_manager(version="5.0.0a"):
    global calls
    calls += 1
    if calls == 1:
        get_ipython().display_pub.register_hook(mark)


def mark(message):
    if {WIDGET!r} in message["content"].get("data", {{}}):
        message["content"]["metadata"][{WIDGET!r}] = {{"colab": "managed"}}
    return message
"""

pytestmark = pytest.mark.colab


def run(*command):
    """The error of a command, in words; empty if it went well."""
    try:
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return result.stderr[-1000:] or "failed" if result.returncode else ""


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """A folder like Colab's /content, with the course in it and beside it a kernel with Colab's packages."""
    folder = tmp_path_factory.mktemp("colab")
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    for base in PYTHONS:
        shutil.rmtree(folder / "env", ignore_errors=True)
        trouble = (run(base, "-m", "venv", folder / "env")
                   or run(python, "-m", "pip", "install", "-q", "-r", ROOT / "tests" / "colab.txt")
                   or run(python, "-m", "ipykernel", "install", "--prefix", folder / "kernel", "--name", "colab"))
        if not trouble:
            break
    else:
        pytest.skip(f"Colab's packages cannot be installed here: {trouble}")
    module = folder / "google" / "colab" / "output.py"
    module.parent.mkdir(parents=True)
    for package in module.parent, module.parent.parent:
        (package / "__init__.py").touch()
    module.write_text(GOOGLE_COLAB_OUTPUT, encoding="utf-8")
    # What `git clone` brings, with what is not committed yet.
    course = folder / "content" / "course"
    shutil.copytree(ROOT / "notebooks", course / "notebooks", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", course / "data", ignore=shutil.ignore_patterns("mnist", "__pycache__"))
    shutil.copy(ROOT / "mlp_core.py", course)
    yield folder
    shutil.rmtree(folder / "env", ignore_errors=True)


@pytest.fixture(scope="module", params=LESSONS, ids=lambda path: path.stem)
def lesson(request, colab):
    """The lesson as committed, and as it has run there, between the README's cell and one that counts the calls."""
    committed, nb = (nbformat.read(request.param, as_version=4) for _ in range(2))
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    fetch = re.sub(r"^!git clone.*\n", "", colab_cell("an address")).replace("/content", str(colab / "content"))
    count = nbformat.v4.new_code_cell("import google.colab.output\ngoogle.colab.output.calls")
    nb.cells = [nbformat.v4.new_code_cell(fetch), *nb.cells, count]
    specs = KernelSpecManager(kernel_dirs=[str(colab / "kernel" / "share" / "jupyter" / "kernels")])
    client = NotebookClient(nb, timeout=SECONDS, coalesce_streams=True, allow_errors=True,
                            km=AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs),
                            resources={"metadata": {"path": str(colab / "content")}})
    client.widget_registry = {"@jupyter-widgets/output": {}}  # as in tools/execute.py
    # Nothing of the course but what the cell has brought: no PYTHONPATH of this process.
    client.execute(env={**os.environ, "PYTHONPATH": str(colab)})
    return committed, nb


def code(nb):
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def texts(cell):
    return [text for output in cell.outputs
            if (text := output.get("text") or output.get("data", {}).get("text/plain", "")) != ""]


def test_runs_without_an_error_and_says_the_same(lesson):
    committed, nb = lesson
    errors = [f"{output.ename}: {output.evalue}" for cell in code(nb) for output in cell.outputs
              if output.output_type == "error"]
    assert errors == []
    assert [(a.source, texts(a), texts(b)) for a, b in zip(code(committed), code(nb)[1:]) if texts(a) != texts(b)] == []


def test_its_widgets_live(lesson):
    committed, nb = lesson
    # Guesses and explorers, as their still twins tell.
    expected = [cell.source for cell in code(committed)
                if cell.source.startswith("guess = Guess(") or re.fullmatch(r"[A-Z]\w+\(.*\)", cell.source)]
    views = {cell.source: [output.metadata.get(WIDGET) for output in cell.outputs if WIDGET in output.get("data", {})]
             for cell in code(nb)}
    assert len(expected) > 3
    assert {source: views[source] for source in expected if views[source] != [{"colab": "managed"}]} == {}
    assert int(texts(code(nb)[-1])[0]) > 0, "enable_custom_widget_manager was not called"
