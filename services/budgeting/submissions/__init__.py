"""Submission: a proposal exactly as one revision of it was handed in. Never changed or removed.

Whoever issued the budget call reads it, and nothing else of the organization; a withdrawal too.
"""
