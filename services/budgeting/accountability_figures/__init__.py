"""Accountability figures: the forms FAR 1-A, 1-B, 1-C and 4 as statements over the ledger."""
