"""Every picture that lessonkit makes, the figures and the explorers, each as what it puts on a page.

    python tests/gallery.py             # as JSON, name -> list of outputs
    python tests/gallery.py startup.py  # after a student's startup file

tests/test_settings.py runs it under a student's own settings and without; pictures and texts must be the same.
"""

import importlib
import inspect
import json
import pkgutil
import sys

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from IPython.utils.capture import capture_output

DIGIT = np.linspace(-1, 1, 784) ** 3
HISTORY = {"cost": [300.0, 200.0, 150.0], "train_acc": [0.5, 0.8, 0.9], "valid_acc": [0.5, 0.7, 0.75]}
WIDGET = "application/vnd.jupyter.widget-view+json"  # an id, different in every run


def figures_and_their_arguments():
    """name -> (function of `figures`, arguments, how many axes it takes), for each that draws."""
    from lessonkit import figures
    from mlp_core import NeuralNetMLP

    nn = NeuralNetMLP(n_hidden=4, seed=1)
    nn._init_weights(784, 10)
    nn.eval_ = HISTORY
    x, signed = np.arange(3), np.array([-2.0, 1.0, 3.0])
    arguments = {
        "draw_digit": (DIGIT, "A title"),
        "draw_digits": ([DIGIT] * 7, [str(number) for number in range(7)]),
        "draw_answers": ([DIGIT] * 3, [1, 2, 3], [7, 8, 9], [0.5, 0.25, 1.0]),
        "draw_signed": (DIGIT, "A title"),
        "draw_forward": (DIGIT, np.linspace(0, 1, 12), np.linspace(0, 1, 10), "A title"),
        "plot_lines": (x, {"one": signed, "two": -signed}, "x", "y", "A title"),
        "plot_cost": (HISTORY["cost"],),
        "plot_accuracy": (HISTORY,),
        "learning_curves": (HISTORY,),
        "beside_published": (HISTORY, HISTORY),
        "compare_networks": ({"one": nn, "two": nn},),
        "plot_bars": (["a", "b", "c"], signed, "x", "y", "A title", 1),
        "plot_histogram": (signed, [-3, 0, 3], "x", "Count", "label", "A title"),
        "draw_matrix": (np.arange(9).reshape(3, 3), "abc", "abc", "y", "x", "A title")}
    drawing = {name: function for name, function in inspect.getmembers(figures, inspect.isfunction)
               if function.__module__ == figures.__name__ and not name.startswith("_")
               and name not in ("new", "picture", "show", "lay_out", "image_tag")}
    if drawing.keys() != arguments.keys():
        raise SystemExit(f"no arguments here for {sorted(drawing.keys() ^ arguments.keys())}: add them to gallery.py")
    takes = {"ax": 1, "axes": 3}
    return {name: (function, arguments[name], takes.get(next(iter(inspect.signature(function).parameters)), 0))
            for name, function in drawing.items()}


def explorers():
    """name -> a function that makes the explorer, for each in lessonkit.explorers."""
    import lessonkit.explorers
    from lessonkit.explorers.base import Explorer

    for module in pkgutil.iter_modules(lessonkit.explorers.__path__):
        importlib.import_module(f"lessonkit.explorers.{module.name}")
    kinds, found = [Explorer], {}
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind is not Explorer and kind.__module__.startswith("lessonkit."):
            found[kind.__name__] = kind
    return found | {"Gallery": _gallery_of_mistakes}


def _gallery_of_mistakes():
    from lessonkit.explorers.mistakes import Gallery
    from mlp_core import NeuralNetMLP, load_mnist

    digits = load_mnist("sample")
    nn = NeuralNetMLP(n_hidden=10, epochs=3, eta=0.005, minibatch_size=100, seed=1)
    nn.fit(digits.X_train, digits.y_train, digits.X_valid, digits.y_valid)
    return Gallery(nn, digits.X_test, digits.y_test)


def outputs(show, *arguments):
    """What `show(*arguments)` puts below a cell, a dict MIME type -> content each; and what it prints, warnings too."""
    with capture_output() as captured:
        show(*arguments)
    shown = [{kind: content for kind, content in output.data.items() if kind != WIDGET} for output in captured.outputs]
    return [*filter(None, shown), {"stdout": captured.stdout}, {"stderr": captured.stderr}]


def draw(function, arguments, axes):
    from lessonkit import figures

    if not axes:
        figures.show(function(*arguments), "A figure of its own.")
        return
    with figures.picture("A figure of several axes.", 1, axes, size=(3 * axes, 3)) as ax:
        function(ax, *arguments)


def main():
    startup, own = sys.argv[1:], {}
    for path in startup:
        with open(path, encoding="utf-8") as file:
            exec(file.read(), own)
    InteractiveShell.instance()  # `display` needs one
    shown = {name: outputs(draw, *how) for name, how in figures_and_their_arguments().items()}
    shown |= {name: outputs(lambda make=make: display(make())) for name, make in explorers().items()}
    if startup:
        shown["changed"] = own["settings_changed"]()
    print(json.dumps(shown))


if __name__ == "__main__":
    main()
