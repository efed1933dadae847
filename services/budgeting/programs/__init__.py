"""Program: what part of a proposal the money is for, and why. Its verbs are the proposal's.

Its requested amount is the sum of its lines; its approved amount is granted with the proposal.
"""
