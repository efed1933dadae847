"""Decision: who did what to a proposal, when, at which stage and why. Never changed or removed."""
