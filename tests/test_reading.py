"""The reading of a figure, which stands for its pixels in every comparison, notices what matters and nothing else."""

import re
import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lessonkit import figures, reading

HISTORY = {"cost": [3.0, 2.0, 1.5], "train_acc": [0.5, 0.8, 0.9], "valid_acc": [0.5, 0.7, 0.75]}
DIGIT = np.linspace(-1, 1, 784) ** 3


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def curves(**changes):
    return reading.read(figures.learning_curves(HISTORY | changes))


def digit(pixels):
    fig, ax = plt.subplots()
    figures.draw_digit(ax, pixels, "7")
    return reading.read(fig)


def test_the_reading_of_learning_curves():
    assert curves().splitlines() == [
        'axes 1: "Cost"; x "Epoch" 0.000 to 4.000; y "Cost" 1.425 to 3.075',
        '  line "Training" #0072b2: 3 points, x 1.000 to 3.000, y first 3.000, middle 2.000, last 1.500, mean 2.167',
        'axes 2: "Accuracy"; x "Epoch" 0.000 to 4.000; y "Accuracy (%)" 48.00 to 92.00; '
        'legend "Training", "Validation"',
        '  line "Training" #0072b2: 3 points, x 1.000 to 3.000, y first 50.00, middle 80.00, last 90.00, mean 73.33',
        '  line "Validation" #e69f00: 3 points, x 1.000 to 3.000, y first 50.00, middle 70.00, last 75.00, mean 65.00']


def test_a_small_change_of_the_data_shows():
    assert curves(cost=[3.0, 2.0, 1.505]) != curves()
    assert curves(valid_acc=HISTORY["train_acc"]) != curves()
    assert curves(cost=[2.0, 3.0, 1.5]) != curves()


@pytest.mark.parametrize("change", [
    lambda ax: ax.lines[0].remove(), lambda ax: ax.set_xlabel("Update"), lambda ax: ax.set_ylabel(""),
    lambda ax: ax.set_title("Accuracy"), lambda ax: ax.legend(), lambda ax: ax.set_ylim(0, 10),
    lambda ax: ax.set_yscale("log"), lambda ax: ax.lines[0].set_color("red"),
    lambda ax: ax.lines[0].set_label("Validation"), lambda ax: ax.text(1, 1, "here")])
def test_a_changed_or_emptied_plot_shows(change):
    fig = figures.learning_curves(HISTORY)
    change(fig.axes[0])
    assert reading.read(fig) != curves()


@pytest.mark.parametrize("change", [
    lambda a: a.T, np.flipud, np.fliplr, lambda a: -a, lambda a: a * 0, lambda a: np.roll(a, 3)])
def test_an_image_that_is_turned_or_changed_shows(change):
    assert digit(change(DIGIT.reshape(28, 28))) != digit(DIGIT)


def test_bars_points_and_matrices_are_read():
    fig, axes = plt.subplots(1, 3)
    figures.plot_bars(axes[0], "abc", [1, 2, 4], "class", "count")
    axes[1].scatter([1, 2], [3, 4], label="units")
    figures.draw_matrix(axes[2], [[1, 2], [3, 4]], "ab", "cd", "row", "column")
    read = reading.read(fig)
    assert 'x "class" -0.540 to 2.540; x ticks a b c; y "count"' in read
    assert "3 bars #0072b2: 1.000 2.000 4.000" in read
    assert 'points "units": 2, x first 1.000, middle 2.000, last 2.000, mean 1.500, y first 3.000' in read
    assert "x ticks c d;" in read and "y ticks a b" in read
    assert "image 2 x 2: mean 2.500" in read and ", viridis 1.000 to 4.000" in read and "text 1 | 2 | 3 | 4" in read


def test_rounding_noise_does_not_show():
    noise = 1e-13 * np.random.RandomState(0).normal(size=784)
    assert digit(DIGIT + noise) == digit(DIGIT)
    assert curves(cost=[3.0, 2.0, 1.5 + 1e-12]) == curves()
    assert reading.numbers([-1e-17, 1.0]) == ["0.000", "1.000"]
    ties = [50.125, 10.005, 99.995]
    assert reading.numbers(np.array(ties) * (1 - 1e-15)) == reading.numbers(np.array(ties) * (1 + 1e-15))


def test_a_line_of_rounding_noise_is_read_without_its_values():
    fig, ax = plt.subplots()
    line, = ax.plot([1, 2], [1e-16, 3e-17])
    line.set_gid(reading.ROUNDING)
    assert reading.read(fig).endswith("2 points, x 1.000 to 2.000, y at rounding level")


def test_a_log_axis_is_read_to_digits_of_each_value():
    fig, ax = plt.subplots()
    ax.loglog([1e-3, 1.0], [1e-6, 1.0])
    assert "x 0.001 to 1, y first 1e-06, middle 1, last 1, mean 0.001" in reading.read(fig)


def test_show_displays_the_picture_with_its_alt_text_and_reading(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda *args, **kwargs: shown.append((args, kwargs)))
    fig = figures.learning_curves(HISTORY)
    expected = reading.read(fig)
    figures.show(fig, "The cost falls.")
    (data,), _ = shown[0]
    assert data["text/plain"] == "The cost falls.\n" + expected
    assert re.fullmatch('<img alt="The cost falls." .*src="data:image/png;base64,iVBOR.*">', data["text/html"])
    assert plt.get_fignums() == [], "pyplot would show it once more"


def test_a_figure_keeps_its_layout_when_it_is_shown_and_when_that_fails(capsys, monkeypatch):
    fig = figures.new((4, 3))
    fig.subplots().plot([1, 2])
    layout = fig.get_layout_engine()
    figures.show(fig, "A line.")
    assert fig.get_layout_engine() is layout is not None

    def fails(*args, **kwargs):
        raise OSError("no room")

    monkeypatch.setattr(fig, "savefig", fails)
    with pytest.raises(OSError, match="no room"):
        figures.show(fig, "A line.")
    assert fig.get_layout_engine() is layout
