"""Allotment: authority to incur obligations from an allocation, for a quarter or the whole year.

pending → approved → released → closed; pending, approved, released (unused) → cancelled.
"""
