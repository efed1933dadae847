"""Proposal state: draft, submitted, under review, returned, approved or rejected, and its rules."""
