"""How nbval compares notebooks, and which it leaves out.

A lesson on the full MNIST trains for minutes: it is marked `lesson7`, and skipped where the four files are not. What a
student fills in has no outputs to compare; tests/test_exercises.py runs it. The lessons in other languages are marked
`korean` and nothing else, so that neither `pytest` nor `pytest -m slow` runs them here: tests/test_settings.py runs
lessons 1 to 6 and compares their outputs, and tests/test_translation.py compares those of all with the English ones.
"""

from pathlib import Path

import pytest

from mlp_core import DATA, mnist_folder

FILES = [line.split()[0] for line in (DATA / "mnist_checksums.txt").read_text(encoding="utf-8").splitlines()]
HERE = Path(__file__).resolve().parent
SANITIZE = HERE.parent / "tests" / "nbval_sanitize.cfg"

collect_ignore_glob = [f"{folder}exercises/{name}" for folder in ("", "*/")
                       for name in ("*.ipynb", "nbgrader_config.py")]


def pytest_configure(config):
    # Wherever pytest was started.
    config.option.nbval_sanitize_with = config.option.nbval_sanitize_with or str(SANITIZE)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the markers
def pytest_collection_modifyitems(items):
    # The later lessons first: they take longer, and no worker is then left alone with one at the end. What has one name
    # stays in its order, such as the cells of a notebook.
    items.sort(key=lambda item: item.path.name if item.path.suffix == ".ipynb" else "", reverse=True)
    folder, is_full = mnist_folder(), {}
    missing = [name for name in FILES if not (folder / name).exists()]
    skip = pytest.mark.skip(reason=f"needs the full MNIST, which is not in {folder}: run `python data/download.py`")
    for item in items:
        if item.path.suffix == ".ipynb":
            if item.path not in is_full:
                is_full[item.path] = 'load_mnist(\\"full\\"' in item.path.read_text(encoding="utf-8")
            if item.path.parent != HERE:
                item.add_marker(pytest.mark.korean)
            elif is_full[item.path]:
                item.add_marker(pytest.mark.lesson7)
            if is_full[item.path] and missing:
                item.add_marker(skip)
