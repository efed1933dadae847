"""Report prints: a report on paper, laid out so that no amount is cut off."""
