"""Overview: plans, budgets, needs and coordination of all organizations on one page."""
