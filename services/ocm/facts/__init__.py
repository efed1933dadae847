"""Fact: one thing that was announced to us, kept for ever. Append-only; a correction is a new fact.

Every `known_` row is what the newest fact about it says, written in the same transaction.
"""
