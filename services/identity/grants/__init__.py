"""A grant: a role that a member has beside their membership, or one right given or denied.

States: given -> expired | revoked; kept as history. It hangs on one membership, so that nothing
revives when a person comes back.
"""
