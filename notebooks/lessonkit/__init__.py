"""What the notebooks share and no lesson needs to show.

`figures` draws, `tables` prints: digits, curves, bars, heat maps, and `picture`, which puts a figure under a cell
together with a reading in words and numbers. `asides` has what surrounds the ideas of one lesson, `explorers` its
pictures with sliders, each a module a lesson; `guess` keeps a prediction. The maths is in `mlp_core`, which knows
nothing of this package; what only maintainers run is in `tools`. `surroundings` is what the lessons need of the kernel,
`words` the language of labels, figures and checks.
"""

from . import surroundings as _surroundings
from .words import set_language  # noqa: F401

_surroundings.set_up()
