"""The part of the playground that the browser paints: playground.js and playground.css, and what they are sent."""

import anywidget
import matplotlib
import numpy as np
import traitlets

from ..explorers.training import LOOKS
from ..words import _
from . import page, views

PANELS = ("curves", "spread", "hidden", "unit", "digit", "mistakes", "confusion")
COLOURS = {"signed": "RdBu_r", "ink": "Greys", "activation": "viridis"}  # what is painted with which map

WORDS = {
    "run shown": _("Run shown"), "epoch shown": _("Epoch shown"),
    "curves": _("Cost and accuracy"), "cost": _("Cost of the training digits"), "accuracy": _("Accuracy (%)"),
    "dashes": _("Training solid, validation dashed"), "epoch": _("Epoch"), "no epoch": _("No epoch is finished yet."),
    "hidden": _("Weights of the hidden units"), "unit": _("One unit"), "choose unit": _("Hidden unit"),
    "choose pixel": _("Weight from a pixel"), "set": _("Set"), "new value": _("New value"),
    "most": _("These digits drive it most"), "least": _("These digits drive it least"),
    "digit": _("A digit's way through the network"), "choose digit": _("Validation digit"),
    "activations": _("Activations of the hidden units, dark 0, bright 1"),
    "class": _("Class"), "w_out": _("w_out"), "added": _("adds"), "z_out": _("z_out"), "a_out": _("a_out"),
    "mistakes": _("Present mistakes: class → answer"),
    "confusion": _("Confusion matrix: class down, answer across"),
    "spread": _("Spread of the weights"), "weights": _("Weight in w_h"), "how many": _("Number of weights (log scale)"),
    "arrows": _("arrow keys choose"),
}


class Stage(anywidget.AnyWidget):
    """The pictures of the playground. The kernel computes, the page paints and says what has been chosen.

    From the kernel come `scene` (see scene.py), `curves`, `place`, which run and epoch are shown, and `refused`, why a
    weight could not be set. On the page are chosen `unit`, `digit` and `weight`, its layer and place; `asked` is the
    run and the epoch (-1: its end) that are to be shown, and how often one has asked; `painted` is the number of the
    last scene. A value for the chosen weight comes as a message {"set": text}.
    """

    _esm, _css = page.script("playground"), page.style("playground")
    words = traitlets.Dict(WORDS).tag(sync=True)
    colours = traitlets.Dict().tag(sync=True)
    bins = traitlets.List([float(views.BINS[0]), float(views.BINS[-1])]).tag(sync=True)
    panels = traitlets.List(list(PANELS)).tag(sync=True)
    digits = traitlets.Bytes().tag(sync=True)  # the pixels of all validation digits
    scene = traitlets.Dict().tag(sync=True)
    curves = traitlets.Dict().tag(sync=True)
    place = traitlets.Dict().tag(sync=True)
    refused = traitlets.Unicode().tag(sync=True)
    unit = traitlets.Int(0).tag(sync=True)
    digit = traitlets.Int(0).tag(sync=True)
    weight = traitlets.List(["w_h", 14 * views.SIDE + 14]).tag(sync=True)
    asked = traitlets.List([0, 0, 0]).tag(sync=True)
    painted = traitlets.Int(0).tag(sync=True)

    def __init__(self, **traits):
        maps = {name: bytes(matplotlib.colormaps[which](np.arange(256), bytes=True)[:, :3].tobytes())
                for name, which in COLOURS.items()}
        super().__init__(colours=maps, **traits)

    def __repr__(self):
        return "Stage()"


def curves(runs, place):
    """What the page draws of the last `runs`; `place` is (run, epoch) if an earlier state is looked at, or None."""
    shown = [run for run in runs if run.epochs][-len(LOOKS):]
    return {"runs": [{"number": run.number, "colour": LOOKS[(run.number - 1) % len(LOOKS)][0],
                      "cost": [round(epoch.cost, 3) for epoch in run.epochs],
                      "train": [round(100 * epoch.train_acc, 3) for epoch in run.epochs],
                      "valid": [round(100 * epoch.valid_acc, 3) for epoch in run.epochs]} for run in shown],
            "at": [place[0].number, place[1]] if place else None}
