"""The checks of the exercises: they say whether an answer is right, and if it is not, what is wrong with it.

    from lessonkit.check import digits as check

    check.onehot(onehot)     # right, not yet, or what is wrong
    check.recall(1)          # a question with choices

A module a lesson, by the names of `explorers`. `verdict` is what a check answers; `functions` and `values` find a
mistake by computing: they compare an answer with the right one and with those that the likely mistakes would give, on
data that is drawn anew at every check. `recall` asks the questions. Text, solutions, hints and wrong answers of the
exercises are in notebooks/exercises/masters.
"""
