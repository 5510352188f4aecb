"""How every figure of the course looks, set once."""

import matplotlib.pyplot as plt
from cycler import cycler

# Okabe and Ito's colours, told apart in every common kind of colour blindness; the line style changes with
# the colour, so that a black-and-white print can be read too.
BLUE, ORANGE, GREEN, PURPLE, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
GREY = "#888888"

plt.rcParams.update({
    "figure.dpi": 100,
    "figure.figsize": (6.4, 3.6),
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, SKY, RED],
                              linestyle=["-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1))]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "image.cmap": "viridis",
    "image.interpolation": "nearest",
    "legend.frameon": False,
})
