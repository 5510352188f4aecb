"""Run N kernels through the lessons at the same time, as a class on one machine does, and measure them.

    python -m tools.class_at_once 6                      # six students, lessons 1 to 6
    python -m tools.class_at_once 6 --lessons 04_training
    python -m tools.class_at_once 6 --compare            # and one student alone first: the throughput against that

All N begin a lesson together, each in a kernel of its own, with no variable set that limits threads. A row is a lesson:
the seconds until the first and the last of them were done, the slowest cell of all, and the largest kernel. Memory is
the proportional set size (PSS), which shares out what kernels have in common, sampled while the cells run.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
from nbclient import NotebookClient

from mlp_core import THREAD_VARIABLES

LESSONS = Path(__file__).resolve().parent.parent / "notebooks"
CELL_SECONDS = 1200
SAMPLE_SECONDS = 0.1
MEGABYTE = 2**20


class Passage(NamedTuple):
    """One kernel's way through one lesson."""

    seconds: float
    worst: float        # seconds of its slowest cell
    worst_source: str   # the first line of that
    peak: float         # MB of PSS
    peak_source: str    # the first line of the cell it was in
    errors: int         # cells that failed


class Student(NotebookClient):
    """A kernel on its way through a notebook, watched while it runs."""

    def __init__(self, path):
        super().__init__(nbformat.read(path, as_version=4), timeout=CELL_SECONDS, kernel_name="python3",
                         allow_errors=True, record_timing=False, resources={"metadata": {"path": str(path.parent)}})
        self.widget_registry = {"@jupyter-widgets/output": {}}
        self.on_cell_execute, self.on_cell_executed = self._begin, self._end
        self.cell, self.began, self.worst, self.peak, self.errors = "", 0.0, (0.0, ""), (0.0, ""), 0
        self.done = threading.Event()

    def _begin(self, cell, cell_index):
        self.cell, self.began = cell.source.strip().split("\n", 1)[0], time.perf_counter()

    def _end(self, cell, cell_index, execute_reply):
        self.worst = max(self.worst, (time.perf_counter() - self.began, self.cell))
        self.errors += execute_reply["content"]["status"] != "ok"
        self._weigh()

    def _weigh(self):
        try:
            process = psutil.Process(self.km.provisioner.pid)
            self.peak = max(self.peak, (process.memory_full_info().pss / MEGABYTE, self.cell))
        except (AttributeError, psutil.Error):
            pass  # not started yet, or gone already

    def _watch(self):
        while not self.done.wait(SAMPLE_SECONDS):
            self._weigh()

    def go(self):
        """Run all cells; the `Passage`."""
        environment = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
        watch = threading.Thread(target=self._watch)
        watch.start()
        start = time.perf_counter()
        try:
            self.execute(env=environment, stderr=subprocess.DEVNULL)  # its log, not what cells print
        finally:
            self.done.set()
            watch.join()
        return Passage(time.perf_counter() - start, *self.worst, *self.peak, self.errors)


def together(path, n):
    """The `Passage`s of `n` kernels that begin the lesson at `path` at the same time."""
    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(Student.go, [Student(path) for _ in range(n)]))


def class_at_once(paths, n):
    """Take `n` kernels through `paths`, print a row for each; the seconds of all, and the number of failed cells."""
    print(f"{n} at once" if n > 1 else "one alone")
    print(f"{'lesson':32}{'first':>7}{'last':>7}{'worst cell':>12}{'peak MB':>9}   slowest cell; largest in")
    start, errors, worst, peak = time.perf_counter(), 0, 0, 0
    for path in paths:
        passages = together(path, n)
        slowest, largest = max(passages, key=lambda p: p.worst), max(passages, key=lambda p: p.peak)
        seconds = [passage.seconds for passage in passages]
        print(f"{path.stem:32}{min(seconds):6.1f}s{max(seconds):6.1f}s{slowest.worst:11.1f}s{largest.peak:9.0f}   "
              f"{slowest.worst_source[:40]}; {largest.peak_source[:40]}", flush=True)
        worst, peak = max(worst, slowest.worst), max(peak, largest.peak)
        errors += sum(passage.errors for passage in passages)
    total = time.perf_counter() - start
    print(f"{'all':32}{'':7}{total:6.1f}s{worst:11.1f}s{peak:9.0f}\n", flush=True)
    return total, errors


def main():
    parser = argparse.ArgumentParser(description="Run N kernels through the lessons at once, and measure them.")
    parser.add_argument("n", type=int, nargs="?", default=6, help="how many kernels (default 6)")
    parser.add_argument("--lessons", nargs="+", metavar="NAME", help="such as 04_training (default: 1 to 6)")
    parser.add_argument("--compare", action="store_true", help="run one alone first, for the throughput")
    wanted = parser.parse_args()
    if wanted.n < 1:
        parser.error(f"n is {wanted.n}; expected at least 1")
    lessons = {path.stem: path for path in sorted(LESSONS.glob("0[1-6]*.ipynb"))}
    names = [Path(name).stem for name in wanted.lessons or lessons]
    if unknown := [name for name in names if not (LESSONS / f"{name}.ipynb").exists()]:
        parser.error(f"there is no lesson {unknown[0]}; expected some of {', '.join(lessons)}")
    paths = [LESSONS / f"{name}.ipynb" for name in names]
    alone = class_at_once(paths, 1) if wanted.compare else None
    total, errors = class_at_once(paths, wanted.n)
    if alone:
        print(f"throughput: {wanted.n * alone[0] / total:.0%} of {wanted.n} one after another")
        errors += alone[1]
    if errors:
        sys.exit(f"{errors} cells failed: these figures are not those of the lessons.")


if __name__ == "__main__":
    main()
