"""Figures: sums by organization and what follows from them. First add up, then divide."""
