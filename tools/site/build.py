"""Builds the site in the environment of site/requirements.txt; `python -m tools.site` makes that and calls this."""

import shutil
import sys
import tempfile
from pathlib import Path

from . import pages


def build(out):
    """Build the whole site into the folder `out`, made anew."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "site")
        live = False
        pages.build(Path(scratch, "source"), made, live)
        shutil.rmtree(out, ignore_errors=True)  # not before the new one is whole
        shutil.copytree(made, out)
    files = [path for path in out.rglob("*") if path.is_file()]
    print(f"{out}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
