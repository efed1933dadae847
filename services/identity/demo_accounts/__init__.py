"""A demo account: a made-up person of a demo organization, so that a new system can be tried.

They exist only where a state folder is named; their passwords stand in one file there.
"""
