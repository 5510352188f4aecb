"""The part of the playground that the browser paints: playground.js and playground.css, and what they are sent."""

import anywidget
import matplotlib
import numpy as np
import traitlets

from ..explorers.training import LOOKS
from ..words import N_, _
from . import page, views

PANELS = ("curves", "spread", "hidden", "unit", "digit", "mistakes", "confusion")
COLOURS = {"signed": "RdBu_r", "ink": "Greys", "activation": "viridis"}  # what is painted with which map

WORDS = {
    "run shown": N_("Run shown"), "epoch shown": N_("Epoch shown"),
    "curves": N_("Cost and accuracy"), "cost": N_("Cost of the training digits"), "accuracy": N_("Accuracy (%)"),
    "dashes": N_("Training solid, validation dashed"), "epoch": N_("Epoch"),
    "no epoch": N_("No epoch is finished yet."),
    "hidden": N_("Weights of the hidden units"), "unit": N_("One unit"), "choose unit": N_("Hidden unit"),
    "choose pixel": N_("Weight from a pixel"), "set": N_("Set"), "new value": N_("New value"),
    "most": N_("These digits drive it most"), "least": N_("These digits drive it least"),
    "digit": N_("A digit's way through the network"), "choose digit": N_("Validation digit"),
    "activations": N_("Activations of the hidden units, dark 0, bright 1"),
    "class": N_("Class"), "w_out": N_("w_out"), "added": N_("adds"), "z_out": N_("z_out"), "a_out": N_("a_out"),
    "mistakes": N_("Present mistakes: class → answer"),
    "confusion": N_("Confusion matrix: class down, answer across"),
    "spread": N_("Spread of the weights"), "weights": N_("Weight in w_h"),
    "how many": N_("Number of weights (log scale)"), "arrows": N_("arrow keys choose"),
}


class Stage(anywidget.AnyWidget):
    """The pictures of the playground. The kernel computes, the page paints and says what has been chosen.

    From the kernel come `scene` (see scene.py), `curves`, `place`, which run and epoch are shown, and `refused`, why a
    weight could not be set. On the page are chosen `unit`, `digit` and `weight`, its layer and place; `asked` is the
    run and the epoch (-1: its end) that are to be shown, and how often one has asked; `painted` is the number of the
    last scene. A value for the chosen weight comes as a message {"set": text}.
    """

    _esm, _css = page.script("playground"), page.style("playground")
    words = traitlets.Dict().tag(sync=True)
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
        super().__init__(colours=maps, words={name: _(text) for name, text in WORDS.items()}, **traits)

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
