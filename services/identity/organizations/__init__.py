"""An organization: one of the 45 tenants, known by an immutable key; live until suspended.

States: active <-> inactive; never deleted. Each of its modules is on until switched off.
"""
