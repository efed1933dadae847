"""Fiscal year: the calendar year that money is asked for, and which years are open to proposals."""
