"""A sign-in: the way from an address typed to a session that proves who someone is.

Steps: password or passkey -> second factor, when there is one -> new password, when it must change
-> a second factor set up, when one's rights need it -> signed in.
"""
