"""Spellings: when two are one title. One rule for every row that a published file names."""
