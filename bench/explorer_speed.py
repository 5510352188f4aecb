"""Milliseconds from key press to new picture, for every explorer, in JupyterLab in Chromium; and memory.

    python -m bench.explorer_speed                     # all lessons: some minutes
    python -m bench.explorer_speed 02_forward_pass     # one

A row is a control: the median and the 95th percentile of 20 moves, each a step from where the one before has led. The
clock is the page's own: it starts at the key and stops when the new picture is decoded, ready for the screen. 50 ms is
the goal, 100 ms the limit, but for controls that train a network. The first row is a slider with one of two small
pictures that were made before: what JupyterLab, its server and the browser take by themselves. The row of the whole
explorer says by how much the kernel's memory has grown after 200 further moves. A move that changes nothing on the
page has no time and is left out; where most of them do, the bench ends and says so.
"""

import argparse
import random
import statistics
import sys
import tempfile
from functools import partial
from pathlib import Path

import nbformat

from tools import browser

WARM_UP, TIMED, MOVES, STOPS = 5, 20, 200, 5
MEGABYTE = 2**20
EARLY_SECONDS = 0.4  # after so long one looks whether the key has moved anything at all
SILENT_SECONDS, SILENT = 3, 5  # after so long a move has changed nothing; so many of them in a row are a fault
# To and fro.
KEYS = {"slider": ("ArrowRight", "ArrowLeft"), "menu": ("ArrowDown", "ArrowUp"),
        "radio": ("Tab Space", "Shift+Tab Space"), "checkbox": ("Space", "Space")}
STANDS = "place => place.ariaValueNow ?? place.value"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
BARE = """
import base64
import ipywidgets as widgets

pngs = [base64.b64decode(text) for text in (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==")]
image, slider = widgets.Image(value=pngs[0], width=860, height=360), widgets.IntSlider(description="Two pictures")
slider.observe(lambda change: setattr(image, "value", pngs[change.new % 2]), "value")
widgets.VBox([slider, image]).add_class("explorer").add_class("Bare")
"""


class Silent(Exception):
    """Keys are pressed and no picture comes."""


class Walk:
    """Takes a control to and fro between its ends, a step at a time."""

    FOCUS = """place => (place.querySelector('input:checked') ?? place.querySelector('input') ?? place).focus()"""

    def __init__(self, explorer, place, keys, value):
        self.explorer, self.keys, self.value = explorer, keys, value
        self.place = place.element_handle()  # after the key the page must not be kept from its work by looking for it

    def step(self):
        """Make one step; return how many milliseconds later its picture stood, or None if it changed nothing."""
        for _ in range(2):
            before = self.value()
            self.place.evaluate(self.FOCUS)
            for key in self.keys[0].split():
                self.explorer.lesson.page.keyboard.press(key)
            time = self.explorer.answer(seconds=EARLY_SECONDS)
            if time is not None or self.value() != before:
                return time or self.explorer.answer(seconds=SILENT_SECONDS)
            self.keys = self.keys[::-1]  # it stands at an end
        return None


class Pen:
    """Draws on the canvas with keys: wanders up and down, to the right with every turn."""

    def __init__(self, explorer):
        self.explorer, self.keyboard = explorer, explorer.lesson.page.keyboard
        self.path = [key for way in ("ArrowDown", "ArrowUp") for key in ["ArrowRight"] * 4 + [way] * 21]
        self.begin()

    def begin(self):
        """Clear the canvas and put the pen down at the upper left."""
        self.explorer.box.locator("canvas").focus()
        for key in ["c", *["ArrowLeft"] * 47, *["ArrowUp"] * 47, *["ArrowRight", "ArrowDown"] * 4, "Space"]:
            self.keyboard.press(key)
        self.explorer.answer(seconds=SILENT_SECONDS)
        self.steps = self.path * 3

    def step(self):
        if not self.steps:
            self.keyboard.press("Space")
            self.begin()
        self.keyboard.press(self.steps.pop(0))
        return self.explorer.answer(seconds=SILENT_SECONDS)


