"""The controls of the playground, one for every setting, in groups."""

import ipywidgets as widgets

from ..explorers.base import choices, slider
from ..words import N_, _
from .settings import Settings

# What the controls offer. What is tried in factors moves in factors.
CHOICES = {
    "n_hidden": [1, 2, 5, 10, 20, 50, 100, 200],
    "l2": [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
    "dropout": [0.0, 0.1, 0.2, 0.3, 0.5, 0.8],
    "eta": [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
    "minibatch_size": [1, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000],
    "epochs": [1, 5, 10, 20, 60, 100, 200],
    "digits": [100, 200, 500, 1000, 2000, 4000],
}
LAST_SEED = 20


def make(settings):
    """The controls, name -> widget, at `settings`."""
    made = {
        "n_hidden": choices(_("Hidden units"), CHOICES["n_hidden"], 100,
                            _("How many units stand between the pixels and the ten outputs")),
        "l2": choices(_("L2 penalty"), CHOICES["l2"], 0.01,
                      _("How strongly every update shrinks the weights")),
        "dropout": choices(_("Dropout"), CHOICES["dropout"], 0.0,
                           _("The share of the hidden units that is silenced in training")),
        "eta": choices(_("Learning rate"), CHOICES["eta"], 0.005,
                       _("The length of a step: what the gradient of a minibatch is multiplied by")),
        "schedule": _switch(_("Rate falls to 0"), _("The learning rate falls from its value to 0, along a cosine")),
        "minibatch_size": choices(_("Minibatch size"), CHOICES["minibatch_size"], 100,
                                  _("How many digits an update learns from; their gradients are summed")),
        "epochs": choices(_("Epochs"), CHOICES["epochs"], 60, _("Passes over the training digits")),
        "digits": choices(_("Training digits"), CHOICES["digits"], 4000,
                          _("How many digits the network learns from")),
        "shifted": _switch(_("Shifted digits"), _("Each minibatch is moved by up to one pixel each way")),
        "seed": slider(_("Seed"), 0, LAST_SEED, 1, 1,
                       _("Decides the first weights, the order of the digits and the dropout")),
    }
    for name, control in made.items():
        control.layout.width = control.layout.max_width = "100%"
        control.style.description_width = "8em"
    put(made, settings)
    return made


GROUPS = {"network": (N_("Network"), ("n_hidden", "l2", "dropout")),
          "steps": (N_("Steps"), ("eta", "schedule", "minibatch_size", "epochs")),
          "digits": (N_("Digits and chance"), ("digits", "shifted", "seed"))}


def group(controls, hide):
    """The `controls` that are not to be hidden, in groups side by side where there is room."""
    boxes = []
    for title, names in GROUPS.values():
        shown = [controls[name] for name in names if name not in hide]
        if shown:
            head = widgets.Label(_(title))
            head.add_class("group-title")
            boxes.append(widgets.VBox([head, *shown], layout=widgets.Layout(flex="1 1 17em", min_width="0")))
    return widgets.HBox(boxes, layout=widgets.Layout(flex_flow="row wrap"))


def get(values):
    """The `Settings` that the `values` of the controls stand for; ValueError says which do not go together."""
    return Settings(**values | {"schedule": "cosine" if values["schedule"] else "constant"})


def put(controls, settings):
    """Move the `controls` to `settings`; one that does not offer a value offers it as long as it is there."""
    for name, value in settings.as_dict().items():
        control = controls[name]
        if name == "schedule":
            value = value != "constant"
        elif name == "seed":
            control.max = max(LAST_SEED, value)
        elif name in CHOICES and (options := sorted({*CHOICES[name], value})) != list(control.options):
            control.options = options
        control.value = value


def _switch(label, tooltip):
    name = "tooltip" if widgets.Checkbox.class_traits().get("tooltip") else "description_tooltip"
    return widgets.Checkbox(description=label, indent=True, **{name: tooltip})
