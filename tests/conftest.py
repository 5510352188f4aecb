"""What all tests share.

One BLAS thread per process, the full MNIST and axe-core where they are, reproducible examples.
"""

import os

# Workers and kernels run side by side, and OpenBLAS starts a thread per core in each: two trainings
# at once then slow each other about ten times. This must be set before NumPy is imported; kernels inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import pytest

from mlp_core import mnist_folder
from tools import browser

hypothesis.settings.register_profile("course", derandomize=True, deadline=None)
hypothesis.settings.load_profile("course")


@pytest.fixture(scope="session")
def mnist_dir():
    """The folder of the four original MNIST files; where they are not, a test that needs them is skipped."""
    folder = mnist_folder()
    missing = [name for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                 "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
               if not (folder / name).exists()]
    if missing:
        pytest.skip(f"needs the full MNIST (see data/README.md): {folder} lacks {', '.join(missing)}")
    return folder


@pytest.fixture(scope="session")
def found_axe(tmp_path_factory):
    """The path of axe-core's script, or in words why it cannot be had."""
    try:
        return browser.find_axe(tmp_path_factory.mktemp("axe"))
    except RuntimeError as why:
        return str(why)


@pytest.fixture(scope="session")
def axe(found_axe):
    """The path of axe-core's script; where it cannot be had, a test that needs it is skipped."""
    if isinstance(found_axe, str):
        pytest.skip(f"what a screen reader would miss is not looked for: {found_axe}")
    return found_axe


@pytest.fixture(scope="session")
def axe_or_none(found_axe):
    """The same for a test that looks at other things as well."""
    return None if isinstance(found_axe, str) else found_axe
