"""Allotments: fields, states, who may take which step (budgeting sheet, section 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base

ZERO = Decimal("0.00")
NOTHING = text("0")


class AllotmentStatus(StrEnum):
    """States of an allotment; how much of it is used is derived."""

    pending = "pending"
    approved = "approved"
    released = "released"
    closed = "closed"
    cancelled = "cancelled"


class AllotmentKind(StrEnum):
    """By quarter, for the whole year at once, or to a field unit."""

    regular = "regular"
    comprehensive = "comprehensive"
    sub_allotment = "sub_allotment"


class AllotmentNotFound(NotFound):
    """There is no such allotment for this organization."""

    title = "There is no such allotment."


class AllotmentOutOfStep(Conflict):
    """The step does not fit the state of the allotment."""

    title = "The allotment is not in a state for this."


class AllotmentInUse(Conflict):
    """Something is obligated or reserved against it."""

    title = "The allotment is in use."


class AllocationSpokenFor(Conflict):
    """Allotments that wait for release already want what is left of the allocation."""

    title = "The allocation has less left than this, with what waits for release."


class PreparerMayNotApproveAllotment(Forbidden):
    """Who asked for an allotment never approves it."""

    title = "Someone who did not ask for the allotment must approve it."


class Allotment(TenantOwned, Base):
    """What may be obligated from one allocation; its balances are the ledger's.

    `amount` is what was asked for; `allotted_amount` is 0 until it is released.
    """

    __tablename__ = "allotments"
    __table_args__ = (
        tenant_fk("allocation_id", "budgeting.allocations"),
        UniqueConstraint("org_id", "fiscal_year", "release_number"),
        check("status", "status IN ('pending', 'approved', 'released', 'closed', 'cancelled')"),
        check("kind", "kind IN ('regular', 'comprehensive', 'sub_allotment')"),
        check("quarter", "quarter BETWEEN 1 AND 4"),
        check("period", "kind = 'comprehensive' OR quarter IS NOT NULL"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("disbursed", "disbursed_amount BETWEEN 0 AND obligated_amount"),
        check("reserved", "reserved_amount >= 0"),
        check("obligated", "obligated_amount >= 0"),
        check("allotted", "allotted_amount <= 9999999999999999.99"),
        check("balances", "obligated_amount + reserved_amount <= allotted_amount"),
        check("unreleased", "status NOT IN ('pending', 'approved') OR allotted_amount = 0"),
        check("cancelled", "status <> 'cancelled' OR allotted_amount = 0"),
        check("approver", "approved_by <> created_by"),
        check("approved", "(approved_at IS NULL) = (approved_by IS NULL)"),
        check("approved_known", "status IN ('pending', 'cancelled') OR approved_at IS NOT NULL"),
        check("released", "(released_at IS NULL) = (release_number IS NULL)"),
        check("released_known", "status NOT IN ('released', 'closed') OR released_at IS NOT NULL"),
        Index(None, "org_id", "allocation_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.allotment"

    allocation_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    quarter: Mapped[int | None]
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    release_number: Mapped[int | None]
    release_reference: Mapped[str] = mapped_column(Text)
    released_on: Mapped[date | None]
    release_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released_by: Mapped[UUID | None] = mapped_column(Uuid)
    released_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    allotted_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=NOTHING)
    reserved_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=NOTHING)
    obligated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=NOTHING)
    disbursed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=NOTHING)

    @property
    def available_amount(self) -> Decimal:
        """What may still be certified and obligated."""
        return self.allotted_amount - self.obligated_amount - self.reserved_amount

    @property
    def utilization(self) -> str:
        """How much of it is obligated, in a word."""
        if not self.obligated_amount:
            return "unused"
        return "full" if self.obligated_amount == self.allotted_amount else "partial"

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who asked never approves."""
        if self.status == AllotmentStatus.pending:
            yield from ("change", "cancel")
            if actor.user_id != self.created_by:
                yield "approve"
        elif self.status == AllotmentStatus.approved:
            yield from ("submit", "release", "cancel")
        elif self.status == AllotmentStatus.released:
            yield from ("adjust", "close")
            if not self.obligated_amount and not self.reserved_amount:
                yield "cancel"

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Agree to what someone else asked for; release may follow."""
        self.check_status(AllotmentStatus.pending)
        if by == self.created_by:
            raise PreparerMayNotApproveAllotment
        self.status = AllotmentStatus.approved
        self.approved_by, self.approved_at = by, at

    def submit(self, *, to: UUID) -> None:
        """Show an approved allotment to the office that is asked to release it."""
        self.check_status(AllotmentStatus.approved)
        self.release_org_id = to

    def release(self, *, by: UUID, at: datetime, on: date, number: int) -> None:
        """Give the authority; obligations may begin."""
        self.check_status(AllotmentStatus.approved)
        self.status = AllotmentStatus.released
        self.released_by, self.released_at, self.released_on = by, at, on
        self.release_number = number

    def close(self) -> None:
        """End it: what is not obligated lapses, what is obligated may still be paid."""
        self.check_status(AllotmentStatus.released)
        if self.reserved_amount:
            raise AllotmentInUse(f"{self.reserved_amount} is certified and not yet obligated.")
        self.status = AllotmentStatus.closed

    def check_cancellable(self) -> None:
        """Refuse to cancel what is used, closed or cancelled."""
        if self.status in (AllotmentStatus.closed, AllotmentStatus.cancelled):
            raise AllotmentOutOfStep(f"It is {self.status}.")
        if self.obligated_amount or self.reserved_amount:
            raise AllotmentInUse(
                f"{self.obligated_amount} is obligated, {self.reserved_amount} certified."
            )

    def check_status(self, *wanted: AllotmentStatus) -> None:
        """Refuse a step that the state does not have."""
        if self.status not in wanted:
            raise AllotmentOutOfStep(f"It is {self.status}.")
