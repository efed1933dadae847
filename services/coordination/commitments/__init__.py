"""Commitment: what a lead or a participant promises to bring. Its verbs stand in `participations`.

promised → delivered, or cancelled with a reason; never deleted once others have seen it.
"""
