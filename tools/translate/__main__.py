"""The command: see the package's docstring."""

import argparse
import re
import sys

from . import lessonkit_words, make

WORDS = "lessonkit"  # the name of what explorers, figures and checks say


def main():
    parser = argparse.ArgumentParser(prog="python -m tools.translate",
                                     description="Make the notebooks of another language "
                                     "from the English ones and its PO files.")
    parser.add_argument("language", help="such as ko")
    parser.add_argument("names", nargs="*",
                        help="names such as 01_data_loading or exercises/01_data_loading, or lessonkit for "
                                                 "its words (default: all that have a PO file)")
    parser.add_argument("--update", action="store_true", help="bring new and changed English texts into the PO files")
    parser.add_argument("--check", action="store_true", help="only say what is missing or stale")
    parser.add_argument("--run", action="store_true",
                        help="run notebooks whose code is as before, too: after a change of "
                                                            "lessonkit or of its words")
    arguments = parser.parse_intermixed_args()
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", arguments.language) or arguments.language == "en":
        sys.exit(f"language is {arguments.language!r}; expected the code of another language than English, such as ko.")
    works = {work.name: work for work in make.works(arguments.language)}
    for name in arguments.names:
        if name not in (WORDS, *works):
            sys.exit(f"there is no {name}; expected some of {', '.join((WORDS, *works))}.")
    with_words = WORDS in arguments.names or not arguments.names
    chosen = [works[name] for name in arguments.names if name != WORDS]
    if not arguments.names:
        chosen = [work for work in works.values() if work.po.exists()]
    if arguments.update:
        if with_words:
            lessonkit_words.update(arguments.language)
            print(f"{WORDS}: {len(lessonkit_words.faults(arguments.language))} to do")
        for work in chosen:
            work.update()
            print(f"{work.po.relative_to(make.ROOT)}: {len(work.faults())} to do")
        return
    faults = lessonkit_words.faults(arguments.language) if with_words else []
    if not arguments.check:
        lessonkit_words.compile_(arguments.language)
    elif with_words and lessonkit_words.is_stale(arguments.language):
        faults.append(f"{WORDS}.mo is stale: run `python -m tools.translate {arguments.language} {WORDS}`")
    for work in chosen:
        try:
            if arguments.check:
                faults += [f"{path} is stale: run `python -m tools.translate {arguments.language} {work.name}`"
                           for path in work.stale()]
            else:
                print(work.name, flush=True)
                work.make(arguments.run)
        except make.Unfit as error:
            faults.append(str(error))
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
