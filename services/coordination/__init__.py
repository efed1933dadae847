"""Coordination: who works with whom.

Owns inter-MOA partnerships with their invitations, answers and commitments: the one place where a
row of one organization is read by another. It does not own organizations (identity).
"""
