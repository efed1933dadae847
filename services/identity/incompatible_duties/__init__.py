"""Incompatible duties: pairs of rights that one person must not, or should not, hold together.

No states: a row says whether giving both is refused or only warned of.
"""
