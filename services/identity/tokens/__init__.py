"""A token: what a client shows to a service; never stored, except a refresh token's digest.

An access token is an `at+jwt` of 300 seconds for one audience and one organization.
"""
