"""A proof: a statement that a client signs to show its own key, as assertion or for DPoP.

States: fresh -> used; each is good once and is forgotten when it could not be used any more.
"""
