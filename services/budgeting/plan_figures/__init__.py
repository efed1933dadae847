"""Plan figures: what was asked for, planned and done, beside what the ledger says of it."""
