"""Each lesson as a slide show in the browser: a slide per idea, the question before its result, notes for the speaker.

    python -m tools.slides                      # all lessons, into build/slides/
    python -m tools.slides 04_training --serve  # one, and a server of this machine that shows it
    python -m tools.slides 04 --language ko     # the Korean lesson, with the notes of docs/ko/teaching.md
    python -m tools.slides --tag                # keep the slide types of the cells in the lessons

`rule` says which cell begins a slide, `show` cuts what is too long for one, and `template/` is how it looks. In the
show: space for the next step, S for the speaker's view with the notes of docs/teaching.md, Esc for all slides.
"""
