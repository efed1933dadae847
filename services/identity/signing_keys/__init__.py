"""A signing key: what proves that a token is ours.

States: next (published ahead of its use) -> current (signs) -> retired (verifies for a while).
"""
