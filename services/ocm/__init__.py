"""OCM: what all organizations together planned, asked for, found and shared, as events told it.

Owns facts and the rows that remember other contexts' records. It changes nothing of anybody's:
its application only reads, and reads only aggregates of all organizations.
"""
