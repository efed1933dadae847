"""Transfers of allotments between organizations (budgeting sheet, sections 6.1, 7 and 12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
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


class TransferStatus(StrEnum):
    """States of a transfer; between given and received the money is nobody's to spend."""

    draft = "draft"
    approved = "approved"
    given = "given"
    received = "received"
    returned = "returned"


class AllotmentTransferNotFound(NotFound):
    """There is no such transfer by this organization."""

    title = "There is no such transfer."


class TransferOutOfStep(Conflict):
    """The step does not fit the state of the transfer, or what was released is another one."""

    title = "The transfer is not in a state for this."


class TransferExceeds(Conflict):
    """The allotment has less left than is to be given."""

    title = "The allotment has less left than this."


class TransferToOneself(Invalid):
    """Within one organization money is realigned."""

    title = "Name another organization; within one, money is realigned."


class PreparerMayNotTransfer(Forbidden):
    """Who prepared a transfer never approves it."""

    title = "Someone who did not prepare the transfer must approve it."


class AllotmentTransfer(TenantOwned, Base):
    """What the giving organization gives, to whom and by which law; the receiver never sees it.

    The appropriation and the allocation under it go along. Given back is by another transfer.
    """

    __tablename__ = "allotment_transfers"
    __table_args__ = (
        tenant_fk("allotment_id", "budgeting.allotments"),
        tenant_fk("posting_id", "budgeting.postings"),
        check("status", "status IN ('draft', 'approved', 'given', 'received', 'returned')"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("another", "to_org_id <> org_id"),
        check("legal_basis", "legal_basis ~ '[^[:space:]]'"),
        check("reason", "reason ~ '[^[:space:]]'"),
        check("approved", "(approved_by IS NULL) = (approved_at IS NULL)"),
        check("approved_known", "(status = 'draft') = (approved_by IS NULL)"),
        check("approver", "approved_by <> created_by"),
        check("given", "(status IN ('draft', 'approved')) = (posting_id IS NULL)"),
        check("dated", "(posting_id IS NULL) = (given_on IS NULL)"),
        check("remarks", "status <> 'returned' OR remarks ~ '[^[:space:]]'"),
        Index(None, "org_id", "allotment_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.allotment_transfer"

    allotment_id: Mapped[UUID] = mapped_column(Uuid)
    to_org_id: Mapped[UUID] = mapped_column(Uuid)
    issuer_org_id: Mapped[UUID] = mapped_column(Uuid)
    act_item_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    program_title: Mapped[str] = mapped_column(Text)
    expense_class: Mapped[str] = mapped_column(Text)
    funding_source: Mapped[str] = mapped_column(Text)
    quarter: Mapped[int | None]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    legal_basis: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    given_on: Mapped[date | None]
    posting_id: Mapped[UUID | None] = mapped_column(Uuid)

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who prepared it never approves it."""
        if self.status == TransferStatus.draft:
            yield "delete"
            if actor.user_id != self.created_by:
                yield "approve"
        elif self.status == TransferStatus.approved:
            yield "withdraw"

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Agree in the house, and show it to the issuer, whose release gives the money."""
        self.check_status(TransferStatus.draft)
        if by == self.created_by:
            raise PreparerMayNotTransfer
        self.status = TransferStatus.approved
        self.approved_by, self.approved_at = by, at

    def withdraw(self) -> None:
        """Take it back before it is given; the issuer sees it no more."""
        self.check_status(TransferStatus.approved)
        self.status = TransferStatus.draft
        self.approved_by = self.approved_at = None

    def check_released(self, *, issuer: UUID, amount: Decimal) -> None:
        """Refuse a release by another office, or of something else."""
        self.check_status(TransferStatus.approved)
        if self.issuer_org_id != issuer or self.amount != amount:
            raise TransferOutOfStep("It was not submitted to this office with this amount.")

    def check_status(self, wanted: TransferStatus) -> None:
        """Refuse a step that the state does not have."""
        if self.status != wanted:
            raise TransferOutOfStep(f"It is {self.status}.")
