"""Planning overview: plans, goals and PPAs of all organizations in one fiscal year."""
