"""Appropriation: an act that authorises spending, with its items for organizations.

draft → enacted → published → lapsed. Entered by one person, enacted by another; enacting gives
every organization its items, and an extension act gives them more time.
"""
