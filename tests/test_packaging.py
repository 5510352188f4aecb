"""What `pip install .` brings: all that the lessons' package has, its scripts, styles and catalogues too."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = "mlp_core.py", "pyproject.toml", "README.md", "LICENSE", "data", "notebooks"
UNPACKED = {".po", ".pyc"}  # .mo stands for the one, and Python makes the other
PACKAGES = {"lessonkit": ROOT / "notebooks" / "lessonkit", "mlp_course_data": ROOT / "data"}
NOT_DATA = {"README.md", "mnist"}  # of data/: for readers, and the full MNIST, which each downloads


@pytest.mark.slow  # pip makes an environment for the building
def test_no_file_of_the_course_is_missing_from_the_package(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for name in COPIED:  # building leaves folders behind
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path, source],
                   check=True)
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    expected = {f"{package}/{path.relative_to(folder).as_posix()}" for package, folder in PACKAGES.items()
                for path in folder.rglob("*") if path.is_file() and path.suffix not in UNPACKED
                and path.relative_to(folder).parts[0] not in NOT_DATA}
    assert expected - packed == set() and "mlp_core.py" in packed
