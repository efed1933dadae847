"""Work item: what an allocation is to do, by when, how much of it and at which cost.

planned → in_progress → completed; planned, in_progress → cancelled; delayed is derived.
"""
