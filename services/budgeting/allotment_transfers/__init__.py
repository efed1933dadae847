"""Allotment transfer: authority to spend that one organization gives up for another, by law.

draft → approved → given → received, or returned when it cannot be taken; the act's issuer releases.
"""
