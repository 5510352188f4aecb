"""The texts in code: string literals and comments, found, and put back in another language.

A literal that the program needs as it is, such as the name of a file, a key or a format, is no text: see `_is_code`.
The text of an f-string is its source between the quotes, with its placeholders; the literals in those count with it.
"""

import ast
import inspect
import io
import re
import textwrap
import tokenize
from typing import NamedTuple

from lessonkit.tables import width
from mlp_core import NeuralNetMLP

WIDTH = 120
SETTINGS = set(inspect.signature(NeuralNetMLP).parameters)
NAMES = SETTINGS | {"cost", "train_acc",
                    "valid_acc"}  # words that are keys of the core where they stand among themselves
TECHNICAL_CALLS = {"calcsize", "errstate", "from_bytes", "getattr", "hex", "load", "load_mnist", "pack", "save",
                   "set_language", "unpack"}
TECHNICAL_KEYWORDS = {"all", "axis", "color", "divide", "dtype", "end", "invalid", "kind", "linestyle", "loc", "marker",
                      "over", "sep", "which", "yscale", "xscale"}
PIECE = re.compile(r"""(?P<prefix>[A-Za-z]{0,2})"""
                   r"""(?P<quote>\"{3}|'{3}|"|')(?P<body>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.S)


class Text(NamedTuple):
    """A text in a cell: `text` itself, and where it stands in the source."""

    text: str
    start: int
    end: int
    kind: str  # "literal" or "comment"


def texts(source):
    """Every text in `source`, in order."""
    return sorted([*_literals(source), *_comments(source)], key=lambda text: text.start)


def translated(source, translate, language):
    """`source` with each of its texts through `translate`, and `set_language` for `language`."""
    for text in reversed(texts(source)):
        new = translate(text.text)
        old = source[text.start:text.end]
        written = _comment(source, text, new) if text.kind == "comment" else _literal(source, text, new)
        if new != text.text and written != old:
            source = source[:text.start] + written + source[text.end:]
    return re.sub(r'(\bset_language\()"\w+"', rf'\1"{language}"', source)


def shape(source):
    """The syntax tree of `source` as text, without what its literals say; of an f-string the placeholders stay."""
    return ast.dump(_Blank().visit(ast.parse(source)))


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        placeholders = [self.visit(part) for part in node.values if isinstance(part, ast.FormattedValue)]
        return ast.JoinedStr(placeholders)


# -- what is a text ---------------------------------------------------------------------------------


def _literals(source):
    tree, starts = ast.parse(source), _line_starts(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    ordinary, looked_up = [], []
    keys = {key.value: _is_code(key, key.value, parents, {}) for node in ast.walk(tree) if isinstance(node, ast.Dict)
            for key in node.keys if isinstance(key, ast.Constant)}  # key of a dict -> whether it is no text
    for node in ast.walk(tree):
        if not _is_literal(node) or any(isinstance(above, ast.JoinedStr) for above in _above(node, parents)):
            continue
        start, end = (_offset(source, starts, *place) for place in
                      ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)))
        text = Text(template(source[start:end]), start, end, "literal")
        if not has_words(text.text) or _is_code(node, text.text, parents, keys):
            continue
        (looked_up if isinstance(parents[node], ast.Subscript) else ordinary).append(text)
    return ordinary + looked_up


def _is_literal(node):
    return isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, str)


def _above(node, parents):
    while node in parents:
        node = parents[node]
        yield node


def has_words(text):
    """Whether there is a word in `text` outside its placeholders: two letters that are no name of code."""
    bare = "".join(part for part, is_placeholder in parts(text) if not is_placeholder)
    names = r"[\w.]+\.npz\b|[\w.]+\.txt\b|[\w-]+-idx\d-\w+|\w*_\w*|\\\w+|\bd[A-Za-z]\b"
    return bool(re.search(r"[^\W\d_]{2,}", re.sub(names, " ", bare)) or any(said_inside(text)))


def said_inside(text):
    """The words in the placeholders of a text: what `{'one' if condition else 'other'}` chooses from."""
    for tree in map(_placeholder_tree, placeholders_in(text)):
        for node in ast.walk(tree):
            if isinstance(node, ast.IfExp):
                yield from (branch.value for branch in (node.body, node.orelse) if _is_literal(branch) and
                            isinstance(branch, ast.Constant) and re.search(r"[^\W\d_]{2,}", branch.value))


def _placeholder_tree(placeholder):
    try:
        return ast.parse(f'f"""{placeholder}"""', mode="eval")
    except SyntaxError:  # no f-string: "{}" for `format`, or a formula
        return ast.Constant(placeholder)


def _is_code(node, text, parents, keys):
    """Whether the literal `node` is there for the program alone; `keys` says it of the keys of the cell's dicts."""
    parent = parents[node]
    if isinstance(parent, ast.Subscript) and parent.slice is node:
        # What is looked up has the name under which it was put there.
        return isinstance(parent.value, ast.Attribute) or keys.get(text, text in NAMES)
    if isinstance(parent, ast.keyword):
        return parent.arg in TECHNICAL_KEYWORDS
    if isinstance(parent, ast.Compare):
        return text in NAMES
    if isinstance(parent, (ast.Tuple, ast.List)):
        return _all_names(parent.elts)
    if isinstance(parent, ast.Dict):
        above = parents[parent]
        if isinstance(above, ast.Call) and _called(above) in TECHNICAL_CALLS:
            return True
        return any(key is node for key in parent.keys) and _all_names(parent.keys)
    return isinstance(parent, ast.Call) and _called(parent) in TECHNICAL_CALLS


def _all_names(nodes):
    return len(nodes) > 1 and all(isinstance(node, ast.Constant) and (
        node.value in NAMES or "_" in str(node.value) and str(node.value).isidentifier()) for node in nodes)


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _comments(source):
    """Comments with words in them; those that follow one another on lines of their own are one text."""
    starts, found = _line_starts(source), []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or token.string.startswith("###"):  # nbgrader's markers
            continue
        row, column = token.start
        start = starts[row - 1] + column
        alone, before = not token.line[:column].strip(), found[-1] if found else None
        if alone and before and before[2] and before[3:] == (row - 1, column):
            found[-1] = (before[0], start + len(token.string), True, row, column)
        else:
            found.append((start, start + len(token.string), alone, row, column))
    for start, end, *_ in found:
        lines = [line.strip().lstrip("#").strip() for line in source[start:end].splitlines()]
        text = "# " + " ".join(lines)
        if re.search(r"(?<![\w.])[a-z]{2,}(?![\w(.=])|(?<![\w.])[a-z]{2,}\.?$", text):
            yield Text(text, start, end, "comment")


# -- reading and writing literals -------------------------------------------------------------------


def template(literal):
    """What a literal says: the value of a plain one, the text with its {placeholders} of an f-string."""
    pieces = _pieces(literal)
    formatted = any("f" in piece["prefix"].lower() for piece in pieces)
    if not formatted:
        return ast.literal_eval(f"({literal})")
    said = []
    for piece in pieces:
        if "f" in piece["prefix"].lower():
            said += [part if is_placeholder else _value(part, piece) for part, is_placeholder in parts(piece["body"])]
        else:
            said.append(_value(piece["body"], piece).replace("{", "{{").replace("}", "}}"))
    return "".join(said)


def _value(body, piece):
    raw = piece["prefix"].lower().replace("f", "")
    return ast.literal_eval(f"{raw}{piece['quote']}{body}{piece['quote']}")


def _pieces(literal):
    found, at = [], 0
    while piece := PIECE.match(literal, at):
        found.append(piece.groupdict())
        at = piece.end()
        while gap := re.compile(r"\s+|\\\n|#[^\n]*").match(literal, at):
            at = gap.end()
    if at != len(literal) or not found:
        raise ValueError(f"{literal!r} is no string literal that this tool can read.")
    return found


def parts(text):
    """`text` of an f-string in pieces: pairs of a piece and whether it is a placeholder."""
    found, at, depth, start = [], 0, 0, 0
    while at < len(text):
        if depth == 0 and text[at:at + 2] in ("{{", "}}"):
            at += 2
            continue
        if text[at] == "{":
            if depth == 0 and at > start:
                found.append((text[start:at], False))
            start = at if depth == 0 else start
            depth += 1
        elif text[at] == "}" and depth:
            depth -= 1
            if depth == 0:
                found.append((text[start:at + 1], True))
                start = at + 1
        at += 1
    if start < len(text):
        found.append((text[start:], False))
    return found


def placeholders_in(text):
    """The placeholders of a text, in order."""
    return [part for part, is_placeholder in parts(text) if is_placeholder]


def placeholder_shapes(text):
    """The same, as syntax trees in text, without the words that they choose from: what a translation must keep."""
    return [ast.dump(_WithoutWords().visit(_placeholder_tree(placeholder))) for placeholder in placeholders_in(text)]


class _WithoutWords(ast.NodeTransformer):
    def visit_IfExp(self, node):
        node.body, node.orelse = (ast.Constant("") if isinstance(branch, ast.Constant) else self.visit(branch)
                                  for branch in (node.body, node.orelse))
        node.test = self.visit(node.test)
        return node


def _literal(source, text, new):
    """`new` as a literal in the place of `text`, over several lines where one would be too long."""
    old = source[text.start:text.end]
    first = _pieces(old)[0]
    formatted = any("f" in piece["prefix"].lower() for piece in _pieces(old))
    raw = "r" in first["prefix"].lower() and "\n" not in new and first["quote"] not in new
    quote = first["quote"]
    column = text.start - (source.rfind("\n", 0, text.start) + 1)
    rest = source[text.end:].split("\n", 1)[0]

    def written(said):
        has_placeholder = formatted and any(is_placeholder for _, is_placeholder in parts(said))
        if formatted and not has_placeholder:
            said = said.replace("{{", "{").replace("}}", "}")
        cut = parts(said) if has_placeholder else [(said, False)]
        body = "".join(part if is_placeholder or raw else _escaped(part, quote) for part, is_placeholder in cut)
        return f"{'r' if raw else ''}{'f' if has_placeholder else ''}{quote}{body}{quote}"

    one = written(new)
    if column + width(one) + width(rest) <= WIDTH or len(quote) == 3:
        return one
    lines = _broken(new, WIDTH - column - 4 - width(rest) // 4)
    several = f"\n{' ' * column}".join(map(written, lines))
    try:
        ast.parse(source[:text.start] + several + source[text.end:])
    except SyntaxError:
        return one
    return several


def _escaped(part, quote):
    part = part.replace("\\", "\\\\").replace("\t", "\\t")
    return part if len(quote) == 3 else part.replace("\n", "\\n").replace(quote, f"\\{quote}")


def _broken(text, room):
    """`text` in lines of at most `room`, broken behind spaces, never within a placeholder."""
    words = re.split(r"(?<= )(?=\S)", "".join(part.replace(" ", "\0") if is_placeholder else part
                                               for part, is_placeholder in parts(text)))
    lines = [""]
    for word in words:
        if lines[-1] and width(lines[-1]) + width(word) > room:
            lines.append("")
        lines[-1] += word
    return [line.replace("\0", " ") for line in lines]


def _comment(source, text, new):
    """`new` as a comment in the place of `text`; one on lines of its own may take several."""
    start = source.rfind("\n", 0, text.start) + 1
    if source[start:text.start].strip():
        return new
    indent = " " * (text.start - start)
    lines = textwrap.wrap(new.removeprefix("# "), WIDTH - len(indent) - 2 - (width(new) - len(new)) * 30 // len(new))
    return f"\n{indent}".join(f"# {line}" for line in lines)


def _line_starts(source):
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _offset(source, starts, line, column):
    """The place in `source` of a line and a column, which `ast` counts in bytes."""
    text = source[starts[line - 1]:starts[line]] if line < len(starts) else ""
    return starts[line - 1] + len(text.encode()[:column].decode())
