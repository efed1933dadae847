"""Savings: fields, states, guards (budgeting sheet, section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base


class SavingStatus(StrEnum):
    """States of a saving."""

    proposed = "proposed"
    declared = "declared"
    rejected = "rejected"
    cancelled = "cancelled"


class SavingNotFound(NotFound):
    """There is no such saving of this organization."""

    title = "There is no such saving."


class SavingOutOfStep(Conflict):
    """The step does not fit the state of the saving."""

    title = "The saving is not in a state for this."


class SavingExceeded(Conflict):
    """Less is free, or left of the saving, than is wanted."""

    title = "Less is free than this."


class ProposerMayNotDeclare(Forbidden):
    """Who proposed a saving never decides on it."""

    title = "Someone who did not propose the saving must decide on it."


class Saving(TenantOwned, Base):
    """What an item can spare; while it is declared, the database lets nothing else take it."""

    __tablename__ = "savings"
    __table_args__ = (
        tenant_fk("item_id", "budgeting.appropriation_items"),
        check("status", f"status IN {tuple(SavingStatus.__members__)}"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("used", "used_amount BETWEEN 0 AND amount"),
        check("unused", "status IN ('declared', 'cancelled') OR used_amount = 0"),
        check("reason", "reason ~ '[^[:space:]]'"),
        check("decided", "(decided_at IS NULL) = (decided_by IS NULL)"),
        check("decided_known", "(status = 'proposed') = (decided_at IS NULL)"),
        check("decider", "decided_by <> created_by"),
        check("remarks", "status NOT IN ('rejected', 'cancelled') OR remarks ~ '[^[:space:]]'"),
        Index(None, "org_id", "item_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.saving"

    item_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    used_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    reason: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid)
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def left_amount(self) -> Decimal:
        """What may still augment another item."""
        is_there = self.status == SavingStatus.declared
        return self.amount - self.used_amount if is_there else Decimal("0.00")

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who proposed it never decides."""
        if self.status == SavingStatus.proposed:
            yield "delete"
            if actor.user_id != self.created_by:
                yield from ("approve", "reject")
        elif self.status == SavingStatus.declared:
            yield "cancel"

    def decide(self, status: SavingStatus, *, by: UUID, at: datetime, remarks: str = "") -> None:
        """Settle it, by someone who did not propose it."""
        self.check_status(SavingStatus.proposed)
        if by == self.created_by:
            raise ProposerMayNotDeclare
        self.status, self.remarks = status, remarks
        self.decided_by, self.decided_at = by, at

    def cancel(self, remarks: str) -> None:
        """Give what is unused of it back to its item."""
        self.check_status(SavingStatus.declared)
        self.status, self.remarks = SavingStatus.cancelled, remarks

    def check_left(self, amount: Decimal) -> None:
        """Refuse to take more than is left of a declared saving."""
        self.check_status(SavingStatus.declared)
        if amount > self.left_amount:
            raise SavingExceeded(f"{self.left_amount} of the saving is left.")

    def use(self, amount: Decimal) -> None:
        """Take a part of it for another item."""
        self.check_left(amount)
        self.used_amount += amount

    def check_status(self, wanted: SavingStatus) -> None:
        """Refuse a step that the state does not have."""
        if self.status != wanted:
            raise SavingOutOfStep(f"It is {self.status}.")
