"""The command; `tools/slides/__init__.py` says how it is used."""

import argparse
import functools
import http.server
import sys
import webbrowser
from pathlib import Path

import nbformat

from lessonkit import words
from tools.execute import LESSONS, language_of, lessons
from tools.slides import rule, show


def main():
    parser = argparse.ArgumentParser(prog="python -m tools.slides", description="Make a slide show of each lesson.")
    parser.add_argument("lessons", nargs="*", help="names such as 04_training, or 04 (default: all)")
    parser.add_argument("--language", default="en", choices=words.languages(), help="of the lessons (default: en)")
    parser.add_argument("--out", type=Path, default=LESSONS.parent / "build" / "slides", help="the folder to write to; "
                        "another language than English has a folder of its own in it")
    parser.add_argument("--serve", action="store_true", help="then show them in the browser, until Ctrl-C")
    parser.add_argument("--tag", action="store_true", help="only keep the cells' slide types in the lessons")
    arguments = parser.parse_args()
    paths = lessons(arguments.lessons, arguments.language)
    if arguments.tag:
        for path, nb in rule.stale(paths).items():
            nbformat.write(nb, path)
            print(path.stem)
        return
    try:
        make(paths, arguments.out)
    except RuntimeError as error:
        sys.exit(str(error))
    if arguments.serve:
        serve(arguments.out, place(paths[0]))


def place(path):
    """Where the slide show of the lesson at `path` stands in the folder of all."""
    language = language_of(path)
    return f"{'' if language == 'en' else f'{language}/'}{path.stem}.html"


def make(paths, out):
    """Write the slide shows of the lessons at `paths` into the folder `out`."""
    (out / "assets").mkdir(parents=True, exist_ok=True)
    show.copy_assets(out / "assets", {language_of(path) for path in paths})
    for path in paths:
        target = out / place(path)
        target.parent.mkdir(exist_ok=True)
        target.write_text(show.page(path), encoding="utf-8")
        print(target)


def serve(folder, first):
    """Show `folder` to this machine alone, and open `first` in its browser."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/{first}"
        print(f"{address}  (Ctrl-C ends it)")
        webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
