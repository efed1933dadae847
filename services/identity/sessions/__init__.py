"""A sign-in session: one browser in which one person has proved who they are.

States: awaiting a step -> open -> ended, by signing out, after 30 idle minutes, after 8 hours, or
as the oldest of more than five. It names no organization: that is chosen for each token.
"""
