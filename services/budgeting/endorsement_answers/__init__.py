"""Endorsement answer: an organization's word on the lines that another showed it.

draft → issued; it takes effect on the proposal of the organization that asked, or is refused there.
"""
