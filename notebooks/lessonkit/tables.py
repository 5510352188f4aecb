"""Tables of numbers as text: what a lesson prints below an idea, with every column in a format of its own."""


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
        width = max(map(len, cells))
        printed.append([f"{cell:{side}{width}}" for cell in cells])
    print("\n".join("  ".join(row).rstrip() for row in zip(*printed)))
