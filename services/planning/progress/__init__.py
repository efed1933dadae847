"""Progress: how far something is, and whether that is on track. One rule for all of planning."""
