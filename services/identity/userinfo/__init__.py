"""Userinfo: what a client with an access token may know about the person behind it.

OpenID Connect Core, 5.3: claims by the scopes that were granted, and those asked one by one.
"""
