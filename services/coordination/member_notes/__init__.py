"""Member note: what an organization keeps for itself about a partnership; never shared."""
