"""Partnership state: where a partnership stands, what that opens to whom, and every refusal of it.

No tables of its own.
"""
