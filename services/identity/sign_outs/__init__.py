"""Signing out: the end of sessions, and of everything that was issued on their strength."""