def walks_of(explorer):
    """What can be moved, by its label."""
    if explorer.name == "Playground":  # its settings are for the next run, and change no picture of this one
        places = explorer.box.locator("canvas[role=slider], input[type=range]").all()
        labels = [place.evaluate("place => place.ariaLabel ?? place.labels[0].textContent") for place in places]
        walks = {label.split(";")[0]: Walk(explorer, place, KEYS["slider"], partial(place.evaluate, STANDS))
                 for label, place in zip(labels, places)}
    else:
        walks = {control.label: Walk(explorer, control.place, KEYS[control.kind], control.value)
                 for control in explorer.controls()}
    if explorer.name == "DrawDigit":
        walks["Canvas"] = Pen(explorer)
    return walks


def times_of_stop(explorer):
    """Milliseconds until the training bench has answered Stop, several times."""
    for _ in range(STOPS):
        explorer.press("Start")
        for _ in range(3):
            explorer.wait_for_picture(explorer.picture())
        explorer.press("Stop")
        yield explorer.answer("changed", quiet=500)


def timed(explorer, label, walk, moves):
    """The times of so many moves, without those that changed nothing; raises Silent if these are many in a row."""
    times, silent = [], 0
    for _ in range(moves):
        time = walk.step()
        silent = silent + 1 if time is None else 0
        if silent == SILENT:
            raise Silent(f"{explorer.name}, {label}: {SILENT} moves in a row brought no picture. "
                         f"It says {explorer.error() or explorer.sentence()!r}")
        if time is not None:
            times.append(time)
    return times


def row(name, label, times):
    times = sorted(times)
    median, slow = statistics.median(times), times[int(0.95 * (len(times) - 1))]
    print(f"{name:20}{label[:32]:34}{median:8.0f}{slow:8.0f}", flush=True)


def measure(lesson, explorer):
    explorer.watch()
    walks = walks_of(explorer)
    if not walks:  # a table
        return
    for label, walk in walks.items():
        timed(explorer, label, walk, WARM_UP)
        row(explorer.name, label, timed(explorer, label, walk, TIMED))
    if explorer.button("Stop").count():
        row(explorer.name, "Stop", times_of_stop(explorer))
    choose, before = random.Random(1), lesson.kernel().memory_info().rss
    for _ in range(MOVES):
        choose.choice(list(walks.values())).step()
    growth = (lesson.kernel().memory_info().rss - before) / MEGABYTE
    print(f"{explorer.name:20}{f'after {MOVES} moves':34}{growth:+16.1f} MB", flush=True)


def measure_all(lesson):
    """Every explorer of a lesson; ends the bench if something goes wrong."""
    lesson.run_all()
    try:
        for explorer in lesson.explorers():
            measure(lesson, explorer)
    except Silent as fault:
        sys.exit(f"{lesson.name}: {fault}\n{lesson.problems()}")
    if problems := lesson.problems():
        sys.exit(f"{lesson.name}: {problems}")


def main():
    parser = argparse.ArgumentParser(description="Milliseconds from key press to new picture, and memory.")
    parser.add_argument("lessons", nargs="*", help="names such as 02_forward_pass (default: all)")
    names = parser.parse_args().lessons or [path.stem for path in sorted(browser.LESSONS.glob("0[1-68]*.ipynb"))]
    if why := browser.missing():
        sys.exit(why)
    print(f"{'explorer':20}{'control':34}{'median':>8}{'95 %':>8}  ms")
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BARE)], metadata=KERNEL), bare)
        with browser.lab([bare, *(browser.LESSONS / f"{name}.ipynb" for name in names)]) as lab:
            for name in ["bare", *names]:
                with lab.lesson(name) as lesson:
                    measure_all(lesson)


if __name__ == "__main__":
    main()
