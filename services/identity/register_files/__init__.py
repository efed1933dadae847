"""A register file: the shipped list of organizations, and the operator's corrections of it.

Loading adds and changes; it never deletes, and what administrators changed by hand stays.
"""
