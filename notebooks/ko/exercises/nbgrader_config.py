# For teachers who grade the Korean exercises with nbgrader; why a comment, ../../exercises/nbgrader_config.py says.
c = get_config()  # noqa: F821

c.ClearSolutions.code_stub = {"python": "# 여기에 여러분의 코드를 쓰세요."}
