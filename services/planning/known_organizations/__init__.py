"""Known organization: what planning remembers of identity's register, to tell whose a file is."""
