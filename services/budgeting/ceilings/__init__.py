"""Ceiling: how much may be proposed under a call, by organization, source, class and sector.

What is left open in a ceiling counts for all; a hard one refuses, a soft one warns.
"""
