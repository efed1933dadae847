"""A consent: what a person lets a client that is not ours know about them.

States: given -> withdrawn. Withdrawing ends what the client was given on its strength. The
product's own clients need none.
"""
