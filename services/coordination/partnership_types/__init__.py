"""Partnership type: what a partnership is for, and how many must join. No tables of its own."""
