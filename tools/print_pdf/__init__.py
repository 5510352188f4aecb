"""Lessons on paper, as PDF through Chromium.

    python -m tools.print_pdf                      # all lessons and the whole course, into build/print/
    python -m tools.print_pdf 04_training          # one lesson
    python -m tools.print_pdf --language ko        # the Korean lessons, into build/print/ko/
    python -m tools.print_pdf --paper Letter       # on other paper than A4

For each lesson, and for all of them together, it writes three: the lesson with its exercises; `_handout`, its questions
with room to write and no answer; `_solutions`, hints and worked solutions. `pages` says what stands in them,
`template/` how it looks. It takes playwright and Chromium, as the browser tests do.
"""
