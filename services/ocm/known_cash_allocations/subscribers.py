"""What budgeting announces about cash allocations, kept here."""

from __future__ import annotations

from datetime import date

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_cash_allocations.model import KnownCashAllocation


class CashAllocationState(Announced):
    """The fields of a cash allocation that ocm reads."""

    fiscal_year: int
    quarter: int
    funding_source: str
    valid_from: date
    valid_until: date
    status: str
    amount: Amount


@subscriber(
    "budgeting.cash_allocation.confirmed.v1",
    "budgeting.cash_allocation.cancelled.v1",
)
async def remember_cash_allocation(
    event: CashAllocationState, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Count what an organization may pay out, period by period."""
    await remember(uow, event, meta, KnownCashAllocation, event.model_dump())
