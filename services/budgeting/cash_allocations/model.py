"""Notices of cash allocation and what is charged to them (budgeting sheet, section 6.4)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.db import Base
from services.budgeting.funding_sources.model import SOURCES_SQL


class CashStatus(StrEnum):
    """States of a cash allocation; a confirmed one has lapsed when its quarter is over."""

    pending = "pending"
    confirmed = "confirmed"
    lapsed = "lapsed"
    cancelled = "cancelled"


class CashAllocationNotFound(NotFound):
    """There is no such cash allocation of this organization."""

    title = "There is no such cash allocation."


class CashOutOfStep(Conflict):
    """The step does not fit the state of the cash allocation."""

    title = "The cash allocation is not in a state for this."


class CashNumberTaken(Conflict):
    """A notice is entered once."""

    title = "There is a cash allocation of this number already."


class CashExceeded(Conflict):
    """Not enough cash was received for this payment."""

    title = "The cash received does not cover this payment."


class MonthElsewhere(Invalid):
    """The month is not of the quarter."""

    title = "The month does not belong to the quarter."


class EntererMayNotConfirm(Forbidden):
    """Who entered a notice never confirms it."""

    title = "Someone who did not enter the cash allocation must confirm it."


class CashAllocation(TenantOwned, Base):
    """Cash of one fund source for a quarter, or from one of its months on; it ends with it.

    `used_amount` is the sum of its charges; the database moves it and lets nothing else do so.
    """

    __tablename__ = "cash_allocations"
    __table_args__ = (
        UniqueConstraint("org_id", "number"),
        check("fiscal_year", "fiscal_year BETWEEN 2020 AND 2100"),
        check("quarter", "quarter BETWEEN 1 AND 4"),
        check("month", "month BETWEEN quarter * 3 - 2 AND quarter * 3"),
        check("funding_source", f"funding_source IN ({SOURCES_SQL})"),
        check("status", "status IN ('pending', 'confirmed', 'cancelled')"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("used", "used_amount BETWEEN 0 AND amount"),
        check("unused", "status = 'confirmed' OR used_amount = 0"),
        check(
            "valid_from", "valid_from = make_date(fiscal_year, coalesce(month, quarter * 3 - 2), 1)"
        ),
        check(
            "valid_until",
            "valid_until = (make_date(fiscal_year, quarter * 3, 1)"
            " + interval '1 month' - interval '1 day')::date",
        ),
        check("number", "number ~ '[^[:space:]]'"),
        check("approved", "(approved_at IS NULL) = (approved_by IS NULL)"),
        check("approved_known", "status <> 'confirmed' OR approved_at IS NOT NULL"),
        check("approver", "approved_by <> created_by"),
        check("cancelled", "status <> 'cancelled' OR remarks ~ '[^[:space:]]'"),
        Index(None, "org_id", "funding_source", "valid_until"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.cash_allocation"

    number: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    fiscal_year: Mapped[int]
    quarter: Mapped[int]
    month: Mapped[int | None]
    funding_source: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    used_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=text("0"))
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    remarks: Mapped[str] = mapped_column(Text)
    stored_status: Mapped[str] = mapped_column("status", Text)
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def status(self) -> str:
        """The state; what is confirmed has lapsed after its last day."""
        is_over = self.stored_status == CashStatus.confirmed and self.today > self.valid_until
        return CashStatus.lapsed if is_over else self.stored_status

    @property
    def left_amount(self) -> Decimal:
        """What payments may still use."""
        is_there = self.status == CashStatus.confirmed
        return self.amount - self.used_amount if is_there else Decimal("0.00")

    @property
    def lapsed_amount(self) -> Decimal:
        """What nobody used before the quarter was over."""
        is_over = self.status == CashStatus.lapsed
        return self.amount - self.used_amount if is_over else Decimal("0.00")

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who entered it never confirms it."""
        if self.stored_status == CashStatus.pending:
            yield "delete"
            if actor.user_id != self.created_by:
                yield "approve"
        elif self.stored_status == CashStatus.confirmed and not self.used_amount:
            yield "cancel"

    def settle(self) -> None:
        """Derive from when and until when it is valid."""
        last = self.quarter * 3
        if self.month is not None and not last - 2 <= self.month <= last:
            raise MonthElsewhere(pointer="/body/month")
        self.valid_from = date(self.fiscal_year, self.month or last - 2, 1)
        self.valid_until = date(self.fiscal_year, last, monthrange(self.fiscal_year, last)[1])

    def check_pending(self) -> None:
        """Refuse what only an unconfirmed notice is open to."""
        if self.stored_status != CashStatus.pending:
            raise CashOutOfStep(f"It is {self.status}.")

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Confirm what someone else entered; payments may use it."""
        self.check_pending()
        if by == self.created_by:
            raise EntererMayNotConfirm
        self.stored_status = CashStatus.confirmed
        self.approved_by, self.approved_at = by, at

    def cancel(self, reason: str) -> None:
        """Take back a notice of which nothing is used."""
        if self.stored_status != CashStatus.confirmed or self.used_amount:
            raise CashOutOfStep(f"It is {self.status}; {self.used_amount} is used.")
        self.stored_status, self.remarks = CashStatus.cancelled, reason


class CashCharge(TenantOwned, Base):
    """What a payment used of a cash allocation, or gave back as a void; append-only."""

    __tablename__ = "cash_charges"
    __table_args__ = (
        tenant_fk("cash_allocation_id", "budgeting.cash_allocations"),
        tenant_fk("disbursement_id", "budgeting.disbursements"),
        check("amount", "amount BETWEEN -9999999999999999.99 AND 9999999999999999.99"),
        check("zero", "amount <> 0"),
        Index(
            "uq_cash_charges_disbursement",
            "org_id",
            "disbursement_id",
            text("(amount > 0)"),
            unique=True,
        ),
        Index(None, "org_id", "cash_allocation_id"),
    )
    noun: ClassVar[str] = "budgeting.cash_allocation"

    cash_allocation_id: Mapped[UUID] = mapped_column(Uuid)
    disbursement_id: Mapped[UUID] = mapped_column(Uuid)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    charged_on: Mapped[date]
