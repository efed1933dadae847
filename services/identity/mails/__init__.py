"""A mail: one letter to one address, queued in the transaction that has a reason to write it.

States: queued -> sent | refused | given_up | cancelled; what it says is sealed, and wiped then.
"""
