"""Rows and events together: staged with the change, numbered, sent, and applied exactly once."""
