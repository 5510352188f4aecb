"""What `lessonkit` sets in the process of a lesson: a startup file changes no output, and no other core is taken."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import mlp_core
from lessonkit import surroundings

ROOT = Path(__file__).resolve().parent.parent

STARTUP = """
import warnings
import numpy as np
np.set_printoptions(precision=2, linewidth=40, suppress=True, sign="+", legacy="1.13", formatter={"int": hex})
np.seterr(all="raise")
warnings.simplefilter("error")
shell = get_ipython()
shell.run_line_magic("precision", "3")
shell.run_line_magic("pprint", "")
shell.ast_node_interactivity = "all"
"""
CELLS = ["import numpy as np\nimport lessonkit", "import warnings\n1 / 7\n2 / 7",
         "np.arange(3), np.array([1 / 3, 1e-9, -1]), np.linspace(0, 1, 12)", "[list(range(30)), list(range(30))]",
         "np.geterr()", "np.array([1e-200]) * 1e-200", "warnings.warn('a word')\n'went on'"]


def outputs(folder):
    """The plain text of each of CELLS, in a kernel that reads its startup files from `folder`."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    place = {"metadata": {"path": ROOT / "notebooks"}}
    client = NotebookClient(nb, timeout=120, kernel_name="python3", resources=place)
    cells = client.execute(env=os.environ | {"IPYTHONDIR": str(folder)}).cells
    return [[output.data["text/plain"] for output in cell.outputs if "data" in output] for cell in cells]


def test_a_startup_file_changes_no_output(tmp_path):
    startup = tmp_path / "changed" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00_mine.py").write_text(STARTUP, encoding="utf-8")
    plain = outputs(tmp_path / "plain")
    assert plain[1] == ["0.2857142857142857"] and "3.33333333e-01" in plain[2][0]  # the kernel does say something
    assert outputs(tmp_path / "changed") == plain


def test_the_printing_that_is_set_is_numpys_own():
    code = "import numpy as np; print((np.get_printoptions(), np.geterr()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    options, errors = eval(done.stdout)
    options.pop("override_repr", None)  # of newer versions
    assert options == surroundings.PRINTING and errors == surroundings.ERRORS


def test_outside_a_kernel_a_users_settings_stay(monkeypatch):
    monkeypatch.setattr(surroundings, "_kernel", lambda: None)
    with np.printoptions(precision=2), np.errstate(all="raise"):
        surroundings.set_up()
        assert np.get_printoptions()["precision"] == 2 and np.geterr()["under"] == "raise"


# -- two clones --------------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path):
    """Another clone of the course."""
    ignore = shutil.ignore_patterns("__pycache__", "mnist")
    shutil.copytree(ROOT / "notebooks" / "lessonkit", tmp_path / "clone" / "notebooks" / "lessonkit", ignore=ignore)
    shutil.copytree(ROOT / "data", tmp_path / "clone" / "data", ignore=ignore)
    shutil.copy(ROOT / "mlp_core.py", tmp_path / "clone")
    return tmp_path / "clone"


def run(code, folder, path):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, env=env, capture_output=True, text=True,
                          timeout=120)


def test_a_clones_lessons_use_its_own_core_whatever_is_installed(clone):
    done = run("import lessonkit, mlp_core; print(mlp_core.__file__, mlp_core.DATA)", clone / "notebooks", [ROOT])
    assert done.stdout.split() == [str(clone / "mlp_core.py"), str(clone / "data")], done.stderr


def test_mixed_clones_say_so_in_one_sentence(clone):
    done = run("import mlp_core, lessonkit", clone / "notebooks", [ROOT])
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: two copies of the course are mixed: lessonkit is from "
                           f"{clone / 'notebooks' / 'lessonkit'}, but mlp_core was imported from "
                           f"{ROOT / 'mlp_core.py'}")
    assert f"pip install -e {clone}" in last


def test_this_process_has_the_core_of_this_clone():
    assert surroundings.own_core() is mlp_core and Path(mlp_core.__file__) == ROOT / "mlp_core.py"
