"""Readiness: how far an organization is from real work, as a weighted checklist of five fifths."""
