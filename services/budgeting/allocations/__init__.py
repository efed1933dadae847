"""Allocation: a part of an appropriation item assigned to a program, before any release.

draft → approved → active (once something is allotted) → closed; draft or approved → cancelled.
"""
