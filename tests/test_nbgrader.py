"""nbgrader takes the exercises as they are: it releases, grades and gives feedback, and the points come out right."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from lessonkit import words
from lessonkit.words import _
from tools import exercises

pytestmark = pytest.mark.slow

LESSONS = "01_data_loading", "03_backprop_derivation"
ASSIGNMENT = "exercises"
FOLDERS = {"en": exercises.EXERCISES} | {path.parent.name: path
                                         for path in sorted(exercises.EXERCISES.parent.glob("*/exercises"))}


def nbgrader(course, *words):
    command = [sys.executable, "-m", "nbgrader", *words, "--CourseDirectory.root=" + str(course)]
    result = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr[-3000:]
    return result


def points_of(name):
    """What each exercise of a lesson is worth, in order."""
    return {block.name: block.points for block in exercises.read_master(exercises.MASTERS / f"{name}.md")
            if block.kind == "check"}


def answered(course, folder, name, wanted):
    """The released notebook with the solutions of those exercises pasted in that are `wanted`."""
    released = nbformat.read(course / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
    solved = nbformat.read(folder / "solutions" / f"{name}.ipynb", as_version=4)
    solutions = {cell.metadata.nbgrader.grade_id: cell.source for cell in solved.cells
                 if cell.metadata.get("nbgrader", {}).get("solution")}
    for cell in released.cells:
        exercise = cell.metadata.get("nbgrader", {}).get("grade_id")
        if exercise in wanted and cell.metadata.nbgrader.solution:
            cell.source = solutions[exercise]
    return released


@pytest.fixture(scope="module", params=FOLDERS)
def language(request):
    """Of the exercises; what the checks say of them is read in the same one."""
    with words.spoken(request.param):
        yield request.param


@pytest.fixture(scope="module")
def course(tmp_path_factory, language):
    """A course in which three students have handed in: nothing done, everything right, every other exercise right."""
    course, exercise_folder = tmp_path_factory.mktemp("course"), FOLDERS[language]
    shutil.copy(exercise_folder / "nbgrader_config.py", course)
    (course / "source" / ASSIGNMENT).mkdir(parents=True)
    for name in LESSONS:
        shutil.copy(exercise_folder / "solutions" / f"{name}.ipynb", course / "source" / ASSIGNMENT)
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    for student, share in ("blank", 0), ("solved", 1), ("half", 2):
        folder = course / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True)
        for name in LESSONS:
            wanted = list(points_of(name))[::share] if share else []
            nbformat.write(answered(course, exercise_folder, name, wanted), folder / f"{name}.ipynb")
    nbgrader(course, "autograde", ASSIGNMENT)
    nbgrader(course, "generate_feedback", ASSIGNMENT)
    return course


def test_what_is_released_is_the_students_notebook_without_solutions(course, language):
    for name in LESSONS:
        released = nbformat.read(course / "release" / ASSIGNMENT / f"{name}.ipynb", as_version=4)
        ours = nbformat.read(FOLDERS[language] / f"{name}.ipynb", as_version=4)
        folded = [cell for cell in ours.cells if f"<summary>{_('Solution')}</summary>" in cell.source]
        assert len(folded) == len(points_of(name))
        assert [cell.source for cell in released.cells] == [cell.source for cell in ours.cells if cell not in folded]


def test_the_points_come_out_as_they_should(course):
    from nbgrader.api import Gradebook

    expected = {"blank": 0, "solved": 1, "half": 2}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for name in LESSONS:
            points = points_of(name)
            for student, share in expected.items():
                submission = gradebook.find_submission_notebook(name, ASSIGNMENT, student)
                found = {grade.name.removesuffix("-check"): grade.score for grade in submission.grades}
                wanted = list(points)[::share] if share else []
                assert found == {exercise: worth if exercise in wanted else 0 for exercise, worth in points.items()}
                assert submission.max_score == sum(points.values())


def test_the_feedback_says_what_was_found(course):
    for student, said in ("blank", _("Not yet.")), ("solved", _("Right.")):
        page = (course / "feedback" / student / ASSIGNMENT / f"{LESSONS[0]}.html").read_text(encoding="utf-8")
        assert said in page
        assert re.search(rf"Score: {0.0 if student == 'blank' else float(sum(points_of(LESSONS[0]).values()))}", page)
