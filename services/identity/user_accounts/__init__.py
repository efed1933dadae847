"""A user as administrators see one: found, locked, closed and opened again; never deleted.

States are those of `users`. The platform looks after everyone, an organization after its own.
"""
