"""Endorsement: another office's word on a proposal, by a document; which ones, its lines decide.

Written once and kept; the last one of an office counts, as long as what it is about is the same.
"""
