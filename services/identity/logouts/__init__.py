"""A logout notice: word to a client that a sign-in session it took part in has ended.

States: queued -> delivered, or given up after eight tries. OpenID Connect Back-Channel Logout 1.0.
"""
