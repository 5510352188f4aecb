"""A student's own settings change nothing: the same pictures, byte for byte, and the same texts; and hers stay hers.

By default the figures of lessonkit are drawn with and without her settings; `pytest -m slow` does the same with the
explorers and with lessons 1 to 6.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib.style
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import gallery
from lessonkit import figures, style
from settings_support import SETTINGS, write_profile

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("0[1-6]*.ipynb"))  # lesson 7 trains for minutes
SECONDS = 600


def run_gallery(*arguments, env=None):
    result = subprocess.run([sys.executable, str(ROOT / "tests" / "gallery.py"), *map(str, arguments)], env=env,
                            capture_output=True, text=True, timeout=SECONDS)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


@pytest.mark.parametrize("part", ["figures", pytest.param("all", marks=pytest.mark.slow)])
def test_lessonkit_draws_the_same(part, tmp_path):
    env, startup = write_profile(tmp_path)
    hers, plain = run_gallery(part, startup, env=env), run_gallery(part)
    assert hers.pop("changed") == [], "lessonkit left these settings of hers changed"
    assert hers.keys() == plain.keys()
    assert [name for name in plain if hers[name] != plain[name]] == []


# -- one setting at a time, so that none hides another -----------------------------------------------


def drawn():
    """A picture as a lesson's cell draws it, which leaves to the style whatever can be left to it."""
    return gallery.outputs(_draw)


def _draw():
    with figures.picture("An image, lines and bars.", 1, 2, size=(4, 2)) as (left, right):
        left.imshow(np.arange(6).reshape(2, 3))
        right.plot([-1, 0, 1], [1, 0, 2], label="line")
        right.bar([0], [1], label="bar")
        right.set(title="Title", xlabel="x")
        right.legend()


@pytest.fixture(scope="module")
def plain():
    return drawn()


@pytest.fixture
def fresh_style():
    style._complete.cache_clear()
    yield
    style._complete.cache_clear()


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_setting_of_matplotlib_comes_through(setting, plain, fresh_style):
    with matplotlib.rc_context({setting: SETTINGS[setting]}):
        assert drawn() == plain


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_setting_would_be_seen_without_the_course_s_style(setting, monkeypatch):
    """Otherwise the test above would prove nothing."""
    monkeypatch.setattr(style, "_complete", dict)
    before = drawn()
    with matplotlib.rc_context({setting: SETTINGS[setting]}):
        assert drawn() != before


@pytest.mark.parametrize("name", ["dark_background", "ggplot", "seaborn-v0_8-poster", "grayscale"])
def test_no_style_sheet_comes_through(name, plain, fresh_style):
    with matplotlib.style.context(name):
        assert drawn() == plain


def test_a_figure_that_fails_leaves_her_settings_alone():
    with matplotlib.rc_context({"font.size": 18}):
        with pytest.raises(ZeroDivisionError), figures.picture("A picture that fails."):
            1 / 0
        assert matplotlib.rcParams["font.size"] == 18


# -- the lessons ------------------------------------------------------------------------------------


def run(path, env):
    """All that the lesson at `path` shows in a fresh kernel, a list a cell, and at its end `settings_changed()`."""
    nb = nbformat.read(path, as_version=4)
    nb.cells.append(nbformat.v4.new_code_cell("print(settings_changed() if 'settings_changed' in globals() else [])"))
    client = NotebookClient(nb, timeout=SECONDS, kernel_name="python3", coalesce_streams=True,
                            resources={"metadata": {"path": str(path.parent)}})
    client.widget_registry = {"@jupyter-widgets/output": {}}  # as in tools/execute.py
    client.execute(env=env)
    return [[cell.source, *map(shown, cell.outputs)] for cell in nb.cells if cell.cell_type == "code"]


def shown(output):
    return output.get("text") or {kind: content for kind, content in output.get("data", {}).items()
                                  if kind != gallery.WIDGET}


@pytest.mark.slow
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_the_same(path, tmp_path):
    env, _ = write_profile(tmp_path)
    hers = run(path, env)
    plain = run(path, dict(os.environ, IPYTHONDIR=str(tmp_path / "nobody")))
    assert [(a[0], a[1:], b[1:]) for a, b in zip(hers, plain) if a != b] == []
    assert hers[-1][1:] == ["[]\n"], "the lesson left these settings of hers changed"
