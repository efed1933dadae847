"""How acts take effect on this organization's items; nobody types them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.appropriation_items.events import (
    AppropriationItemExtended,
    AppropriationItemLapsed,
    AppropriationItemReceived,
)
from services.budgeting.appropriation_items.model import AppropriationItem, ItemStatus
from services.budgeting.appropriation_items.queries import get_item_of_act
from services.budgeting.postings.model import PostingKind
from services.budgeting.postings.usecases import post


async def receive_item(
    uow: UnitOfWork, item: AppropriationItem, *, amount: Decimal, enacted_on: date
) -> None:
    """Take an enacted item into the books; it may be allocated from here on."""
    item.status = ItemStatus.current
    item.enacted_amount = amount
    item.appropriated_amount = item.allocated_amount = Decimal("0.00")
    uow.session.add(item)
    await uow.session.flush()
    await post(
        uow,
        kind=PostingKind.appropriated,
        amount=amount,
        item_id=item.id,
        posted_on=enacted_on,
        reference=item.act_reference,
    )
    uow.publish(AppropriationItemReceived.about(item), of=item)


async def extend_item(
    uow: UnitOfWork, issuer_org_id: UUID, act_item_id: UUID, valid_until: date
) -> None:
    """Let an item be spent until a later day."""
    item = await get_item_of_act(uow.session, issuer_org_id, act_item_id)
    item.valid_until = max(item.valid_until, valid_until)
    uow.publish(AppropriationItemExtended.about(item), of=item)


async def lapse_item(uow: UnitOfWork, issuer_org_id: UUID, act_item_id: UUID) -> None:
    """End an item: nothing more is allotted or obligated from it; what is owed is still paid."""
    item = await get_item_of_act(uow.session, issuer_org_id, act_item_id)
    item.status = ItemStatus.lapsed
    uow.publish(AppropriationItemLapsed.about(item), of=item)
