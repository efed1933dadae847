"""Budgeting: what an organization asks for and what it is granted.

Owns budget proposals with their programs and line items, the decisions on them and their frozen
revisions. It does not own what the money is for: PPAs are planning's, known here by id only.
"""
