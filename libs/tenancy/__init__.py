"""Who asks, for which organization, and which rows exist for them. Knows no HTTP framework."""
