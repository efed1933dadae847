"""Known strategic plan: what ocm remembers of planning's plans, with the sums of their goals."""
