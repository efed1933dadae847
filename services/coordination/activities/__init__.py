"""Activity: one line of a partnership's timeline; never changed. No verbs of its own.

It says what happened and to whom, never why: it is what the members may know of each other.
"""
