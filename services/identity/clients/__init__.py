"""A client: a program that may ask for tokens, in a person's name or in its own.

States: active -> disabled, and back. Only administrators register one. Whatever it is, PKCE with
S256 binds its codes.
"""
