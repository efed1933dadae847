"""Proposal: what an organization asks for in a fiscal year, by program and line item.

draft → submitted → under_review → approved | rejected; submitted, under_review → returned.
submitted → draft by withdraw; draft, returned → submitted. A decision needs no review first.
"""
