"""Saving: a free part of an item that was declared as no longer needed there; it augments others.

proposed → declared or rejected; a declared one → cancelled: what is unused of it is the item's.
"""
