"""Allocations: fields, states, and who approves them (budgeting sheet, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class AllocationStatus(StrEnum):
    """States of an allocation; `active` is an approved one of which something is allotted."""

    draft = "draft"
    approved = "approved"
    active = "active"
    closed = "closed"
    cancelled = "cancelled"


class AllocationNotFound(NotFound):
    """There is no such allocation for this organization."""

    title = "There is no such allocation."


class AllocationNotDraft(Conflict):
    """Only a draft is changed, approved or deleted."""

    title = "Only a draft allocation can be changed, approved or deleted."


class AllocationNotOpen(Conflict):
    """It is not approved, or over."""

    title = "Only an approved allocation is open to this."


class AllocationInUse(Conflict):
    """Something was allotted from it, or is still to be paid."""

    title = "The allocation is still in use."


class AllocationExists(Conflict):
    """An item is allocated to an office of a program once."""

    title = "There is an allocation of this item to this program and office already."


class AppropriationExceeded(Conflict):
    """The item has less left than is wanted."""

    title = "The appropriation item has less left than this."


class ProgramNotFunded(Conflict):
    """Money goes to programs of an approved proposal of the item's year."""

    title = "The program belongs to no approved proposal of this fiscal year."


class LumpSumUnnamed(Invalid):
    """A lump sum is given out by named parts only."""

    title = "A lump sum is allocated to a named program or part."


class CreatorMayNotApproveAllocation(Forbidden):
    """Who made or changed an allocation never approves it."""

    title = "Someone who did not prepare the allocation must approve it."


class Allocation(TenantOwned, Base):
    """What a program may be allotted from one item, and what became of it; balances: the ledger.

    `amount` is what was asked for; `allocated_amount` is 0 until the allocation is approved.
    """

    __tablename__ = "allocations"
    __table_args__ = (
        tenant_fk("appropriation_item_id", "budgeting.appropriation_items"),
        tenant_fk("program_id", "budgeting.programs"),
        check("status", "status IN ('draft', 'approved', 'closed', 'cancelled')"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("disbursed", "disbursed_amount BETWEEN 0 AND obligated_amount"),
        check("obligated", "obligated_amount BETWEEN 0 AND allotted_amount"),
        check("allotted", "allotted_amount BETWEEN 0 AND allocated_amount"),
        check("allocated", "allocated_amount BETWEEN 0 AND 9999999999999999.99"),
        check("unapproved", "status <> 'draft' OR allocated_amount = 0"),
        check("cancelled", "status <> 'cancelled' OR allocated_amount = 0"),
        check("approved", "(approved_at IS NULL) = (approved_by IS NULL)"),
        check("approved_known", "status IN ('draft', 'cancelled') OR approved_at IS NOT NULL"),
        check("approver", "approved_by <> created_by AND approved_by <> prepared_by"),
        Index(
            "uq_allocations_program",
            "org_id",
            "appropriation_item_id",
            "program_id",
            "program_title",
            "office",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
        Index(None, "org_id", "program_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.allocation"

    appropriation_item_id: Mapped[UUID] = mapped_column(Uuid)
    program_id: Mapped[UUID | None] = mapped_column(Uuid)
    program_title: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text, server_default="")
    ppa_id: Mapped[UUID | None] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    stored_status: Mapped[str] = mapped_column("status", Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    allocated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    allotted_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    obligated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    disbursed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    prepared_by: Mapped[UUID] = mapped_column(Uuid)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    appropriation_item: Mapped[Any] = relationship("AppropriationItem", lazy="raise", viewonly=True)

    @property
    def status(self) -> str:
        """The state; an approved one is active once something is allotted."""
        is_active = self.stored_status == AllocationStatus.approved and self.allotted_amount > 0
        return AllocationStatus.active if is_active else self.stored_status

    @property
    def unallotted_amount(self) -> Decimal:
        """What may still be allotted."""
        return self.allocated_amount - self.allotted_amount

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who prepared it never approves it."""
        if self.stored_status == AllocationStatus.draft:
            yield from ("change", "delete")
            if actor.user_id not in (self.created_by, self.prepared_by):
                yield "approve"
        elif self.stored_status == AllocationStatus.approved:
            if self.obligated_amount == self.disbursed_amount:
                yield "close"
            if self.allotted_amount == 0:
                yield "cancel"

    def prepare(self, *, by: UUID) -> None:
        """Open a draft to a change, and note who makes it."""
        if self.stored_status != AllocationStatus.draft:
            raise AllocationNotDraft(f"It is {self.status}.")
        self.prepared_by = by

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Assign the amount for good; the ledger's posting follows in the same transaction."""
        if self.stored_status != AllocationStatus.draft:
            raise AllocationNotDraft(f"It is {self.status}.")
        if by in (self.created_by, self.prepared_by):
            raise CreatorMayNotApproveAllocation
        self.stored_status = AllocationStatus.approved
        self.approved_by, self.approved_at = by, at

    def check_open(self) -> None:
        """Refuse what only an approved allocation is open to."""
        if self.stored_status != AllocationStatus.approved:
            raise AllocationNotOpen(f"It is {self.status}.")

    def close(self) -> None:
        """End it; nothing more is allotted or obligated from it."""
        self.check_open()
        if self.obligated_amount != self.disbursed_amount:
            unpaid = self.obligated_amount - self.disbursed_amount
            raise AllocationInUse(f"{unpaid} is obligated and not paid.")
        self.stored_status = AllocationStatus.closed

    def cancel(self) -> None:
        """Give it up before anything is allotted; its amount is the item's again."""
        self.check_open()
        if self.allotted_amount:
            raise AllocationInUse(f"{self.allotted_amount} is allotted.")
        self.stored_status = AllocationStatus.cancelled
