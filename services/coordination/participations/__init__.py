"""Participation: how organizations come into a partnership, what they bring, and how they leave.

The lead invites, revokes and removes; the invited accept, decline and withdraw; both promise.
"""
