"""What budgeting announces about appropriation items, kept here."""

from __future__ import annotations

from datetime import date

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_appropriation_items.model import KnownAppropriationItem


class AppropriationItemState(Announced):
    """The fields of an item that ocm reads."""

    fiscal_year: int
    kind: str
    status: str
    expense_class: str
    funding_source: str
    valid_until: date
    appropriated_amount: Amount
    allocated_amount: Amount


@subscriber(
    "budgeting.appropriation_item.received.v1",
    "budgeting.appropriation_item.adjusted.v1",
    "budgeting.appropriation_item.extended.v1",
    "budgeting.appropriation_item.lapsed.v1",
)
async def remember_appropriation_item(
    event: AppropriationItemState, uow: UnitOfWork, meta: EventMeta
) -> None:
    """Count what the law gives the organization, adjustments included."""
    await remember(uow, event, meta, KnownAppropriationItem, event.model_dump())
