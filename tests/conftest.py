"""What all tests share: one BLAS thread per process, the full MNIST where it is, reproducible examples."""

import os

# Workers and kernels run side by side, and OpenBLAS starts a thread per core in each: two trainings
# at once then slow each other about ten times. This must be set before NumPy is imported; kernels inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("course", derandomize=True, deadline=None)
hypothesis.settings.load_profile("course")


@pytest.fixture(scope="session")
def mnist_dir():
    """The folder of the four original MNIST files, as MNIST_DIR names it; a test that needs it is skipped elsewhere."""
    folder = os.environ.get("MNIST_DIR")
    if not folder:
        pytest.skip("needs the full MNIST: set MNIST_DIR to the folder of its four files (see data/README.md)")
    folder = Path(folder).resolve()
    missing = [name for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                                 "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
               if not (folder / name).exists()]
    if missing:
        pytest.skip(f"MNIST_DIR lacks {', '.join(missing)}")
    return folder
