"""The command; `tools/print_pdf/__init__.py` says how it is used."""

import argparse
import sys
import tempfile
from pathlib import Path

from lessonkit import words
from tools import browser
from tools.execute import LESSONS, lessons
from tools.print_pdf import pages
from tools.slides.show import copy_mathjax

MARGIN = {"top": "16mm", "bottom": "20mm", "left": "18mm", "right": "18mm"}
WIDTHS = {"A4": 657, "Letter": 680}  # pixels between the margins
SECONDS = 300


def main():
    parser = argparse.ArgumentParser(prog="python -m tools.print_pdf",
                                     description="Print lessons, handouts and solutions as PDF.")
    parser.add_argument("lessons", nargs="*", help="names such as 04_training, or 04 (default: all, and "
                        "the whole course)")
    parser.add_argument("--language", default="en", choices=words.languages(), help="of the lessons (default: en)")
    parser.add_argument("--out", type=Path, default=LESSONS.parent / "build" / "print", help="the folder to write to; "
                        "another language than English has a folder of its own in it")
    parser.add_argument("--paper", default="A4", choices=["A4", "Letter"])
    arguments = parser.parse_args()
    paths = lessons(arguments.lessons, arguments.language)
    out = arguments.out / ("" if arguments.language == "en" else arguments.language)
    if said := browser.missing():
        sys.exit(said)
    jobs = {path.stem: [path] for path in paths} | ({} if arguments.lessons else {"course": paths})
    try:
        make(jobs, out, arguments.paper)
    except RuntimeError as error:
        sys.exit(str(error))


def make(jobs, out, paper="A4"):
    """Write the PDFs of `jobs`, name -> paths of its lessons, into the folder `out`."""
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "mathjax").mkdir()
        copy_mathjax(Path(folder) / "mathjax")
        chromium = playwright.chromium.launch(executable_path=browser.command_of("chromium"), args=browser.SWITCHES)
        # Offline: all that a page needs lies beside it.
        context = chromium.new_context(offline=True, viewport={"width": WIDTHS[paper], "height": 900})
        for name, paths in jobs.items():
            for kind in pages.KINDS:
                source = Path(folder) / f"{name}{kind}.html"
                source.write_text(pages.document(paths, kind), encoding="utf-8")
                page = context.new_page()
                page.goto(source.as_uri(), timeout=SECONDS * 1000)
                page.wait_for_selector("body[data-ready]", timeout=SECONDS * 1000)
                page.emulate_media(media="print")
                if (wide := page.evaluate("document.documentElement.scrollWidth")) > WIDTHS[paper]:
                    raise RuntimeError(f"{name}{kind} is {wide} pixels wide, and {paper} has {WIDTHS[paper]} between "
                                       "its margins: Chromium would print all of it smaller. Find what does not wrap.")
                page.pdf(path=out / f"{name}{kind}.pdf", format=paper, margin=MARGIN, print_background=True,
                         outline=True, tagged=True)
                page.close()
                print(out / f"{name}{kind}.pdf", flush=True)
        chromium.close()


if __name__ == "__main__":
    main()
