"""Posting: one movement of money between two levels; the ledger is all of them, append-only.

Balances of items, allocations, allotments and obligations move by a posting and by nothing else.
"""
