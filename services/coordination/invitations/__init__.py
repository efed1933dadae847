"""Invitation: what a lead asks of one organization, and that organization's own answer.

prepared → pending → accepted or declined; accepted → withdrawn or removed; or expired, or revoked.
The two rows stay between the two organizations. The verbs stand in `participations`.
"""
