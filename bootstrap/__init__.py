"""Sets a clone up: `python3 -m bootstrap`, which every target of the Makefile runs first.

Only the standard library is used, because nothing else is there yet.
"""
