"""Strategic plan: the multi-year direction of one organization, with weighted goals.

draft → submitted → approved → active → archived; submitted → returned → submitted.
"""
