"""MANA: what communities need, and how that was found out.

Owns assessments (Mapping and Needs Assessment) of one organization. It does not own plans
(planning) nor money (budgeting), and it holds no personal data.
"""
