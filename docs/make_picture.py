"""Draw course.png, the picture of the README, from the run that lessons 4 to 6 share; in each language its own.

    python docs/make_picture.py
"""

from pathlib import Path

import numpy as np
from lessonkit import figures, words

from mlp_core import NeuralNetMLP, load_mnist

digits = load_mnist("sample", np.float64)
nn = NeuralNetMLP(n_hidden=100, l2=0.01, epochs=60, eta=0.005, minibatch_size=100, seed=1)
y_pred = nn.fit(*digits[:4], progress=False).predict(digits.X_test)
mistakes = np.flatnonzero(y_pred != digits.y_test)[:25]



def draw(path):
    fig = figures.new((11, 5.4))
    left, right = fig.subfigures(1, 2, width_ratios=[1, 1.15])
    cost, accuracy = left.subplots(2, 1, sharex=True)
    figures.plot_cost(cost, nn.eval_["cost"]).set_xlabel("")
    figures.plot_accuracy(accuracy, nn.eval_)
    for number, (ax, k) in enumerate(zip(right.subplots(5, 5).flat, mistakes), 1):
        figures.draw_digit(ax, digits.X_test[k], f"{number}) t:{digits.y_test[k]} p:{y_pred[k]}")
    fig.savefig(path, dpi=90, metadata={"Software": None})


for language in words.languages():
    with words.spoken(language), figures.style.course():
        draw(Path(__file__).parent / ("" if language == "en" else language) / "course.png")
