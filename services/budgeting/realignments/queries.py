"""Every SELECT on realignments."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.allocations.model import Allocation
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.realignments.model import Realignment, RealignmentNotFound
from services.budgeting.realignments.schemas import RealignmentFilter


async def get_realignment(
    session: AsyncSession, realignment_id: UUID, *, lock: bool = False
) -> Realignment:
    statement: Select[Realignment] = select(Realignment).where(Realignment.id == realignment_id)
    if lock:
        statement = statement.with_for_update()
    realignment = (await session.scalars(statement)).one_or_none()
    if realignment is None:
        raise RealignmentNotFound
    return realignment


async def list_realignments(
    session: AsyncSession, mine: UUID, params: RealignmentFilter
) -> Rows[Realignment]:
    """Return one's own realignments, or those that others submitted to one's office."""
    to_us = and_(Realignment.org_id != mine, Realignment.decides_org_id == mine)
    statement: Select[Realignment] = select(Realignment).where(
        to_us if params.submitted else Realignment.org_id == mine
    )
    if params.fiscal_year is not None:
        statement = statement.where(Realignment.fiscal_year == params.fiscal_year)
    if params.status is not None:
        statement = statement.where(Realignment.status == params.status)
    return await page(session, statement, Realignment, params)


async def lock_places(
    session: AsyncSession, item_ids: set[UUID], allocation_ids: set[UUID]
) -> tuple[dict[UUID, AppropriationItem], dict[UUID, Allocation]]:
    """Return items and allocations by id, locked: items before allocations, each by key."""
    items: Select[AppropriationItem] = select(AppropriationItem).where(
        AppropriationItem.id.in_(item_ids)
    )
    held = await session.scalars(items.order_by(AppropriationItem.id).with_for_update())
    by_id = {item.id: item for item in held}
    parts: Select[Allocation] = select(Allocation).where(Allocation.id.in_(allocation_ids))
    shares = await session.scalars(parts.order_by(Allocation.id).with_for_update())
    return by_id, {allocation.id: allocation for allocation in shares}
