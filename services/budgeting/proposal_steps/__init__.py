"""Proposal step: what is done to a whole proposal, from the head's endorsement to the decision.

In house where no budget call was issued for the year; else its issuer's review decides.
"""
