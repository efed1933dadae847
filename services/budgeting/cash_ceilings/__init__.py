"""Cash ceiling: whether payments are held to the cash received; off until it is switched on.

Append-only: the newest row of an organization says how it is, the others how it was.
"""
