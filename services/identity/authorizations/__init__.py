"""An authorization: what a person let a client do, for exactly one organization.

States: granted -> revoked, or over after 10 hours. Its code and its refresh tokens are each used
once; a second use shows that someone copied them, and revokes the authorization.
"""
