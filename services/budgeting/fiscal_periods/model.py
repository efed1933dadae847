"""Months that are open, nearly closed or closed to postings (budgeting sheet, section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.budgeting.db import Base


class PeriodStatus(StrEnum):
    """States of a month; one without a row is open."""

    open = "open"
    soft_closed = "soft_closed"
    closed = "closed"


class FiscalPeriodNotFound(NotFound):
    """There is no such period for this organization."""

    title = "There is no such fiscal period."


class FiscalYearOpenedAlready(Conflict):
    """The twelve months of a year are made once."""

    title = "The periods of this fiscal year are there already."


class PeriodOutOfStep(Conflict):
    """The step does not fit the state of the month."""

    title = "The fiscal period is not in a state for this."


class FiscalPeriod(TenantOwned, Base):
    """One month of one year; the database takes no posting dated in a closed one."""

    __tablename__ = "fiscal_periods"
    __table_args__ = (
        UniqueConstraint("org_id", "fiscal_year", "month"),
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("month", "month BETWEEN 1 AND 12"),
        check("status", "status IN ('open', 'soft_closed', 'closed')"),
        check("closed", "(status = 'closed') = (closed_at IS NOT NULL)"),
        check("closer", "(closed_at IS NULL) = (closed_by IS NULL)"),
    )
    noun: ClassVar[str] = "budgeting.fiscal_period"

    fiscal_year: Mapped[int]
    month: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    closed_by: Mapped[UUID | None] = mapped_column(Uuid)
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reopen_reason: Mapped[str] = mapped_column(Text)

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that the state leaves open."""
        if self.status != PeriodStatus.closed:
            yield "close"
        if self.status == PeriodStatus.open:
            yield "soft_close"
        else:
            yield "reopen"

    def soft_close(self) -> None:
        """Let nothing more in but corrections, which say why."""
        if self.status != PeriodStatus.open:
            raise PeriodOutOfStep(f"It is {self.status}.")
        self.status = PeriodStatus.soft_closed

    def close(self, *, by: UUID, at: datetime) -> None:
        """Let nothing more in; what comes late is posted in the next month."""
        if self.status == PeriodStatus.closed:
            raise PeriodOutOfStep("It is closed.")
        self.status = PeriodStatus.closed
        self.closed_by, self.closed_at = by, at

    def reopen(self, *, reason: str) -> None:
        """Open the month again, for a reason that stays with it."""
        if self.status == PeriodStatus.open:
            raise PeriodOutOfStep("It is open.")
        self.status = PeriodStatus.open
        self.closed_by = self.closed_at = None
        self.reopen_reason = reason
