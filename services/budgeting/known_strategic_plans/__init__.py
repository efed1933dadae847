"""Known strategic plan: what budgeting remembers of planning's plans, for links to their goals."""
