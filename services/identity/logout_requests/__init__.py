"""A logout request: a client asks that the person be signed out here too.

OpenID Connect RP-Initiated Logout 1.0: done at once on an id token of ours for whoever is signed
in, else after the person has confirmed it.
"""
