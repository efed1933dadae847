"""Source freshness: up to which number and which instant the log of each context is known here."""
