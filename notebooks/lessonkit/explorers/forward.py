"""Lesson 2: one sigmoid unit, and one digit on its way through the network."""

import matplotlib.pyplot as plt
import numpy as np

from mlp_core import NeuralNetMLP

from .. import style
from .base import Explorer, slider


class SigmoidUnit(Explorer):
    """The activation of a unit with one input over that input; the weight and the bias are the student's."""

    alt = "A sigmoid curve: the activation of a unit over its input, with a mark where the net input is 0."

    def controls(self):
        return {"weight": slider("Weight w", -5.0, 5.0, 0.1, 1.0, "How steep the step is, and which way it goes"),
                "bias": slider("Bias b", -5.0, 5.0, 0.1, 0.0, "Moves the step sideways, to x = -b / w")}

    def figure(self):
        fig, ax = plt.subplots(figsize=(7, 3.2))
        ax.set(xlabel="Input x", ylabel="Activation a", xlim=(-5, 5), ylim=(-0.05, 1.05))
        self.curve, = ax.plot([], [], color=style.BLUE)
        self.middle, = ax.plot([], [], "o", color=style.ORANGE)
        return fig, [self.curve, self.middle]

    def compute(self, weight, bias):
        x = np.linspace(-5, 5, 201)
        middle = -bias / weight if weight else np.nan
        return {"x": x, "a": NeuralNetMLP()._sigmoid(weight * x + bias), "middle": middle, "weight": weight}

    def draw(self, x, a, middle, weight):
        self.curve.set_data(x, a)
        self.middle.set_data([middle], [0.5])
        return f"the step is at x = {middle:.2f}, its slope there is {weight / 4:.2f}"
