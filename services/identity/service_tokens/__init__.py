"""A service token: what a program gets in its own name, for one organization (client credentials).

It has no refresh token and no person behind it: `sub` is the program.
"""
