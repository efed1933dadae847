"""A client: a program that may ask for tokens in a person's name.

States: active -> retired. All of today's are public (no secret), so PKCE is what binds a code.
"""
