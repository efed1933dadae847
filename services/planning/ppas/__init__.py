"""PPA: a program, project or activity of one organization in one fiscal year, with indicators.

planning → ongoing ↔ on_hold; ongoing → completed → ongoing; planning, ongoing, on_hold → cancelled.
"""
