"""How nbval compares the lessons, and which it skips: those that need the full MNIST where the four files are not."""

from pathlib import Path

import pytest

from mlp_core import DATA, mnist_folder

FILES = [line.split()[0] for line in (DATA / "mnist_checksums.txt").read_text(encoding="utf-8").splitlines()]
SANITIZE = Path(__file__).resolve().parent.parent / "tests" / "nbval_sanitize.cfg"


def pytest_configure(config):
    config.option.nbval_sanitize_with = config.option.nbval_sanitize_with or str(SANITIZE)  # wherever pytest was started


def pytest_collection_modifyitems(items):
    folder = mnist_folder()
    missing = [name for name in FILES if not (folder / name).exists()]
    if not missing:
        return
    skip = pytest.mark.skip(reason=f"needs the full MNIST, which is not in {folder}: run `python data/download.py`")
    needs_it = {}
    for item in items:
        if item.path.suffix == ".ipynb":
            if item.path not in needs_it:
                needs_it[item.path] = 'load_mnist(\\"full\\"' in item.path.read_text(encoding="utf-8")
            if needs_it[item.path]:
                item.add_marker(skip)
