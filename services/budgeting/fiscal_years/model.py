"""Which fiscal years are open (budgeting sheet, section 4.1)."""

from __future__ import annotations

from datetime import date

from libs.refusals import Invalid

EARLIEST_YEAR = 2020
LATEST_YEAR = 2100
YEARS_BACK = 1
YEARS_AHEAD = 5


class FiscalYearNotOpen(Invalid):
    """Proposals are made for last year to five years from now."""

    title = "Proposals can be made for last year up to five years ahead."


def check_open(fiscal_year: int, today: date) -> None:
    """Refuse a fiscal year for which no proposal can be made on this day in Manila."""
    first, last = today.year - YEARS_BACK, today.year + YEARS_AHEAD
    if not first <= fiscal_year <= last:
        raise FiscalYearNotOpen(f"Use {first} to {last}.", pointer="/body/fiscal_year")
