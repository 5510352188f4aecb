"""Fetch the files of Pyodide that the live lessons need, each checked.

    python -m tools.site.pyodide FOLDER

Then PYODIDE_DIR=FOLDER python -m tools.site builds the site with them. What is there already is kept.
"""

import argparse
import hashlib
import json
import sys
import urllib.request
from pathlib import Path

from . import live

ADDRESS = "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"


def fetch(folder, address=ADDRESS):
    """Fetch what is not yet in `folder` from `address`; raise `live.Unfit` if a file is not what it must be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in live.runtime().items():
        get(address + name, folder / name, digest)
    for entry in live.needed(json.loads((folder / live.LOCK).read_text(encoding="utf-8"))).values():
        get(address + entry["file_name"], folder / entry["file_name"], entry["sha256"])


def get(address, path, digest):
    if not path.exists():
        with urllib.request.urlopen(address, timeout=60) as answer:
            content = answer.read()
        if (found := hashlib.sha256(content).hexdigest()) != digest:
            raise live.Unfit(f"{address} has the SHA-256 {found}; expected {digest}. Nothing was written.")
        path.write_bytes(content)
    live.compare(path, digest)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tools.site.pyodide",
                                     description="Fetch the files of Pyodide that the live lessons run on.")
    parser.add_argument("folder", type=Path, help="where to; it is then what PYODIDE_DIR names")
    try:
        fetch(parser.parse_args().folder)
    except (live.Unfit, OSError) as error:
        sys.exit(str(error))
