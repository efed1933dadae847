"""A focal designation: who speaks for an organization when someone applies for an account.

States: designated -> ended. Only a designated member endorses; what a person writes of themselves
counts for nothing.
"""
