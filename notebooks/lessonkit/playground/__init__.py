"""The playground: the course's network with every setting in one place, trained as one looks on.

`settings` says what can be set and makes the network of it; `records` keeps the runs of a sitting, as lines of text and
as a table; `code` writes the Python that repeats a run with `mlp_core` alone.
"""
