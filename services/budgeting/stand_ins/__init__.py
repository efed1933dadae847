"""Stand-in: one decision that somebody made in the place of who was away; never changed."""
