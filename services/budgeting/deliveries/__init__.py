"""Delivery: what became here of something that another organization issued; it reads the answer.

applied / refused, with the reason. Never changed or removed.
"""
