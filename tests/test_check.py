"""The checks cannot be fooled, show a student's error at the student's line, and give no answer away."""

import linecache
import sys

import numpy as np
import pytest

from lessonkit.check import forward, full, functions, verdict
from lessonkit.check.functions import Mistake, judge


def written(source, name):
    """The function `name` that a student's cell defines."""
    file = f"<student {abs(hash(source))}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    names = {"np": np}
    exec(compile(source, file, "exec"), names)
    return names[name]


def squares(random):
    for n in (3, 5):
        yield (random.normal(size=(n, 2)),)


def judged(source, **options):
    return judge(written(source, "f"), reference=lambda a: a ** 2, cases=squares, **options)


# -- what is found anywhere -------------------------------------------------------------------------


@pytest.mark.parametrize("body, key", [
    ("a ** 2", "right"), ("a * a", "right"), ("-a ** 2", "sign"), ("2 * a ** 2", "factor two"),
    ("a ** 2 / 2", "factor two"), ("a ** 2 / len(a)", "averaged"), ("len(a) * a ** 2", "summed"),
    ("3 * a ** 2", "factor"), ("(a ** 2).T", "transposed"), ("(a ** 2).sum(axis=0)", "shape"), ("a ** 3", "value"),
    ("a ** 2 * np.nan", "not a number"), ("'a'", "kind"),
    ("(a ** 2).astype(str)", "kind"), ("None", "nothing returned"), ("[[1], [2, 3]]", "kind"),
    ("np.exp(1000 * np.abs(a) + 1000)", "overflow"), ("a.nothing", "error"), ("a.__imul__(a)", "argument changed")])
def test_what_goes_wrong_anywhere_is_found(body, key):
    for _ in range(10):
        found = judged(f"def f(a):\n    b = 1\n    return {body}")
        assert found.key == key, repr(found)


def test_an_argument_that_is_changed_is_found_and_the_callers_data_is_kept():
    kept = np.ones((3, 2))
    found = judge(written("def f(a):\n    a += 1\n    return (a - 1) ** 2", "f"), reference=lambda a: a ** 2,
                  cases=lambda random: [(kept,), (kept + 1,)])
    assert found.key == "argument changed" and (kept == 1).all()


def test_a_mistake_of_the_exercise_goes_before_those_found_anywhere():
    mistake = Mistake("tripled", "You took it three times.", lambda a: 3 * a ** 2)
    assert judged("def f(a):\n    return 3 * a ** 2", mistakes=[mistake]).key == "tripled"


def test_no_mistake_passes_because_the_data_hides_it():
    drawn = iter([1.0, 2.0, 1.5])  # of 1 the square is 1, and twice 2 is its square as well

    def cases(random):
        return [(np.full((2, 2), next(drawn)),)]

    mistakes = [Mistake("root", "No square.", lambda a: a), Mistake("doubled", "Twice is no square.", lambda a: 2 * a)]
    found = judge(written("def f(a):\n    return 1 * a", "f"), reference=lambda a: a ** 2, cases=cases,
                  mistakes=mistakes)
    assert found.key == "root" and not list(drawn)


def test_no_function_at_all():
    for submitted, state in ((..., verdict.NOT_YET), (None, verdict.NOT_YET), (np.ones(3), verdict.WRONG)):
        assert judge(submitted, reference=lambda a: a, cases=squares).state == state


# -- a student's own error --------------------------------------------------------------------------


def test_an_error_is_shown_at_the_students_line_with_the_shapes_there():
    found = judged("def f(a):\n    w = np.ones((5, 4))\n\n    return a @ w")
    assert found.state == verdict.ERROR
    said = found.message.splitlines()
    assert said[0].startswith("ValueError: matmul") and said[1] == "Line 4 of your cell: return a @ w"
    assert "  a: array of shape (3, 2), float64" in said and "  w: array of shape (5, 4), float64" in said
    assert "lessonkit" not in found.message


def test_an_error_deep_in_numpy_is_shown_at_the_students_line():
    found = judged("def g(a):\n    return np.linalg.inv(a)\n\ndef f(a):\n    return g(a)")
    assert "Line 2 of your cell: return np.linalg.inv(a)" in found.message


def test_a_wrong_number_of_arguments_is_said():
    assert "takes 0 positional arguments" in judged("def f():\n    return 1").message


# -- it cannot be fooled ----------------------------------------------------------------------------


