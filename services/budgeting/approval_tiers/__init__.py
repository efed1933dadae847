"""Approval tier: up to which amount holders of a role approve payments, set by the organization."""
