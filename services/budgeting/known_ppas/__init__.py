"""Known PPA: what budgeting remembers of planning's register, for programs to be linked to."""
