"""What a role grants and denies, changed while people have it: nobody changes a role of their own.

No states of its own; the tables are those of `roles`.
"""
