"""A password reset: a link by which someone who reads a person's mail sets a new password.

States: open -> used, or over after an hour. A second factor is asked all the same.
"""
