"""Proposal copy: a draft made from an earlier proposal, with what was left out and why."""
