"""An audit chain: the trail of one organization, linked event by event so that nothing can be lost.

Each event is linked once, by the worker; each minute the newest link is signed as a head, which
anybody who keeps it can hold against what the trail says later.
"""
