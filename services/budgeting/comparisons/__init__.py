"""Comparison: requested, recommended, approved and enacted side by side, and two revisions."""
