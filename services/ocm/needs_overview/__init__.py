"""Needs overview: the assessments of all organizations in one fiscal year."""
