"""A role that an organization has made for itself, out of rights that are its own to give.

States: in use -> retired. Shipped roles stand in the catalogue and are the same everywhere.
"""
