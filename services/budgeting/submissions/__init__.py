"""Submission: what a proposal said at the moment it was submitted. Never changed or removed."""
