"""A student's own settings change nothing: the same pictures, byte for byte, and the same texts; and hers stay hers.

By default the figures of lessonkit are drawn with and without her settings; `pytest -m slow` does the same with the
explorers and with lessons 1 to 6. A lesson that there is in another language is run in that language, so that it is
computed once in CI: its outputs are compared with the committed ones, too.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib.style
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import gallery
from lessonkit import figures, style, words
from settings_support import SETTINGS, write_profile

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"


def in_other_languages(name):
    """The lesson's notebooks in other languages; the English one where there is none."""
    paths = [NOTEBOOKS / language / f"{name}.ipynb" for language in words.languages()]
    return [path for path in paths if path.exists()] or [NOTEBOOKS / f"{name}.ipynb"]


LESSONS = [path for lesson in sorted(NOTEBOOKS.glob("0[1-6]*.ipynb"))  # lesson 7 trains for minutes
           for path in in_other_languages(lesson.stem)]
SECONDS = 600
PIXELS = r"data:image/png;base64,[A-Za-z0-9+/=]+"  # as in nbval_sanitize.cfg


def run_gallery(*arguments, env=None):
    result = subprocess.run([sys.executable, str(ROOT / "tests" / "gallery.py"), *map(str, arguments)], env=env,
                            capture_output=True, text=True, timeout=SECONDS)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout)


@pytest.mark.slow
def test_lessonkit_draws_the_same(tmp_path):
    env, startup = write_profile(tmp_path)
    hers, plain = run_gallery(startup, env=env), run_gallery()
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
    monkeypatch.setattr(style, "_complete", lambda language: {})
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
    return cells(nb)


def cells(nb):
    """Source and outputs of each cell of code."""
    return [[cell.source, *(shown(output) for output in cell.outputs if gallery.WIDGET not in output.get("data", {}))]
            for cell in nb.cells if cell.cell_type == "code"]  # a live widget is not saved: see tools/execute.py


def shown(output):
    return output.get("text") or dict(output.get("data", {}))


def without_pixels(cell):
    """`cell` as nbval compares it: without pixels, which another Matplotlib draws otherwise; the readings stay."""
    return json.loads(re.sub(PIXELS, "PIXELS", json.dumps(cell)))


def differences(left, right):
    """(source, outputs, other outputs) of the cells that differ."""
    return [(a[0], a[1:], b[1:]) for a, b in zip(left, right, strict=True) if a != b]


@pytest.mark.slow
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.relative_to(NOTEBOOKS).with_suffix("").as_posix())
def test_a_lesson_shows_the_same(path, tmp_path):
    env, _ = write_profile(tmp_path)
    *hers, changed = run(path, env)
    assert changed[1:] == ["[]\n"], "the lesson left these settings of hers changed"
    committed = cells(nbformat.read(path, as_version=4))
    assert differences(list(map(without_pixels, hers)), list(map(without_pixels, committed))) == []
    if differences(hers, committed):  # another Matplotlib than the one that drew what is committed
        *plain, _ = run(path, dict(os.environ, IPYTHONDIR=str(tmp_path / "nobody")))
        assert differences(hers, plain) == []
