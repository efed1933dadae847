"""A credential: what a person shows to prove who they are, besides the password in use.

One-time-password factors, recovery codes and passkeys, and the passwords of before. A factor is
pending -> confirmed -> removed; a code is unused -> used.
"""
