"""Every SELECT on work items."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.work_items.model import LIVE, WorkItem, WorkItemNotFound
from services.budgeting.work_items.schemas import WorkItemFilter


async def get_work_item(
    session: AsyncSession, work_item_id: UUID, *, lock: bool = False
) -> WorkItem:
    statement: Select[WorkItem] = select(WorkItem).where(WorkItem.id == work_item_id)
    if lock:
        statement = statement.with_for_update()
    item = (await session.scalars(statement)).one_or_none()
    if item is None:
        raise WorkItemNotFound
    return item


async def find_work_item(session: AsyncSession, work_item_id: UUID) -> WorkItem | None:
    """Return a work item to which something can still be charged."""
    statement: Select[WorkItem] = select(WorkItem).where(
        WorkItem.id == work_item_id, WorkItem.status.in_(LIVE)
    )
    return (await session.scalars(statement)).one_or_none()


async def has_plan(session: AsyncSession, allocation_id: UUID) -> bool:
    """Tell whether the allocation has a work plan."""
    planned = exists().where(WorkItem.allocation_id == allocation_id, WorkItem.status.in_(LIVE))
    return bool(await session.scalar(select(planned)))


async def sum_planned(session: AsyncSession, allocation_id: UUID, *, but: UUID | None) -> Decimal:
    """Return what the live items of the plan cost."""
    planned = select(func.sum(WorkItem.estimated_cost_amount)).where(
        WorkItem.allocation_id == allocation_id, WorkItem.status.in_(LIVE)
    )
    if but is not None:
        planned = planned.where(WorkItem.id != but)
    return await session.scalar(planned) or Decimal("0.00")


async def list_work_items(session: AsyncSession, params: WorkItemFilter) -> Rows[WorkItem]:
    statement: Select[WorkItem] = select(WorkItem)
    return await page(
        session, statement, WorkItem, params, ("allocation_id", "fiscal_year", "status")
    )
