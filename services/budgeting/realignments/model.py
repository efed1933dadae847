"""Realignments: fields, states and guards (budgeting sheet, section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class RealignmentStatus(StrEnum):
    """States of a realignment; an approved one is applied in the same transaction."""

    draft = "draft"
    submitted = "submitted"
    applied = "applied"
    rejected = "rejected"


class RealignmentNotFound(NotFound):
    """There is no such realignment for this organization."""

    title = "There is no such realignment."


class RealignmentNotDraft(Conflict):
    """Only a draft is changed, submitted or deleted."""

    title = "Only a draft realignment can be changed, submitted or deleted."


class RealignmentNotSubmitted(Conflict):
    """Nothing waits for a decision."""

    title = "Only a submitted realignment can be approved or rejected."


class PreparerMayNotRealign(Forbidden):
    """Who prepared a realignment never decides on it."""

    title = "Someone who did not prepare the realignment must decide on it."


class RealignmentIncomparable(Invalid):
    """It names no two different places of the same kind."""

    title = "Name two different items, or two different allocations of one item."


class RealignmentAcross(Conflict):
    """Money stays within one fiscal year and what one issuer appropriated."""

    title = "Money moves only within one fiscal year and the acts of one issuer."


class IssuerDecides(Conflict):
    """The house moves money within a program or a class; across both, the act.s issuer decides."""

    title = "Across programs and expense classes the issuer of the act decides."


class NotTheSavingsItem(Invalid):
    """A saving is of one item."""

    title = "The saving is of another item."


class NothingLacking(Conflict):
    """What has enough of its own is not augmented."""

    title = "The item has this much of its own left: only an item that lacks money is augmented."


class Realignment(TenantOwned, Base):
    """An amount that leaves one item or allocation for another, with the reason and its course.

    `decides_org_id` is the issuer that decides, when the house does not, with its own act items.
    """

    __tablename__ = "realignments"
    __table_args__ = (
        tenant_fk("from_item_id", "budgeting.appropriation_items"),
        tenant_fk("to_item_id", "budgeting.appropriation_items"),
        tenant_fk("from_allocation_id", "budgeting.allocations"),
        tenant_fk("to_allocation_id", "budgeting.allocations"),
        tenant_fk("saving_id", "budgeting.savings"),
        check("saving", "saving_id IS NULL OR from_item_id IS NOT NULL"),
        check(
            "issuer",
            "num_nonnulls(decides_org_id, from_act_item_id, to_act_item_id) IN (0, 3)"
            " AND (decides_org_id IS NULL OR from_item_id IS NOT NULL)",
        ),
        check("status", "status IN ('draft', 'submitted', 'applied', 'rejected')"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("reason", "reason ~ '[^[:space:]]'"),
        check(
            "places",
            "num_nonnulls(from_item_id, to_item_id) IN (0, 2)"
            " AND num_nonnulls(from_allocation_id, to_allocation_id) IN (0, 2)"
            " AND num_nonnulls(from_item_id, from_allocation_id) = 1",
        ),
        check("different", "from_item_id <> to_item_id OR from_allocation_id <> to_allocation_id"),
        check("decided", "(decided_at IS NULL) = (decided_by IS NULL)"),
        check("decided_known", "(status IN ('applied', 'rejected')) = (decided_at IS NOT NULL)"),
        check("decider", "decided_by <> created_by AND decided_by <> prepared_by"),
        check("remarks_given", "status <> 'rejected' OR remarks ~ '[^[:space:]]'"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.realignment"

    fiscal_year: Mapped[int]
    from_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    to_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    from_allocation_id: Mapped[UUID | None] = mapped_column(Uuid)
    to_allocation_id: Mapped[UUID | None] = mapped_column(Uuid)
    saving_id: Mapped[UUID | None] = mapped_column(Uuid)
    decides_org_id: Mapped[UUID | None] = mapped_column(Uuid)
    from_act_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    to_act_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    reason: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    prepared_by: Mapped[UUID] = mapped_column(Uuid)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who prepared it never decides."""
        if self.status == RealignmentStatus.draft:
            yield from ("change", "submit", "delete")
        elif self.status == RealignmentStatus.submitted:
            yield "withdraw"
            if self.decides_org_id is None and actor.user_id not in self._preparers:
                yield from ("approve", "reject")

    @property
    def _preparers(self) -> tuple[UUID, ...]:
        return (self.created_by, self.prepared_by)

    def prepare(self, *, by: UUID) -> None:
        """Open a draft to a change or its submission, and note who makes it."""
        if self.status != RealignmentStatus.draft:
            raise RealignmentNotDraft(f"It is {self.status}.")
        self.prepared_by = by

    def submit(self, *, by: UUID) -> None:
        """Ask for the decision; it cannot be edited from here on."""
        self.prepare(by=by)
        self.status = RealignmentStatus.submitted

    def withdraw(self, *, by: UUID) -> None:
        """Take it back before the decision; it is a draft again."""
        if self.status != RealignmentStatus.submitted:
            raise RealignmentNotSubmitted(f"It is {self.status}.")
        self.status, self.prepared_by = RealignmentStatus.draft, by

    def check_decider(self, issuer: UUID | None) -> None:
        """Refuse a decision that is somebody else's to take."""
        if self.decides_org_id != issuer:
            raise IssuerDecides

    def decide(
        self, status: RealignmentStatus, *, by: UUID, at: datetime, remarks: str = ""
    ) -> None:
        """Settle it, by someone who did not prepare it."""
        if self.status != RealignmentStatus.submitted:
            raise RealignmentNotSubmitted(f"It is {self.status}.")
        if by in self._preparers:
            raise PreparerMayNotRealign
        self.status, self.remarks = status, remarks
        self.decided_by, self.decided_at = by, at
