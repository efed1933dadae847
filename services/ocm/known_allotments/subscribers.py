"""What budgeting announces about allotments, kept here."""

from __future__ import annotations

from datetime import date

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_allotments.model import KnownAllotment


class AllotmentState(Announced):
    """The fields of an allotment that ocm reads."""

    fiscal_year: int
    quarter: int | None
    status: str
    expense_class: str
    funding_source: str
    released_on: date | None
    allotted_amount: Amount


@subscriber(
    "budgeting.allotment.released.v1",
    "budgeting.allotment.adjusted.v1",
    "budgeting.allotment.cancelled.v1",
    "budgeting.allotment.closed.v1",
)
async def remember_allotment(event: AllotmentState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count what an organization may bind itself for."""
    await remember(uow, event, meta, KnownAllotment, event.model_dump())
