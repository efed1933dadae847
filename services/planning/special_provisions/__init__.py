"""Special provision: a condition that the appropriation act puts on an organization's budget.

Imported from the published files, per organization and fiscal year; read here, never edited.
"""
