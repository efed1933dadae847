"""What a person does with realignments; applying one is a pair of postings whose sum is zero."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations.events import AllocationAdjusted
from services.budgeting.allocations.model import Allocation, AllocationNotFound
from services.budgeting.allocations.queries import get_allocation
from services.budgeting.appropriation_items.events import AppropriationItemAdjusted
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.appropriation_items.queries import get_appropriation_item
from services.budgeting.postings.model import PostingKind
from services.budgeting.postings.usecases import post
from services.budgeting.realignments.events import RealignmentApplied
from services.budgeting.realignments.model import (
    NothingLacking,
    NotTheSavingsItem,
    Realignment,
    RealignmentAcross,
    RealignmentIncomparable,
    RealignmentStatus,
)
from services.budgeting.realignments.queries import get_realignment, lock_places
from services.budgeting.realignments.schemas import RealignmentChange, RealignmentCreate
from services.budgeting.savings.queries import get_saving


async def create_realignment(uow: UnitOfWork, told: RealignmentCreate) -> Realignment:
    """Plan to move money; nothing moves before someone else approves it."""
    realignment = Realignment(
        **dict(told),
        **await _places(uow, told),
        remarks="",
        status=RealignmentStatus.draft,
        prepared_by=uow.actor.user_id,
    )
    uow.session.add(realignment)
    return realignment


async def change_realignment(
    uow: UnitOfWork, realignment_id: UUID, told: RealignmentChange
) -> Realignment:
    """Edit a draft; whoever does will not decide on it."""
    realignment = await _locked(uow, realignment_id)
    realignment.prepare(by=uow.actor.user_id)
    for name, value in told.changes().items():
        setattr(realignment, name, value)
    return realignment


async def delete_realignment(uow: UnitOfWork, realignment_id: UUID) -> None:
    """Remove a draft."""
    realignment = await _locked(uow, realignment_id)
    realignment.prepare(by=uow.actor.user_id)
    await uow.session.delete(realignment)


async def submit_realignment(uow: UnitOfWork, realignment_id: UUID) -> Realignment:
    """Ask for the decision; it cannot be edited from here on."""
    realignment = await _locked(uow, realignment_id)
    realignment.submit(by=uow.actor.user_id)
    return realignment


async def withdraw_realignment(uow: UnitOfWork, realignment_id: UUID) -> Realignment:
    """Take it back before the decision; it is a draft again."""
    realignment = await _locked(uow, realignment_id)
    realignment.withdraw(by=uow.actor.user_id)
    return realignment


async def approve_realignment(uow: UnitOfWork, realignment_id: UUID) -> Realignment:
    """Move the money now, whole or not at all; what is bound already cannot leave."""
    realignment = await _locked(uow, realignment_id)
    realignment.check_decider(None)
    return await apply_realignment(uow, realignment)


async def reject_realignment(uow: UnitOfWork, realignment_id: UUID, reason: str) -> Realignment:
    """Turn it down, with the reason; nothing moves."""
    realignment = await _locked(uow, realignment_id)
    realignment.check_decider(None)
    return turn_down(uow, realignment, reason)


async def apply_realignment(uow: UnitOfWork, realignment: Realignment) -> Realignment:
    """Settle a locked realignment by moving its money, whoever decided."""
    realignment.decide(RealignmentStatus.applied, by=uow.actor.user_id, at=uow.now())
    await _apply(uow, realignment)
    uow.publish(RealignmentApplied.about(realignment), of=realignment)
    return realignment


def turn_down(uow: UnitOfWork, realignment: Realignment, reason: str) -> Realignment:
    """Settle a locked realignment without moving anything, whoever decided."""
    realignment.decide(
        RealignmentStatus.rejected, by=uow.actor.user_id, at=uow.now(), remarks=reason
    )
    return realignment


async def _places(uow: UnitOfWork, told: RealignmentCreate) -> dict[str, Any]:
    """Refuse places that money cannot move between; return their year and who decides."""
    if told.from_item_id and told.to_item_id:
        if told.from_allocation_id or told.to_allocation_id:
            raise RealignmentIncomparable(pointer="/body/from_allocation_id")
        if told.saving_id is not None:
            await _check_saving(uow, told)
        return await _items(uow, told.from_item_id, told.to_item_id)
    if told.from_allocation_id and told.to_allocation_id:
        if told.from_item_id or told.to_item_id or told.saving_id:
            raise RealignmentIncomparable(pointer="/body/from_item_id")
        first = await get_allocation(uow.session, told.from_allocation_id)
        second = await get_allocation(uow.session, told.to_allocation_id)
        is_one_item = first.appropriation_item_id == second.appropriation_item_id
        if first is second or not is_one_item:
            raise RealignmentIncomparable(pointer="/body/to_allocation_id")
        second.check_open()
        return {"fiscal_year": first.fiscal_year}
    raise RealignmentIncomparable(pointer="/body/to_item_id")


async def _check_saving(uow: UnitOfWork, told: RealignmentCreate) -> None:
    saving = await get_saving(uow.session, cast("UUID", told.saving_id))
    if saving.item_id != told.from_item_id:
        raise NotTheSavingsItem(pointer="/body/saving_id")
    saving.check_left(told.amount)


async def _items(uow: UnitOfWork, from_item_id: UUID, to_item_id: UUID) -> dict[str, Any]:
    first = await get_appropriation_item(uow.session, from_item_id)
    second = await get_appropriation_item(uow.session, to_item_id)
    if first is second:
        raise RealignmentIncomparable(pointer="/body/to_item_id")
    issuers = (first.issuer_org_id, second.issuer_org_id)
    if first.fiscal_year != second.fiscal_year or len({*issuers}) > 1:
        raise RealignmentAcross
    told: dict[str, Any] = {"fiscal_year": first.fiscal_year}
    is_one_program = (first.program_title, first.prexc_code) == (
        second.program_title,
        second.prexc_code,
    )
    if not is_one_program and first.expense_class != second.expense_class:
        told["decides_org_id"] = first.issuer_org_id
        told |= {"from_act_item_id": first.act_item_id, "to_act_item_id": second.act_item_id}
    return told


async def _apply(uow: UnitOfWork, realignment: Realignment) -> None:
    today = uow.today()
    posted_on = max(today, date(realignment.fiscal_year, 1, 1))
    ends = (
        (realignment.from_item_id, realignment.from_allocation_id, -realignment.amount),
        (realignment.to_item_id, realignment.to_allocation_id, realignment.amount),
    )
    items, allocations = await _held(uow, realignment)
    is_of_items = realignment.from_item_id is not None
    if realignment.saving_id is not None:
        await _take_saving(uow, realignment, items)
    for item_id, allocation_id, amount in ends:
        await post(
            uow,
            kind=PostingKind.appropriation_adjusted
            if is_of_items
            else PostingKind.allocation_adjusted,
            amount=amount,
            item_id=item_id,
            allocation_id=allocation_id,
            posted_on=posted_on,
            reference=f"Realignment {realignment.id}",
            reason=realignment.reason,
            pointer="/path/realignment_id",
        )
    if is_of_items:
        for item in items.values():
            uow.publish(AppropriationItemAdjusted.about(item), of=item)
    for allocation in allocations.values():
        uow.publish(AllocationAdjusted.about(allocation), of=allocation)


async def _take_saving(
    uow: UnitOfWork, realignment: Realignment, items: dict[UUID, AppropriationItem]
) -> None:
    """Let go of what the saving kept, for an item that lacks it; the items are locked."""
    lacking = items[cast("UUID", realignment.to_item_id)]
    if lacking.unallocated_amount >= realignment.amount:
        raise NothingLacking(f"{lacking.unallocated_amount} is free there.")
    saving = await get_saving(uow.session, cast("UUID", realignment.saving_id), lock=True)
    saving.use(realignment.amount)
    await uow.session.flush()


async def _held(
    uow: UnitOfWork, realignment: Realignment
) -> tuple[dict[UUID, AppropriationItem], dict[UUID, Allocation]]:
    """Lock both ends in the order of the levels and keys, so that no two wait for each other."""
    parts = {
        each for each in (realignment.from_allocation_id, realignment.to_allocation_id) if each
    }
    wholes = {each for each in (realignment.from_item_id, realignment.to_item_id) if each}
    for part in parts:
        wholes.add((await get_allocation(uow.session, part)).appropriation_item_id)
    items, allocations = await lock_places(uow.session, wholes, parts)
    if len(allocations) != len(parts):
        raise AllocationNotFound
    if realignment.to_allocation_id is not None:
        allocations[realignment.to_allocation_id].check_open()
    return items, allocations


async def _locked(uow: UnitOfWork, realignment_id: UUID) -> Realignment:
    realignment = await get_realignment(uow.session, realignment_id, lock=True)
    uow.expect(realignment)
    return realignment
