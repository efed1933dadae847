"""Every SELECT on allotments."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.allocations.model import Allocation
from services.budgeting.allotments.model import (
    ZERO,
    Allotment,
    AllotmentNotFound,
    AllotmentStatus,
)
from services.budgeting.allotments.schemas import AllotmentFilter

FILTERS = ("allocation_id", "fiscal_year", "quarter", "status", "expense_class")


async def get_allotment(session: AsyncSession, allotment_id: UUID) -> Allotment:
    statement: Select[Allotment] = select(Allotment).where(Allotment.id == allotment_id)
    allotment = (await session.scalars(statement)).one_or_none()
    if allotment is None:
        raise AllotmentNotFound
    return allotment


async def get_locked_allotment(
    session: AsyncSession, org_id: UUID, allotment_id: UUID
) -> Allotment:
    """Return an own allotment, its allocation locked first and then itself, as every posting."""
    statement: Select[Allotment] = (
        select(Allotment)
        .join(
            Allocation,
            (Allocation.org_id == Allotment.org_id) & (Allocation.id == Allotment.allocation_id),
        )
        .where(Allotment.org_id == org_id, Allotment.id == allotment_id)
        .with_for_update(of=[Allocation, Allotment], key_share=True)
        .execution_options(populate_existing=True)
    )
    allotment = (await session.scalars(statement)).one_or_none()
    if allotment is None:
        raise AllotmentNotFound
    return allotment


async def sum_waiting(session: AsyncSession, allocation_id: UUID, *, but: UUID | None) -> Decimal:
    """Return what is asked for from the allocation and not released yet."""
    waiting = select(func.sum(Allotment.amount)).where(
        Allotment.allocation_id == allocation_id,
        Allotment.status.in_([AllotmentStatus.pending, AllotmentStatus.approved]),
    )
    if but is not None:
        waiting = waiting.where(Allotment.id != but)
    return await session.scalar(waiting) or ZERO


async def list_allotments(
    session: AsyncSession, mine: UUID, params: AllotmentFilter
) -> Rows[Allotment]:
    """Return one's own allotments, or those that others submitted to one's office."""
    ours = Allotment.org_id == mine
    to_us = and_(Allotment.org_id != mine, Allotment.release_org_id == mine)
    statement: Select[Allotment] = select(Allotment).where(to_us if params.submitted else ours)
    return await page(session, statement, Allotment, params, FILTERS)
