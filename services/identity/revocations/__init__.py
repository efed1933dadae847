"""A revocation: tokens of a session, a person, an organization or a member that count no more.

States: made -> over, once every token issued before it has expired by itself.
"""
