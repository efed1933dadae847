"""What acts do here: each of their items that names this organization."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.appropriation_items import usecases
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.deliveries.usecases import deliver


class IssuedItem(BaseModel):
    """What is read of an act's item."""

    appropriation_id: UUID
    act_item_id: UUID
    act_reference: str
    kind: str
    fiscal_year: int
    enacted_on: date
    valid_until: date
    program_title: str
    prexc_code: str
    expense_class: str
    funding_source: str
    special_provision: str
    is_for_later_release: bool
    is_lump_sum: bool
    amount: Decimal


@subscriber("budgeting.appropriation.enacted.v1", acts_for="for_org_id")
async def receive_item(event: IssuedItem, uow: UnitOfWork, meta: EventMeta) -> None:
    """Take the item into this organization's books."""
    told = event.model_dump(exclude={"amount", "enacted_on"})
    item = AppropriationItem(**told, issuer_org_id=meta.org_id)
    effect = usecases.receive_item(uow, item, amount=event.amount, enacted_on=event.enacted_on)
    await deliver(uow, meta, event.act_item_id, effect)


@subscriber("budgeting.appropriation.extended.v1", acts_for="for_org_id")
async def extend_item(event: IssuedItem, uow: UnitOfWork, meta: EventMeta) -> None:
    """Give the item more time."""
    effect = usecases.extend_item(uow, meta.org_id, event.act_item_id, event.valid_until)
    await deliver(uow, meta, event.act_item_id, effect)


@subscriber("budgeting.appropriation.lapsed.v1", acts_for="for_org_id")
async def lapse_item(event: IssuedItem, uow: UnitOfWork, meta: EventMeta) -> None:
    """End the item."""
    await deliver(
        uow, meta, event.act_item_id, usecases.lapse_item(uow, meta.org_id, event.act_item_id)
    )
