"""Scenario difference: what applying a scenario to a proposal's draft would change, shown first."""
