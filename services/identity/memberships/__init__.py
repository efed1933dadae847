"""A membership: one user's place in one organization, its role and its flags.

States: active -> ended; one user has at most one active primary membership, and an organization
with people keeps at least one active administrator.
"""
