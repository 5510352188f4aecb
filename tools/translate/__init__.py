"""The editions of the course in other languages.

    python -m tools.translate ko --update      # brings new and changed English texts into the PO files of Korean
    python -m tools.translate ko               # makes the Korean notebooks from the English ones and the PO files

Nothing but texts is kept for a language: a PO file for the words of `lessonkit`, one for each lesson and one for each
exercise. `code` finds the texts in a code cell and puts others in their place, `prose` says what a text and its
translation must have in common, `catalogue` reads and renews the PO files, `make` makes the notebooks. How a
language is added: docs/translating.md.
"""
