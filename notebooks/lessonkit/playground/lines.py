"""Lines of `mlp_core` as they stand in its source, and the numbers that they give while they run."""

import ast
import functools
import inspect
import sys
import textwrap
from typing import NamedTuple

import numpy as np


class Statement(NamedTuple):
    """A statement of a method, found by the name that it assigns to.

    "return" stands for what a `return` gives, "setattr" for a call of it.
    """

    method: str
    assigns: str
    text: str  # as in the source, without the comment behind it
    code: object  # of the method
    first: int  # its lines in the file
    last: int


@functools.cache
def find(kind, method, assigns, reads=""):
    """The one statement of `method` of the class `kind` that assigns to `assigns` and reads `reads`, if that is given.

    LookupError says what is missing: the method, or such a statement in it.
    """
    function = inspect.getattr_static(kind, method, None)
    if not inspect.isfunction(function):
        raise LookupError(f"{kind.__name__} has no method {method}. Was it renamed?")
    source = textwrap.dedent(inspect.getsource(function))
    found = [node for node in ast.walk(ast.parse(source)) if assigns in _assigned(node) and reads in _read(node)]
    if len(found) != 1:
        what = f"assign to {assigns} and read {reads}" if reads else f"assign to {assigns}"
        raise LookupError(f"{kind.__name__}.{method} has {len(found)} statements that {what}; expected one. Was a name "
                          "changed, or a line taken out?")
    node, start = found[0], function.__code__.co_firstlineno - 1
    text = textwrap.dedent(ast.get_source_segment(source, node, padded=True))
    return Statement(method, assigns, text, function.__code__, start + node.lineno, start + node.end_lineno)


def _assigned(node):
    """The names that the statement `node` assigns to."""
    if isinstance(node, ast.Return):
        return ["return"]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return [node.value.func.id] if isinstance(node.value.func, ast.Name) else []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _read(statement):
    """All names on the right of a statement, those of attributes too; and nothing, which is in each."""
    nodes = list(ast.walk(statement.value))
    return {"", *(node.id for node in nodes if isinstance(node, ast.Name)),
            *(node.attr for node in nodes if isinstance(node, ast.Attribute))}


def watch(statements, function, *arguments):
    """Call `function(*arguments)`: what it returns, and a dict with what each of the `statements` gave when it ran.

    What is assigned is copied when its line has run, so that a later line that changes it in its place does no harm.
    """
    seen = {}

    def enter(frame, event, argument):
        here = [statement for statement in statements if statement.code is frame.f_code]
        if not here:
            return None
        running = []  # entered and not left yet

        def step(frame, event, argument):
            for statement in list(running):
                if event == "return" or not statement.first <= frame.f_lineno <= statement.last:
                    running.remove(statement)
                    if statement.assigns == "return":
                        seen[statement] = argument
                    elif statement.assigns in frame.f_locals:
                        seen[statement] = np.array(frame.f_locals[statement.assigns])
            if event == "line":
                running.extend(statement for statement in here if statement not in running
                               and statement.first <= frame.f_lineno <= statement.last)
            return step

        return step

    before = sys.gettrace()  # a debugger's, for example
    sys.settrace(enter)
    try:
        result = function(*arguments)
    finally:
        sys.settrace(before)
    return result, seen
