"""A wave: organizations that are brought in together, one wave after another.

States: planned -> in_progress (may pause) -> completed; planned or in_progress -> cancelled.
"""
