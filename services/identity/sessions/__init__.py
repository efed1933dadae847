"""A sign-in session: one browser in which one person has proved who they are.

States: open -> ended, by signing out, after 30 idle minutes or after 10 hours. It names no
organization: that is chosen for each token.
"""
