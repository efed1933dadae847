"""Appropriation item: what an act gives this organization for one program, class and source.

Made by the act that its issuer enacts, never typed here; its balances are the ledger's.
"""
