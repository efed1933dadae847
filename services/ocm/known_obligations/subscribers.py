"""What budgeting announces about obligations, kept here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_obligations.model import KnownObligation


class ObligationState(Announced):
    """The fields of an obligation that ocm reads."""

    fiscal_year: int
    allotment_id: UUID
    status: str
    expense_class: str
    obligation_on: date
    obligated_amount: Amount


@subscriber(
    "budgeting.obligation.posted.v1",
    "budgeting.obligation.adjusted.v1",
    "budgeting.obligation.delivered.v1",
    "budgeting.obligation.cancelled.v1",
)
async def remember_obligation(event: ObligationState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count what an organization has bound itself to pay."""
    await remember(uow, event, meta, KnownObligation, event.model_dump())
