"""Everything a person can do with the work and financial plan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations.model import Allocation
from services.budgeting.allocations.queries import get_allocation_to_charge
from services.budgeting.numbering.usecases import take_number
from services.budgeting.work_items.events import (
    WorkItemAdvanced,
    WorkItemCancelled,
    WorkItemCompleted,
    WorkItemPlanned,
)
from services.budgeting.work_items.model import (
    AccomplishedInFuture,
    Accomplishment,
    PlanExceedsAllocation,
    WorkItem,
    WorkItemStatus,
)
from services.budgeting.work_items.queries import (
    get_work_item,
    sum_planned,
)
from services.budgeting.work_items.schemas import WorkItemAdvance, WorkItemChange, WorkItemCreate


async def create_work_item(uow: UnitOfWork, told: WorkItemCreate) -> WorkItem:
    """Plan a piece of work within an allocation; the plan never costs more than that."""
    allocation = await get_allocation_to_charge(uow.session, told.allocation_id)
    allocation.check_open()
    item = WorkItem(
        **dict(told),
        ppa_id=allocation.ppa_id,
        fiscal_year=allocation.fiscal_year,
        status=WorkItemStatus.planned,
        accomplished_quantity=Decimal(0),
    )
    if item.code is None:
        serial = await take_number(uow, "work_item", allocation.fiscal_year)
        item.code = f"WI-{allocation.fiscal_year}-{serial:03d}"
    await _check_cost(uow, allocation, item)
    uow.session.add(item)
    uow.publish(WorkItemPlanned.about(await _known(uow, item)), of=item)
    return item


async def change_work_item(uow: UnitOfWork, work_item_id: UUID, told: WorkItemChange) -> WorkItem:
    """Plan it otherwise, as long as it is not completed."""
    seen = await get_work_item(uow.session, work_item_id)
    allocation = await get_allocation_to_charge(uow.session, seen.allocation_id)
    item = await _locked(uow, work_item_id)
    item.check_open()
    changes = told.changes()
    for whole, part in (("quantity", "quantity"), ("estimated_cost_amount", "amount")):
        names = [f"q{number}_{part}" for number in range(1, 5)]
        if whole in changes and not set(names) & changes.keys():
            changes.update(dict.fromkeys(names))
    for name, value in changes.items():
        setattr(item, name, value)
    await _check_cost(uow, allocation, item)
    uow.publish(WorkItemPlanned.about(item), of=item)
    return item


async def advance_work_item(uow: UnitOfWork, work_item_id: UUID, told: WorkItemAdvance) -> WorkItem:
    """Say how much of it is accomplished by now; it is in progress from here on."""
    item = await _locked(uow, work_item_id)
    item.check_open()
    on = told.accomplished_on or item.today
    if on > item.today:
        raise AccomplishedInFuture(pointer="/body/accomplished_on")
    item.accomplished_quantity = told.accomplished_quantity
    item.status = WorkItemStatus.in_progress
    _keep(uow, item, on)
    uow.publish(WorkItemAdvanced.about(item), of=item)
    return item


async def complete_work_item(uow: UnitOfWork, work_item_id: UUID) -> WorkItem:
    """Say that it is done; nothing of it is planned any more."""
    item = await _locked(uow, work_item_id)
    item.check_open()
    item.status = WorkItemStatus.completed
    _keep(uow, item, item.today)
    uow.publish(WorkItemCompleted.about(item), of=item)
    return item


async def cancel_work_item(uow: UnitOfWork, work_item_id: UUID, reason: str) -> WorkItem:
    """Give it up; its cost is free for another."""
    item = await _locked(uow, work_item_id)
    item.check_open()
    item.status = WorkItemStatus.cancelled
    _keep(uow, item, item.today)
    item.output = f"{item.output}\n{reason}".strip()
    uow.publish(WorkItemCancelled.about(item), of=item)
    return item


def _keep(uow: UnitOfWork, item: WorkItem, on: date) -> None:
    """Note how far it had come by a day; no later word of it changes that."""
    uow.session.add(
        Accomplishment(
            work_item_id=item.id,
            status=item.status,
            accomplished_quantity=item.accomplished_quantity,
            accomplished_on=on,
        )
    )


async def _locked(uow: UnitOfWork, work_item_id: UUID) -> WorkItem:
    item = await get_work_item(uow.session, work_item_id, lock=True)
    uow.expect(item)
    return item


async def _known(uow: UnitOfWork, item: WorkItem) -> WorkItem:
    """Write the row, so that the event can name it."""
    await uow.session.flush()
    return item


async def _check_cost(uow: UnitOfWork, allocation: Allocation, item: WorkItem) -> None:
    item.settle()
    with uow.session.no_autoflush:
        planned = await sum_planned(uow.session, allocation.id, but=item.id)
    left = allocation.allocated_amount - planned
    if item.estimated_cost_amount > left:
        raise PlanExceedsAllocation(f"{left} is left.", pointer="/body/estimated_cost_amount")
