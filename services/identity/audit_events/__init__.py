"""An audit event: one security-relevant act, written in the transaction of the act itself.

It has no states: it is appended and never changed; each organization has a trail of its own, and
the platform has one for acts without an organization.
"""
