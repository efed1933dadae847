"""A wave board: all waves at one look, with a timeline, a heat map, and files to take along."""
