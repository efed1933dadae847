"""Sign-in attempts: how often one account was tried from one network, so that guessing is slow.

Five failures are free, then the wait doubles up to 15 minutes. It holds for that network only: a
stranger elsewhere cannot lock anyone out.
"""
