"""Disbursements: fields, states, three persons (budgeting sheet, section 6.4)."""

from __future__ import annotations

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


class DisbursementStatus(StrEnum):
    """States of a disbursement."""

    draft = "draft"
    for_certification = "for_certification"
    approved = "approved"
    paid = "paid"
    void = "void"
    cancelled = "cancelled"


class PaymentMethod(StrEnum):
    """How money leaves."""

    lddap_ada = "lddap_ada"
    check = "check"
    bank_transfer = "bank_transfer"
    cash = "cash"
    cash_advance = "cash_advance"
    payroll = "payroll"
    other = "other"


class DisbursementNotFound(NotFound):
    """There is no such disbursement for this organization."""

    title = "There is no such disbursement."


class DisbursementOutOfStep(Conflict):
    """The step does not fit the state of the disbursement."""

    title = "The disbursement is not in a state for this."


class DeductionsTooLarge(Invalid):
    """Nobody is paid less than nothing."""

    title = "The deductions are larger than the gross amount."


class CheckNumberMissing(Invalid):
    """A check has a number."""

    title = "A payment by check names the number of the check."


class SamePerson(Forbidden):
    """Preparing, certifying, approving and paying are different persons' acts."""

    title = "Someone else must take this step: you took another one."


class Disbursement(TenantOwned, Base):
    """A payment out of one obligation; gross counts against it, net reaches the payee."""

    __tablename__ = "disbursements"
    __table_args__ = (
        tenant_fk("obligation_id", "budgeting.obligations"),
        UniqueConstraint("org_id", "fiscal_year", "dv_number"),
        Index(
            "uq_disbursements_ada_number",
            "org_id",
            "ada_number",
            unique=True,
            postgresql_where=text("ada_number <> ''"),
        ),
        Index(
            "uq_disbursements_check_number",
            "org_id",
            "check_number",
            unique=True,
            postgresql_where=text("check_number <> ''"),
        ),
        check("status", f"status IN {tuple(DisbursementStatus.__members__)}"),
        check("payment_method", f"payment_method IN {tuple(PaymentMethod.__members__)}"),
        check("gross", "gross_amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("withholding", "withholding_tax_amount BETWEEN 0 AND gross_amount"),
        check("deductions", "other_deductions_amount BETWEEN 0 AND gross_amount"),
        check(
            "net",
            "net_amount >= 0 AND"
            " net_amount = gross_amount - withholding_tax_amount - other_deductions_amount",
        ),
        check("certifier", "certified_by <> created_by"),
        check("approver", "approved_by NOT IN (created_by, certified_by)"),
        check("payer", "paid_by NOT IN (certified_by, approved_by)"),
        check("certified", "(certified_at IS NULL) = (certified_by IS NULL)"),
        check("approved", "(approved_at IS NULL) = (approved_by IS NULL)"),
        check(
            "approved_known",
            "status NOT IN ('approved', 'paid', 'void')"
            " OR (certified_at IS NOT NULL AND approved_at IS NOT NULL)",
        ),
        check(
            "paid_known",
            "(status IN ('paid', 'void')) = (paid_on IS NOT NULL)"
            " AND (paid_on IS NULL) = (paid_by IS NULL)",
        ),
        check("void", "(status = 'void') = (voided_on IS NOT NULL)"),
        check("reason", "(status IN ('void', 'cancelled')) = (end_reason <> '')"),
        check("numbered", "status IN ('draft', 'cancelled') OR dv_number IS NOT NULL"),
        Index(None, "org_id", "obligation_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.disbursement"

    obligation_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    gross_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    withholding_tax_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    other_deductions_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    net_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    payment_method: Mapped[str] = mapped_column(Text)
    particulars: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    dv_number: Mapped[int | None]
    ada_number: Mapped[str] = mapped_column(Text)
    check_number: Mapped[str] = mapped_column(Text)
    jev_number: Mapped[str] = mapped_column(Text)
    certified_by: Mapped[UUID | None] = mapped_column(Uuid)
    certified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    paid_by: Mapped[UUID | None] = mapped_column(Uuid)
    paid_on: Mapped[date | None]
    cleared_on: Mapped[date | None]
    voided_by: Mapped[UUID | None] = mapped_column(Uuid)
    voided_on: Mapped[date | None]
    posting_id: Mapped[UUID | None] = mapped_column(Uuid)
    end_reason: Mapped[str] = mapped_column(Text)

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open to this person."""
        me = actor.user_id
        if self.status == DisbursementStatus.draft:
            yield from ("change", "submit", "cancel")
        elif self.status == DisbursementStatus.for_certification:
            yield "cancel"
            if self.certified_by is None and me != self.created_by:
                yield "certify"
            elif self.certified_by is not None and me not in (self.created_by, self.certified_by):
                yield "approve"
        elif self.status == DisbursementStatus.approved:
            yield "cancel"
            if me not in (self.certified_by, self.approved_by):
                yield "pay"
        elif self.status == DisbursementStatus.paid:
            yield "void"

    def settle(self) -> None:
        """Derive what reaches the payee."""
        self.net_amount = (
            self.gross_amount - self.withholding_tax_amount - self.other_deductions_amount
        )
        if self.net_amount < 0:
            raise DeductionsTooLarge(pointer="/body/withholding_tax_amount")

    def submit(self, *, number: int) -> None:
        """Hand it in for certification under the next voucher number."""
        self.check_status(DisbursementStatus.draft)
        self.status = DisbursementStatus.for_certification
        self.dv_number = number

    def certify(self, *, by: UUID, at: datetime) -> None:
        """State that funds and documents are complete."""
        self.check_status(DisbursementStatus.for_certification)
        if self.certified_by is not None:
            raise DisbursementOutOfStep("It is certified already.")
        self._check_other(by, self.created_by)
        self.certified_by, self.certified_at = by, at

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Order the payment of what is certified."""
        self.check_status(DisbursementStatus.for_certification)
        if self.certified_by is None:
            raise DisbursementOutOfStep("It is not certified yet.")
        self._check_other(by, self.created_by, self.certified_by)
        self.status = DisbursementStatus.approved
        self.approved_by, self.approved_at = by, at

    def pay(self, *, by: UUID, on: date) -> None:
        """Record that money left; it can only be voided from here on."""
        self.check_status(DisbursementStatus.approved)
        self._check_other(by, self.certified_by, self.approved_by)
        if self.payment_method == PaymentMethod.check and not self.check_number:
            raise CheckNumberMissing(pointer="/body/check_number")
        self.status = DisbursementStatus.paid
        self.paid_by, self.paid_on = by, on

    def void(self, *, by: UUID, on: date, reason: str) -> None:
        """Undo a payment by a reversal; its numbers stay used."""
        self.check_status(DisbursementStatus.paid)
        self.status = DisbursementStatus.void
        self.voided_by, self.voided_on, self.end_reason = by, on, reason

    def cancel(self, *, reason: str) -> None:
        """Give it up before money left."""
        self.check_status(
            DisbursementStatus.draft,
            DisbursementStatus.for_certification,
            DisbursementStatus.approved,
        )
        self.status = DisbursementStatus.cancelled
        self.end_reason = reason

    def check_status(self, *wanted: DisbursementStatus) -> None:
        """Refuse a step that the state does not have."""
        if self.status not in wanted:
            raise DisbursementOutOfStep(f"It is {self.status}.")

    def _check_other(self, by: UUID, *others: UUID | None) -> None:
        if by in others:
            raise SamePerson
