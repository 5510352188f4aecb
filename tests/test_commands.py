"""Every command of the project explains itself, also under `python -OO`, which takes the docstrings away."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = sorted(str(path.relative_to(ROOT)) for folder in ("bench", "data", "docs", "notebooks", "tools")
                  for path in (ROOT / folder).rglob("*.py") if '__name__ == "__main__"' in path.read_text("utf-8")
                  # tools.site starts this one, in an environment of its own
                  and path != ROOT / "tools" / "site" / "build.py")


# Runs each command's --help, all in one interpreter, since each would import the same packages again.
ASK = """
import contextlib, io, json, os, runpy, sys

said = {}
for command, (run, name) in json.loads(sys.stdin.read()).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        sys.argv, sys.path[0] = [command, "--help"], os.path.dirname(command) if run == "run_path" else ""
        try:
            getattr(runpy, run)(name, run_name="__main__")
        except SystemExit as end:
            code = end.code
        except BaseException as error:
            code = repr(error)
    said[command] = code, out.getvalue()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def answers():
    """How each command ends when it is asked for help under `python -OO`, and what it prints."""
    ways = {}
    for command in COMMANDS:
        path = Path(command)
        name = ".".join(path.with_suffix("").parts[path.parts[0] == "notebooks":]).removesuffix(".__main__")
        is_module = path.parts[0] in ("tools", "notebooks") or "from tools" in (ROOT / path).read_text("utf-8")
        ways[command] = ("run_module", name) if is_module else ("run_path", command)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "notebooks")])}
    done = subprocess.run([sys.executable, "-OO", "-c", ASK], input=json.dumps(ways), cwd=ROOT, env=env,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_commands_are_found():
    assert {"tools/execute.py", "data/download.py", "notebooks/lessonkit/best_run.py"} <= {
        Path(command).as_posix() for command in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_explains_itself_without_docstrings(answers, command):
    code, said = answers[command]
    assert code == 0, code
    words = said.split("\n\n")[1]
    assert len(words.split()) >= 5 and words.strip().endswith("."), f"it does not say what it does: {said}"
