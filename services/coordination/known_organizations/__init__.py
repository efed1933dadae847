"""Known organization: what coordination remembers of identity's register: whom one can invite."""
