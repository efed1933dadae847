"""What budgeting announces about payments, kept here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_disbursements.model import KnownDisbursement


class DisbursementState(Announced):
    """The fields of a payment that ocm reads."""

    fiscal_year: int
    obligation_id: UUID
    status: str
    expense_class: str
    paid_on: date | None
    gross_amount: Amount


@subscriber("budgeting.disbursement.paid.v1", "budgeting.disbursement.voided.v1")
async def remember_disbursement(event: DisbursementState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count what an organization has paid; a void payment no longer counts."""
    await remember(uow, event, meta, KnownDisbursement, event.model_dump())
