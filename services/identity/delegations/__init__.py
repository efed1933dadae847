"""A delegation: while someone is away, another member decides for them, with no more than theirs.

States: given → in force → over | revoked. It grants nothing once the delegator has it no more.
"""
