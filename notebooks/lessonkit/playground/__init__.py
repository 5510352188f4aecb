"""The playground: the course's network with every setting in one place, trained as one looks on.

`Playground` is the page (widget.py), `MinibatchUnderGlass` one update step by step, `Landscape` the cost around a run's
path, `RunsTable` the runs of the sitting. `settings` says what can be set and makes the network of it; `records` keeps
runs, as lines of text and as a table; `as_code` writes the Python that repeats one with `mlp_core` alone.
"""

from .glass import MinibatchUnderGlass
from .landscape import Landscape
from .runs_table import RunsTable
from .widget import Playground

__all__ = ["Landscape", "MinibatchUnderGlass", "Playground", "RunsTable"]
