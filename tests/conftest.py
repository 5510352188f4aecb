"""What all tests share: one BLAS thread per process, the full MNIST where it is, reproducible examples."""

import os

# Workers and kernels run side by side, and OpenBLAS starts a thread per core in each: two trainings
# at once then slow each other about ten times. This must be set before NumPy is imported; kernels inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis
import pytest

from mlp_core import mnist_folder

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
