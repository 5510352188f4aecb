"""The parts of the playground that the browser paints: where their scripts are, and how they reach it."""

from pathlib import Path

HERE = Path(__file__).parent


def script(name):
    """The script NAME.js as one module with what all of them share, elements.js: anywidget takes a single text."""
    return "\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in ("elements", name))


def style(name):
    """The style sheet NAME.css."""
    return (HERE / f"{name}.css").read_text(encoding="utf-8")
