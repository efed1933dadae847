"""Obligation: a commitment to pay, charged to an allotment under an ORS number without gaps.

draft → certified (its amount is reserved) → obligated; any of them, undisbursed → cancelled.
"""
