"""What budgeting announces about fiscal periods."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from libs.outbox.event import Event
from services.budgeting.fiscal_periods.model import FiscalPeriod


class FiscalPeriodEvent(Event):
    """The public state of a month of the books."""

    period_id: UUID
    fiscal_year: int
    month: int
    status: str

    @classmethod
    def about(cls, period: FiscalPeriod) -> Self:
        """Return this event for a period as it now is."""
        return cls(
            period_id=period.id,
            fiscal_year=period.fiscal_year,
            month=period.month,
            status=period.status,
        )


class FiscalPeriodClosed(FiscalPeriodEvent):
    """A month takes no more postings; its reports are final."""

    subject: ClassVar[str] = "budgeting.fiscal_period.closed.v1"


class FiscalPeriodReopened(FiscalPeriodEvent):
    """A closed month takes postings again; its reports may change."""

    subject: ClassVar[str] = "budgeting.fiscal_period.reopened.v1"
