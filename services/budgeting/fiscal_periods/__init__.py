"""Fiscal period: one month of one organization's books.

open → soft_closed (a posting needs a reason) → closed (none at all); reopened with a reason.
"""
