"""Known organization: what budgeting remembers of identity's register: for whom one can issue."""
