"""A clearance: what is over and can show nothing any more is cleared away, a little at a time."""
