"""Inter-MOA partnership: led by one organization, joined by others on its invitation.

draft → pending_approval → active ↔ on_hold → completed; pending_approval → draft;
any but completed → terminated.
"""
