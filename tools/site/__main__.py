"""The command: make the environment of site/requirements.txt if it is not there, and build the site in it."""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

COURSE = Path(__file__).resolve().parents[2]
REQUIREMENTS = COURSE / "site" / "requirements.txt"
ENVIRONMENT = COURSE / "build" / "site-environment"


def python():
    """The interpreter of an environment that has what site/requirements.txt names."""
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text(encoding='utf-8')}"
    installed = ENVIRONMENT / "installed.txt"
    command = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
        print(f"installing site/requirements.txt into {ENVIRONMENT.relative_to(COURSE)}", flush=True)
        venv.create(ENVIRONMENT, clear=True, with_pip=True)
        subprocess.run([command, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)
        installed.write_text(wanted, encoding="utf-8")  # last: an installation that was cut short is made anew
    return command


def main():
    parser = argparse.ArgumentParser(prog="python -m tools.site",
                                     description="Build the course's site into one folder.")
    parser.add_argument("--out", default="build/site", help="the folder, made anew (default: %(default)s)")
    out = Path(parser.parse_args().out).resolve()
    environment = os.environ | {"PYTHONPATH": str(COURSE / "notebooks")}  # for `lessonkit`; of this copy of the course
    sys.exit(subprocess.run([python(), "-m", "tools.site.build", out], cwd=COURSE, env=environment).returncode)


if __name__ == "__main__":
    main()
