"""What an issuer does with acts; the organizations' own items follow by event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.act_items.model import ActItem, ActItemExists
from services.budgeting.act_items.schemas import ActItemChange, ActItemCreate
from services.budgeting.appropriations.events import (
    AppropriationEnacted,
    AppropriationEvent,
    AppropriationExtended,
    AppropriationLapsed,
    AppropriationPublished,
)
from services.budgeting.appropriations.model import (
    ActExtension,
    Appropriation,
    AppropriationStatus,
)
from services.budgeting.appropriations.queries import (
    get_act_item,
    get_own_appropriation,
    list_receivers,
)
from services.budgeting.appropriations.schemas import (
    AppropriationChange,
    AppropriationCreate,
    AppropriationExtend,
)
from services.budgeting.known_organizations.usecases import check_organizations


async def create_appropriation(uow: UnitOfWork, told: AppropriationCreate) -> Appropriation:
    """Enter an act as a draft, with its items if they are known; nobody else sees it yet."""
    named = [
        (f"/body/items/{at}/for_org_id", each.for_org_id) for at, each in enumerate(told.items)
    ]
    await check_organizations(uow, named)
    plain = dict(told)
    del plain["items"]
    act = Appropriation(
        **plain,
        status=AppropriationStatus.draft,
        enterers=[uow.actor.user_id],
        items=[],
    )
    act.check_validity()
    for item in told.items:
        _add(act, item)
    uow.session.add(act)
    return act


async def change_appropriation(
    uow: UnitOfWork, appropriation_id: UUID, told: AppropriationChange
) -> Appropriation:
    """Edit a draft; whoever does has entered it and cannot enact it."""
    act = await _locked(uow, appropriation_id)
    act.enter(by=uow.actor.user_id, at=uow.now())
    _assign(act, told.changes())
    act.check_validity()
    return act


async def delete_appropriation(uow: UnitOfWork, appropriation_id: UUID) -> None:
    """Remove a draft with its items."""
    act = await _locked(uow, appropriation_id)
    act.check_draft()
    await uow.session.delete(act)


async def add_act_item(uow: UnitOfWork, appropriation_id: UUID, told: ActItemCreate) -> ActItem:
    """Add an item to a draft."""
    act = await _locked(uow, appropriation_id)
    act.enter(by=uow.actor.user_id, at=uow.now())
    await check_organizations(uow, [("/body/for_org_id", told.for_org_id)])
    return _add(act, told)


async def change_act_item(
    uow: UnitOfWork, appropriation_id: UUID, act_item_id: UUID, told: ActItemChange
) -> ActItem:
    """Edit an item of a draft."""
    act = await get_own_appropriation(uow.session, uow.actor.org_id, appropriation_id)
    item = get_act_item(act, act_item_id)
    uow.expect(item)
    act.enter(by=uow.actor.user_id, at=uow.now())
    _assign(item, told.changes())
    _check_distinct(act, item)
    return item


async def delete_act_item(uow: UnitOfWork, appropriation_id: UUID, act_item_id: UUID) -> None:
    """Take an item out of a draft."""
    act = await get_own_appropriation(uow.session, uow.actor.org_id, appropriation_id)
    item = get_act_item(act, act_item_id)
    uow.expect(item)
    act.enter(by=uow.actor.user_id, at=uow.now())
    act.items.remove(item)


async def enact_appropriation(uow: UnitOfWork, appropriation_id: UUID) -> Appropriation:
    """Give every organization its items; the act cannot be changed from here on."""
    act = await _locked(uow, appropriation_id)
    act.enact(by=uow.actor.user_id, at=uow.now())
    named = [("/path/appropriation_id", each.for_org_id) for each in act.items]
    await check_organizations(uow, named)
    _tell(uow, act, AppropriationEnacted)
    return act


async def publish_appropriation(uow: UnitOfWork, appropriation_id: UUID) -> Appropriation:
    """Note that an enacted act was published."""
    act = await _locked(uow, appropriation_id)
    act.publish_act()
    _tell(uow, act, AppropriationPublished)
    return act


async def extend_appropriation(
    uow: UnitOfWork, appropriation_id: UUID, told: AppropriationExtend
) -> Appropriation:
    """Give all items of an act more time by another act; it is never taken back."""
    act = await _locked(uow, appropriation_id)
    act.extend(told.valid_until)
    uow.session.add(ActExtension(appropriation_id=act.id, **dict(told)))
    _tell(uow, act, AppropriationExtended, await list_receivers(uow.session, act))
    return act


async def lapse_appropriation(uow: UnitOfWork, appropriation_id: UUID) -> Appropriation:
    """End an act after its last day: nothing more is taken from its items."""
    act = await _locked(uow, appropriation_id)
    act.lapse()
    _tell(uow, act, AppropriationLapsed, await list_receivers(uow.session, act))
    return act


def _tell(
    uow: UnitOfWork,
    act: Appropriation,
    event: type[AppropriationEvent],
    receivers: Sequence[tuple[UUID, UUID]] = (),
) -> None:
    for item in act.items:
        # Every item is told of as it is now, and of a newer version than before.
        item.touch(uow.now())
        moved = (org_id for item_id, org_id in receivers if item_id == item.id)
        for org_id in dict.fromkeys((item.for_org_id, *moved)):
            uow.publish(event.about(act, item, org_id), of=item)


def _add(act: Appropriation, told: ActItemCreate) -> ActItem:
    item = ActItem(**dict(told))
    _check_distinct(act, item)
    act.items.append(item)
    return item


def _check_distinct(act: Appropriation, item: ActItem) -> None:
    key = ("for_org_id", "program_title", "prexc_code", "expense_class", "funding_source")
    for other in act.items:
        if other is not item and all(getattr(other, n) == getattr(item, n) for n in key):
            raise ActItemExists(f"“{other.program_title}”, {other.expense_class}.")


async def _locked(uow: UnitOfWork, appropriation_id: UUID) -> Appropriation:
    act = await get_own_appropriation(uow.session, uow.actor.org_id, appropriation_id)
    uow.expect(act)
    return act


def _assign(row: object, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
