# For teachers who grade with nbgrader, and for tools/exercises.py: what a student finds where the solution stood.
# A comment, not nbgrader's own `raise NotImplementedError()`: an exercise that is left out must not stop the others.
c = get_config()  # noqa: F821

c.ClearSolutions.code_stub = {"python": "# Write your own lines here."}
