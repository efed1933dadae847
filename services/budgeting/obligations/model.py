"""Obligations: fields, lines, states, who may take which step (sheet, section 6.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.budgeting.allotments.model import NOTHING, ZERO
from services.budgeting.db import Base
from services.budgeting.payees import model as payees  # noqa: F401 (a key of obligations leads there)
from services.budgeting.work_items import model as work_items  # noqa: F401 (and there)

CLASS_CODES = {"ps": "01", "mooe": "02", "fe": "03", "co": "06"}
"""How an ORS number names the expense class (Government Accounting Manual, appendix 11)."""

FUND_CODES = {"general": "101101", "supplemental": "101101", "continuing": "102101"}
"""Fund source in an ORS number by the kind of act; to be confirmed for BARMM."""

OTHER_FUND = "104101"


class ObligationStatus(StrEnum):
    """States of an obligation; how much of it is paid is derived."""

    draft = "draft"
    certified = "certified"
    obligated = "obligated"
    cancelled = "cancelled"


class DocumentKind(StrEnum):
    """What binds the organization to pay."""

    purchase_order = "purchase_order"
    contract = "contract"
    payroll = "payroll"
    travel = "travel"
    service_order = "service_order"
    agreement = "agreement"
    other = "other"


class ObligationNotFound(NotFound):
    """There is no such obligation for this organization."""

    title = "There is no such obligation."


class ObligationOutOfStep(Conflict):
    """The step does not fit the state of the obligation."""

    title = "The obligation is not in a state for this."


class ObligationDisbursed(Conflict):
    """Something of it is paid, or about to be."""

    title = "Something of the obligation is paid or about to be."


class ObligationAwaited(Conflict):
    """Vouchers would pay what is given up."""

    title = "Vouchers wait on the obligation: cancel them first, or pay them."


VOUCHERS_WAIT = {"BM006": ObligationAwaited}
"""What the database says when it refuses to cancel an obligation, by SQLSTATE of our own class."""


class WorkItemRequired(Conflict):
    """The allocation has a work plan; money follows the plan."""

    title = "Name the work item: the allocation has a work plan."


class WorkItemElsewhere(Invalid):
    """The work item belongs to another allocation."""

    title = "The work item does not belong to the allotment's allocation."


class RequesterMayNotCertify(Forbidden):
    """Who asked for the money never certifies that it is there."""

    title = "Someone who did not request the obligation must certify it."


class Obligation(TenantOwned, Base):
    """A commitment charged to one allotment; its balances are the ledger's.

    `amount` is the sum of its lines; `obligated_amount` is 0 until it is obligated.
    """

    __tablename__ = "obligations"
    __table_args__ = (
        tenant_fk("allotment_id", "budgeting.allotments"),
        tenant_fk("allocation_id", "budgeting.allocations"),
        tenant_fk("work_item_id", "budgeting.work_items"),
        tenant_fk("payee_id", "budgeting.payees"),
        UniqueConstraint("org_id", "ors_number"),
        check("status", "status IN ('draft', 'certified', 'obligated', 'cancelled')"),
        check("document_kind", f"document_kind IN {tuple(DocumentKind.__members__)}"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        check("balances", "disbursed_amount BETWEEN 0 AND obligated_amount"),
        check("obligated", "obligated_amount <= 9999999999999999.99"),
        check("unposted", "status NOT IN ('draft', 'certified') OR obligated_amount = 0"),
        check("cancelled", "status <> 'cancelled' OR obligated_amount = 0"),
        check("cancel_reason", "(status = 'cancelled') = (cancel_reason <> '')"),
        check("certifier", "certified_by <> created_by AND certified_by <> prepared_by"),
        check("certified", "(certified_at IS NULL) = (certified_by IS NULL)"),
        check(
            "certified_known",
            "status NOT IN ('certified', 'obligated') OR certified_at IS NOT NULL",
        ),
        check("numbered", "(obligated_at IS NULL) = (ors_number IS NULL)"),
        check("numbered_known", "status <> 'obligated' OR ors_number IS NOT NULL"),
        Index(None, "org_id", "allotment_id"),
        Index(None, "org_id", "created_at", "id"),
    )
    noun: ClassVar[str] = "budgeting.obligation"

    allotment_id: Mapped[UUID] = mapped_column(Uuid)
    allocation_id: Mapped[UUID] = mapped_column(Uuid)
    work_item_id: Mapped[UUID | None] = mapped_column(Uuid)
    payee_id: Mapped[UUID] = mapped_column(Uuid)
    fiscal_year: Mapped[int]
    expense_class: Mapped[str] = mapped_column(Text)
    fund_code: Mapped[str] = mapped_column(Text)
    document_kind: Mapped[str] = mapped_column(Text)
    document_number: Mapped[str] = mapped_column(Text)
    document_on: Mapped[date | None]
    particulars: Mapped[str] = mapped_column(Text)
    obligation_on: Mapped[date]
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    ors_number: Mapped[str | None] = mapped_column(Text)
    prepared_by: Mapped[UUID] = mapped_column(Uuid)
    certified_by: Mapped[UUID | None] = mapped_column(Uuid)
    certified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    obligated_by: Mapped[UUID | None] = mapped_column(Uuid)
    obligated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    delivered_on: Mapped[date | None]
    cancel_reason: Mapped[str] = mapped_column(Text)
    obligated_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=NOTHING)
    disbursed_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2), server_default=NOTHING)
    lines: Mapped[list[ObligationLine]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ObligationLine.display_order"
    )

    @property
    def unpaid_amount(self) -> Decimal:
        """What is obligated and not paid."""
        return self.obligated_amount - self.disbursed_amount

    @property
    def payment(self) -> str:
        """How much of it is paid, in a word."""
        if not self.disbursed_amount:
            return "unpaid"
        return "full" if self.disbursed_amount == self.obligated_amount else "partial"

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; who requested never certifies."""
        if self.status == ObligationStatus.draft:
            yield from ("change", "cancel")
            if actor.user_id not in (self.created_by, self.prepared_by):
                yield "certify"
        elif self.status == ObligationStatus.certified:
            yield from ("obligate", "cancel")
        elif self.status == ObligationStatus.obligated:
            yield from ("adjust", "deliver")
            if not self.disbursed_amount:
                yield "cancel"

    def set_lines(self, lines: Iterable[ObligationLine], pointer: str = "/body/lines") -> None:
        """Take the lines; their sum is the amount."""
        self.lines = list(lines)
        for position, line in enumerate(self.lines, start=1):
            line.display_order = position
        self.amount = sum((line.amount for line in self.lines), ZERO)
        if self.amount > Decimal("9999999999999999.99"):
            raise Invalid("The lines add up to too much.", pointer=pointer)

    def check_certifiable(self, *, by: UUID) -> None:
        """Refuse to certify what is no draft, or what one requested oneself."""
        self.check_status(ObligationStatus.draft)
        if by in (self.created_by, self.prepared_by):
            raise RequesterMayNotCertify

    def certify(self, *, by: UUID, at: datetime) -> None:
        """State that the money is there; it is kept for this from here on."""
        self.check_certifiable(by=by)
        self.status = ObligationStatus.certified
        self.certified_by, self.certified_at = by, at

    def obligate(self, *, by: UUID, at: datetime) -> None:
        """Bind the organization; the ORS number comes with the posting."""
        self.check_status(ObligationStatus.certified)
        self.status = ObligationStatus.obligated
        self.obligated_by, self.obligated_at = by, at

    def check_cancellable(self) -> None:
        """Refuse to cancel what is cancelled or in part paid."""
        if self.status == ObligationStatus.cancelled:
            raise ObligationOutOfStep("It is cancelled.")
        if self.disbursed_amount:
            raise ObligationDisbursed(f"{self.disbursed_amount} is paid.")

    def check_status(self, *wanted: ObligationStatus) -> None:
        """Refuse a step that the state does not have."""
        if self.status not in wanted:
            raise ObligationOutOfStep(f"It is {self.status}.")


class ObligationLine(TenantOwned, Base):
    """A part of an obligation under one object of expenditure."""

    __tablename__ = "obligation_lines"
    __table_args__ = (
        tenant_fk("obligation_id", "budgeting.obligations"),
        check("object_code", "object_code ~ '^[0-9]{8}([0-9]{2})?$'"),
        check("amount", "amount BETWEEN 0.01 AND 9999999999999999.99"),
        Index(None, "org_id", "obligation_id", "display_order"),
    )
    noun: ClassVar[str] = "budgeting.obligation"

    obligation_id: Mapped[UUID] = mapped_column(Uuid)
    display_order: Mapped[int]
    object_code: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))


def fund_code(kind_of_act: str) -> str:
    """Return the fund source that an ORS number names."""
    return FUND_CODES.get(kind_of_act, OTHER_FUND)


def ors_prefix(obligation: Obligation) -> str:
    """Return what stands before the serial of an ORS number: class, fund source, year, month."""
    of_class = CLASS_CODES[obligation.expense_class]
    return f"{of_class}-{obligation.fund_code}-{obligation.obligation_on:%Y-%m}-"
