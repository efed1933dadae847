"""A pushed request: what a client asks for at the authorization endpoint, handed in beforehand.

States: pushed -> used, or over after 60 seconds (RFC 9126).
"""
