"""The lessons' outputs stay the same on other processors and with another number of threads.

OpenBLAS chooses its matrix products by the processor, and each adds in an order of its own, so the last digits differ.
OPENBLAS_CORETYPE makes it choose as on another one. Every lesson is re-executed that way and compared by nbval.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
# Lesson 7 trains on the full MNIST for minutes.
LESSONS = sorted(path.name for path in NOTEBOOKS.glob("0[1-6]*.ipynb"))
CPUINFO = Path("/proc/cpuinfo")
NEEDS = {"Prescott": "sse3 pni", "Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}
THREADS = {"Prescott": "1", "Haswell": "2", "Zen": "1", "SkylakeX": "2"}

pytestmark = [pytest.mark.processors,
              pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64") or not CPUINFO.exists(),
                                 reason="needs Linux on an x86-64 processor, where OpenBLAS can play others")]


@pytest.mark.parametrize("processor", NEEDS)
def test_outputs_stay_the_same(processor, tmp_path):
    flags = CPUINFO.read_text().split()
    if not any(flag in flags for flag in NEEDS[processor].split()):
        pytest.skip(f"this processor cannot play {processor}: it has no {NEEDS[processor]}")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *LESSONS],
        cwd=NOTEBOOKS, capture_output=True, text=True, timeout=600,
        env=os.environ | {"OPENBLAS_CORETYPE": processor, "OPENBLAS_NUM_THREADS": THREADS[processor]})
    assert result.returncode == 0, result.stdout[-4000:]
