"""Cash allocation: a notice of cash received for a month or a quarter; payments use it up.

pending → confirmed (by a second person) → lapsed after its quarter, by date; or cancelled, unused.
"""
