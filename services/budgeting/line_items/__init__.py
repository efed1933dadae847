"""Line item: one thing to pay for, with class, price and quantity. Its verbs are the proposal's.

Its amount is derived: unit cost times quantity, rounded half up to the centavo.
"""
