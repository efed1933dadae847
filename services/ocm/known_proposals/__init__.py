"""Known proposal: what ocm remembers of budgeting's proposals, with their sums by class."""
