"""Budget overview: what all organizations asked for and were granted in one fiscal year."""
