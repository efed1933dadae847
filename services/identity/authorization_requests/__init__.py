"""An authorization request: what a client asks for at the authorization endpoint, and the answer.

Answered at once, or kept for 30 minutes while the person signs in or decides, then answered once.
"""
