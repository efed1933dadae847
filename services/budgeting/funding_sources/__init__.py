"""Funding source: where the money of a program comes from; the catalogue, and its fund clusters."""
