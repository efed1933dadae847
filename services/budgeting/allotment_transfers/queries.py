"""Every SELECT on transfers, and the levels that one moves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.allocations.model import Allocation, AllocationStatus
from services.budgeting.allotment_transfers.model import (
    AllotmentTransfer,
    AllotmentTransferNotFound,
)
from services.budgeting.allotment_transfers.schemas import AllotmentTransferFilter
from services.budgeting.allotments.model import Allotment, AllotmentNotFound
from services.budgeting.appropriation_items.model import AppropriationItem


async def get_transfer(
    session: AsyncSession, transfer_id: UUID, *, lock: bool = False
) -> AllotmentTransfer:
    statement: Select[AllotmentTransfer] = select(AllotmentTransfer).where(
        AllotmentTransfer.id == transfer_id
    )
    if lock:
        statement = statement.with_for_update()
    transfer = (await session.scalars(statement)).one_or_none()
    if transfer is None:
        raise AllotmentTransferNotFound
    return transfer


async def list_transfers(
    session: AsyncSession, mine: UUID, params: AllotmentTransferFilter
) -> Rows[AllotmentTransfer]:
    """Return one's own transfers, or those that others submitted to one's office."""
    to_us = and_(AllotmentTransfer.org_id != mine, AllotmentTransfer.issuer_org_id == mine)
    statement: Select[AllotmentTransfer] = select(AllotmentTransfer).where(
        to_us if params.submitted else AllotmentTransfer.org_id == mine
    )
    if params.fiscal_year is not None:
        statement = statement.where(AllotmentTransfer.fiscal_year == params.fiscal_year)
    if params.status is not None:
        statement = statement.where(AllotmentTransfer.status == params.status)
    return await page(session, statement, AllotmentTransfer, params)


async def get_levels(
    session: AsyncSession, org_id: UUID, allotment_id: UUID, *, lock: bool = False
) -> tuple[AppropriationItem, Allocation, Allotment]:
    """Return an own allotment under its allocation and item; locked from the item down."""
    statement = (
        select(AppropriationItem, Allocation, Allotment)
        .join(
            Allocation,
            and_(
                Allocation.org_id == AppropriationItem.org_id,
                Allocation.appropriation_item_id == AppropriationItem.id,
            ),
        )
        .join(
            Allotment,
            and_(Allotment.org_id == Allocation.org_id, Allotment.allocation_id == Allocation.id),
        )
        .where(Allotment.org_id == org_id, Allotment.id == allotment_id)
    )
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise AllotmentNotFound(pointer="/body/allotment_id")
    item, allocation, allotment = found
    return item, allocation, allotment


async def find_item_of_act(
    session: AsyncSession, issuer_org_id: UUID, act_item_id: UUID
) -> AppropriationItem | None:
    """Return the item that holds what an act's item gives here, locked."""
    statement: Select[AppropriationItem] = (
        select(AppropriationItem)
        .where(
            AppropriationItem.issuer_org_id == issuer_org_id,
            AppropriationItem.act_item_id == act_item_id,
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()


async def find_allocation_to_raise(
    session: AsyncSession, item_id: UUID, program_title: str
) -> Allocation | None:
    """Return the first allocation of an item to a program of this name that is not cancelled."""
    statement: Select[Allocation] = (
        select(Allocation)
        .where(
            Allocation.appropriation_item_id == item_id,
            Allocation.program_title == program_title,
            Allocation.stored_status != AllocationStatus.cancelled,
        )
        .order_by(Allocation.created_at, Allocation.id)
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one_or_none()
