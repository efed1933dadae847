"""Closings of fiscal years and their reversals: fields, states, guards (budgeting sheet, 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class YearEndKind(StrEnum):
    """What the document does."""

    closing = "closing"
    reversal = "reversal"


class YearEndStatus(StrEnum):
    """States of the document; `reversed` is a closing that another document undid."""

    draft = "draft"
    submitted = "submitted"
    applied = "applied"
    rejected = "rejected"
    reversed = "reversed"


class YearEndNotFound(NotFound):
    """There is no such document of this organization."""

    title = "There is no such year-end document."


class YearEndOutOfStep(Conflict):
    """The step does not fit the state of the document."""

    title = "The year-end document is not in a state for this."


class YearClosedAlready(Conflict):
    """A year is closed by one document, a closing undone by one."""

    title = "There is a document for this already."


class ClosingDayImpossible(Invalid):
    """A year is closed as of its last day or a later one that has begun."""

    title = "A year is closed as of its last day, or of a later day up to today."


class YearEndObstructed(Conflict):
    """Something must be settled before the year can be closed."""

    title = "Something stands in the way of closing the year."


class YearEndMoved(Conflict):
    """What would be approved is not what was submitted."""

    title = "The figures have changed since the document was submitted: reject it and start anew."


class NextYearUsedIt(Conflict):
    """What the closing left is in use, so the closing stands."""

    title = "The closing stands: what it carried over has been used or changed since."


class PreparerMayNotClose(Forbidden):
    """Who prepared a year-end document never decides on it."""

    title = "Someone who did not prepare the document must decide on it."


class YearEnd(TenantOwned, Base):
    """A closing of one fiscal year as of a day, or its reversal; the totals are the closing's."""

    __tablename__ = "year_ends"
    __table_args__ = (
        tenant_fk("reverses_id", "budgeting.year_ends"),
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("kind", "kind IN ('closing', 'reversal')"),
        check("status", f"status IN {tuple(YearEndStatus.__members__)}"),
        check("reverses", "(kind = 'reversal') = (reverses_id IS NOT NULL)"),
        check("reversed", "kind = 'closing' OR status <> 'reversed'"),
        check("reason", "kind = 'closing' OR reason ~ '[^[:space:]]'"),
        check("closing_on", "closing_on >= make_date(fiscal_year, 12, 31)"),
        check(
            "parts",
            "least(lapsed_amount, continued_amount, disbursed_amount, due_amount,"
            " not_yet_due_amount) >= 0",
        ),
        check(
            "whole",
            "appropriated_amount = lapsed_amount + continued_amount + obligated_amount"
            " AND obligated_amount = disbursed_amount + due_amount + not_yet_due_amount",
        ),
        check("decided", "(decided_at IS NULL) = (decided_by IS NULL)"),
        check(
            "decided_known",
            "(status IN ('applied', 'rejected', 'reversed')) = (decided_at IS NOT NULL)",
        ),
        check("decider", "decided_by <> created_by AND decided_by <> prepared_by"),
        check("remarks", "status <> 'rejected' OR remarks ~ '[^[:space:]]'"),
        Index(
            "uq_year_ends_closing",
            "org_id",
            "fiscal_year",
            unique=True,
            postgresql_where=text("kind = 'closing' AND status NOT IN ('rejected', 'reversed')"),
        ),
        Index(
            "uq_year_ends_reversal",
            "org_id",
            "reverses_id",
            unique=True,
            postgresql_where=text("status <> 'rejected'"),
        ),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.year_end"

    fiscal_year: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    closing_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    reverses_id: Mapped[UUID | None] = mapped_column(Uuid)
    prepared_by: Mapped[UUID] = mapped_column(Uuid)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    postings_count: Mapped[int]
    appropriated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    lapsed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    continued_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    obligated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    disbursed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    due_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    not_yet_due_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who prepared it never decides."""
        if self.status == YearEndStatus.draft:
            yield from ("submit", "delete")
        elif self.status == YearEndStatus.submitted and actor.user_id not in self._preparers:
            yield from ("approve", "reject")
        elif self.status == YearEndStatus.applied and self.kind == YearEndKind.closing:
            yield "reverse"

    @property
    def _preparers(self) -> tuple[UUID, ...]:
        return (self.created_by, self.prepared_by)

    def check_status(self, wanted: YearEndStatus) -> None:
        """Refuse a step that the state does not have."""
        if self.status != wanted:
            raise YearEndOutOfStep(f"It is {self.status}.")

    def check_reversible(self) -> None:
        """Refuse to undo what is no closing in force."""
        self.check_status(YearEndStatus.applied)
        if self.kind != YearEndKind.closing:
            raise YearEndOutOfStep("It is a reversal.")

    def submit(self, *, by: UUID) -> None:
        """Ask for the decision."""
        self.check_status(YearEndStatus.draft)
        self.status, self.prepared_by = YearEndStatus.submitted, by

    def decide(self, status: YearEndStatus, *, by: UUID, at: datetime, remarks: str = "") -> None:
        """Settle it, by someone who did not prepare it."""
        self.check_status(YearEndStatus.submitted)
        if by in self._preparers:
            raise PreparerMayNotClose
        self.status, self.remarks = status, remarks
        self.decided_by, self.decided_at = by, at
