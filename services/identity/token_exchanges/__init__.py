"""A token exchange: one's own access token against one for another organization (RFC 8693).

Two kinds: switching to an organization one belongs to, and observing another for a while.
"""
