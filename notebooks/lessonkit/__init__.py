"""What the notebooks share and no lesson needs to show.

`figures` draws: digits, curves, bars, heat maps, and `show`, which puts a figure under a cell together with a reading
in words and numbers. `explorers` are the pictures with sliders, a module a lesson; `guess` keeps a prediction. The
maths is in `mlp_core`, which knows nothing of this package. `execute` is for maintainers.
"""
