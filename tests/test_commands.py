"""Every command of the project explains itself, also under `python -OO`, which takes the docstrings away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = sorted(str(path.relative_to(ROOT)) for folder in ("bench", "data", "docs", "notebooks", "tools")
                  for path in (ROOT / folder).rglob("*.py") if '__name__ == "__main__"' in path.read_text("utf-8")
                  and path != ROOT / "tools" / "site" / "build.py")  # started by tools.site, in an environment of its own


def test_the_commands_are_found():
    assert {"tools/execute.py", "data/download.py", "notebooks/lessonkit/best_run.py"} <= {
        Path(command).as_posix() for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_explains_itself_without_docstrings(command):
    path = Path(command)
    name = ".".join(path.with_suffix("").parts[path.parts[0] == "notebooks":]).removesuffix(".__main__")
    is_module = path.parts[0] in ("tools", "notebooks") or "from tools" in (ROOT / path).read_text("utf-8")
    how = ["-m", name] if is_module else [command]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "notebooks")])}
    done = subprocess.run([sys.executable, "-OO", *how, "--help"], cwd=ROOT, env=env, capture_output=True, text=True,
                          timeout=120)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split("\n\n")[1]
    assert len(words.split()) >= 5 and words.strip().endswith("."), f"it does not say what it does: {done.stdout}"
