"""A lesson that needs the full MNIST is skipped, with a clear word, where the four files are not."""

import os
from pathlib import Path

import pytest

from mlp_core import DATA

FILES = [line.split()[0] for line in (DATA / "mnist_checksums.txt").read_text(encoding="utf-8").splitlines()]


def pytest_collection_modifyitems(items):
    folder = Path(os.environ.get("MNIST_DIR") or DATA / "mnist")
    missing = [name for name in FILES if not (folder / name).exists()]
    if not missing:
        return
    skip = pytest.mark.skip(reason="needs the full MNIST: run `python data/download.py`, or set MNIST_DIR")
    needs_it = {}
    for item in items:
        if item.path.suffix == ".ipynb":
            if item.path not in needs_it:
                needs_it[item.path] = 'load_mnist(\\"full\\"' in item.path.read_text(encoding="utf-8")
            if needs_it[item.path]:
                item.add_marker(skip)
