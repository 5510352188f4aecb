"""What surrounds an idea in one lesson alone: its tables, sentences and special figures, a module a lesson.

The modules have the names of `explorers`: digits, forward, backprop, training, regularisation, mistakes; and full for
lesson 7. Nothing here computes what its lesson teaches: a cell computes, and hands the numbers on.
"""
