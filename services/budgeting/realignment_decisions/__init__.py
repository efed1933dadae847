"""Realignment decision: the issuer's document on a realignment across programs and classes.

draft → issued; it takes effect in the organization that it names, or is refused there.
"""
