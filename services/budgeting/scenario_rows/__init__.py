"""Scenario row: what one PPA would cost, reach and get in a scenario; and what it could get."""
