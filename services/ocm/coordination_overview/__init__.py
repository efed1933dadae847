"""Coordination overview: the partnerships between organizations in one fiscal year."""
