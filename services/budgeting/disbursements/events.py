"""What budgeting announces about disbursements; no payee, for that may be a person."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.disbursements.model import Disbursement
from services.budgeting.obligations.model import Obligation


class DisbursementEvent(Event):
    """The public state of a payment, with the balances of its obligation after it."""

    disbursement_id: UUID
    obligation_id: UUID
    allotment_id: UUID
    allocation_id: UUID
    work_item_id: UUID | None
    fiscal_year: int
    expense_class: str
    status: str
    payment_method: str
    dv_number: int | None
    ada_number: str
    gross_amount: Money
    net_amount: Money
    paid_on: date | None
    voided_on: date | None
    obligated_amount: Money
    disbursed_amount: Money

    @classmethod
    def about(cls, disbursement: Disbursement, obligation: Obligation) -> Self:
        """Return this event for a payment as it and its obligation now are."""
        own = ("status", "payment_method", "dv_number", "ada_number", "gross_amount", "net_amount")
        return cls(
            disbursement_id=disbursement.id,
            obligation_id=obligation.id,
            fiscal_year=obligation.fiscal_year,
            expense_class=obligation.expense_class,
            allotment_id=obligation.allotment_id,
            allocation_id=obligation.allocation_id,
            work_item_id=obligation.work_item_id,
            paid_on=disbursement.paid_on,
            voided_on=disbursement.voided_on,
            obligated_amount=obligation.obligated_amount,
            disbursed_amount=obligation.disbursed_amount,
            **{name: getattr(disbursement, name) for name in own},
        )


class DisbursementPaid(DisbursementEvent):
    """Money left for an obligation."""

    subject: ClassVar[str] = "budgeting.disbursement.paid.v1"


class DisbursementVoided(DisbursementEvent):
    """A payment was undone; the obligation is unpaid by that much again."""

    subject: ClassVar[str] = "budgeting.disbursement.voided.v1"
