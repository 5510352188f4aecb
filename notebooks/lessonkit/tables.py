"""Tables of numbers as text: what a lesson prints below an idea, with every column in a format of its own."""

import unicodedata

from .words import _


def table(columns, *forms):
    """Print `columns`, a dict heading -> values, side by side; `forms` are their formats, "{}" where none is left.

    Texts stand at the left of their column, numbers at the right.

    >>> table({"rate": [0.1, 0.01], "ends at": [92.61, 7.5]}, "{:g}", "{:.1f} %")
    rate  ends at
     0.1   92.6 %
    0.01    7.5 %
    """
    lengths = {name: len(list(values)) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the columns have different lengths: {lengths}; expected as many values in each.")
    printed = []
    for place, (name, values) in enumerate(columns.items()):
        form = forms[place] if place < len(forms) else "{}"
        cells = [name, *(form.format(value) for value in values)]
        side = "<" if all(isinstance(value, str) for value in values) else ">"
        room = max(map(width, cells))
        printed.append([f"{cell:{side}{room - width(cell) + len(cell)}}" for cell in cells])
    print("\n".join("  ".join(row).rstrip() for row in zip(*printed)))


def width(text):
    """How many columns `text` takes where every letter has the same width: two for each letter of Hangul."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def by_seed(accuracies):
    """Print a row a network; `accuracies` is a dict name -> dict "training", "validation" -> per cent, a value a seed.

    >>> by_seed({"plain": {"training": [99.5, 99.7], "validation": [93.0, 92.0]}})
    network  training   mean training  validation  mean validation
    plain    99.5 99.7         99.6 %  93.0 92.0            92.5 %
    """
    columns = {_("network"): list(accuracies)}
    for name in next(iter(accuracies.values())):  # as the lesson calls them
        columns[name] = [" ".join(f"{value:.1f}" for value in each[name]) for each in accuracies.values()]
        columns[_("mean {name}").format(name=name)] = [sum(each[name]) / len(each[name])
                                                       for each in accuracies.values()]
    table(columns, "{}", "{}", "{:.1f} %", "{}", "{:.1f} %")
