"""A delivery: the way of a queued mail out of the house, by SMTP or into a folder.

A letter leaves at least once: what is sent twice after a crash carries the same Message-ID.
"""
