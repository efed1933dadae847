"""Numbering: gap-free numbers of one series, organization and year, given out at the commit."""