@pytest.mark.parametrize("source", [
    "from lessonkit.check.forward import _sigmoid\ndef sigmoid(z):\n    return _sigmoid(z)",
    "from mlp_core import NeuralNetMLP\ndef sigmoid(z):\n    return NeuralNetMLP()._sigmoid(z)",
    "from mlp_core import NeuralNetMLP\nnn = NeuralNetMLP()\ndef sigmoid(z):\n    return nn._sigmoid(z)",
    "from lessonkit.check import forward\ndef sigmoid(z):\n    s = forward._sigmoid\n    return s(z)"])
def test_the_courses_own_code_is_no_answer(source):
    assert forward.sigmoid(written(source, "sigmoid")).key == "uses the course's code"


def test_the_courses_own_function_handed_in_as_it_is():
    from mlp_core import NeuralNetMLP
    for submitted in (forward._sigmoid, NeuralNetMLP()._sigmoid):
        assert forward.sigmoid(submitted).key == "uses the course's code"


def test_no_constant_and_no_table_passes():
    cost = written("def f(y_enc, a_out):\n    return 12.5", "f")
    assert forward.cost(cost).state == verdict.WRONG
    seen = {}

    def remembered(y_enc, a_out):
        return seen.setdefault(y_enc.shape, forward._cost(y_enc, a_out))

    assert forward.cost(remembered).state == verdict.WRONG  # calls the reference
    table = {shape: 1.0 for shape in ((6, 10), (9, 3), (4, 5))}
    assert forward.cost(lambda y_enc, a_out: table[y_enc.shape]).state == verdict.WRONG


@pytest.mark.parametrize("bound", [60, 61, 75, 200, 250, 700])
def test_a_sigmoid_is_right_with_any_bound_that_keeps_the_small_end(bound):
    assert forward.sigmoid(lambda z: 1 / (1 + np.exp(-np.clip(z, -bound, bound)))).key == "right"


@pytest.mark.parametrize("bound", [5, 33, 58])
def test_a_sigmoid_is_wrong_with_a_bound_that_loses_the_small_end(bound):
    assert forward.sigmoid(lambda z: 1 / (1 + np.exp(-np.clip(z, -bound, bound)))).key == "bound too near"


def test_a_few_small_numbers_that_are_wrong_are_no_factor_of_1():
    def small(random):
        yield (np.array([1.0, 1e-12, 3.0]),)

    found = judge(lambda a: np.where(a < 1e-9, 0, a), reference=lambda a: a, cases=small, close={"atol": 0})
    assert found.key == "value" and "1 of 3" in found.message, found


@pytest.mark.parametrize("dtype", [int, np.uint8, np.int64])
def test_labels_are_right_in_any_whole_numbers(dtype):
    assert full.prepare(lambda images, labels: (images.reshape(len(images), -1) / 255 * 2 - 1,
                                                labels.astype(dtype))).key == "right"


def test_a_loop_over_examples_is_found_and_a_loop_over_layers_is_not():
    def size(n, random):
        return (random.normal(size=(n, 2)),)

    assert judged("def f(a):\n    return np.array([row ** 2 for row in a])", size=size).key == "loop"
    assert judged("def f(a):\n    for _ in range(3):\n        b = a ** 2\n    return b", size=size).key == "right"


def test_a_tracer_that_was_there_is_there_again():
    def tracer(*_):
        return None

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        judged("def f(a):\n    return a ** 2", size=lambda n, random: (random.normal(size=(n, 2)),))
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)


# -- it gives nothing away --------------------------------------------------------------------------


def test_no_message_holds_a_value_of_the_answer():
    def numbers(random):
        yield (np.full((3, 2), 7.25),)
        yield (np.full((5, 2), 7.25),)

    for body in ("a ** 3", "a ** 2 + 1", "(a ** 2)[:2]", "a ** 2 * np.nan"):
        found = judge(written(f"def f(a):\n    return {body}", "f"), reference=lambda a: a ** 2, cases=numbers)
        assert found.state == verdict.WRONG and "52.5" not in found.message


# -- verdicts ---------------------------------------------------------------------------------------


def test_a_verdict_is_text_and_html():
    found = verdict.wrong("x", "a < b\n  c")
    assert repr(found) == "Not right. a < b\n  c"
    assert 'role="status"' in found._repr_html_() and "a &lt; b<br>&nbsp; c" in found._repr_html_()
    with pytest.raises(AssertionError, match="a < b"):
        verdict.demand()
    verdict.right("well")
    assert repr(verdict.demand()) == "Right. well"


def test_describes_without_numbers():
    assert functions.describe(np.zeros((2, 3))) == "array of shape (2, 3), float64"
    assert functions.describe([1, 2]) == "list of length 2" and functions.describe(1.5) == "float"
