"""Builds the site in the environment of site/requirements.txt; `python -m tools.site` makes that and calls this."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import live, pages


def build(out):
    """Build the whole site into the folder `out`, made anew."""
    pyodide = os.environ.get("PYODIDE_DIR")
    runs = [path for edition in pages.editions() for path in edition.notebooks
            if path.stem not in live.NOT_HERE] if pyodide else []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        made = scratch / "site"
        if pyodide:
            live.build(Path(pyodide), runs, scratch, made / "live")
        else:
            print("Without lessons that run: PYODIDE_DIR names no folder with the files of Pyodide. "
                  "`python -m tools.site.pyodide FOLDER` fetches them.")
        pages.build(scratch, made, runs)
        shutil.rmtree(out, ignore_errors=True)  # not before the new one is whole
        shutil.copytree(made, out)
    files = [path for path in out.rglob("*") if path.is_file()]
    print(f"{out}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    try:
        build(Path(sys.argv[1]))
    except live.Unfit as error:
        sys.exit(str(error))
