"""Identity: who someone is, and for which organization they act.

Owns the register of organizations with their module switches, users and credentials, memberships,
system-wide grants, sign-in sessions, clients, signing keys and tokens. Owns nothing that an
organization plans, spends, surveys or agrees; partner organizations belong to coordination.
"""
