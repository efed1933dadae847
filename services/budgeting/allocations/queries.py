"""Every SELECT on allocations."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from libs.chassis.paging import Rows, page
from services.budgeting.allocations.model import Allocation, AllocationNotFound, AllocationStatus
from services.budgeting.allocations.schemas import AllocationCreate, AllocationFilter
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.programs.model import Program, ProgramNotFound


async def get_allocation(
    session: AsyncSession, allocation_id: UUID, *, lock: bool = False
) -> Allocation:
    """Return an allocation; to lock it is to lock its item first, as every posting does."""
    statement: Select[Allocation] = select(Allocation).where(Allocation.id == allocation_id)
    if lock:
        statement = statement.join(
            AppropriationItem,
            (AppropriationItem.org_id == Allocation.org_id)
            & (AppropriationItem.id == Allocation.appropriation_item_id),
        ).with_for_update(of=[AppropriationItem, Allocation])
    allocation = (await session.scalars(statement)).one_or_none()
    if allocation is None:
        raise AllocationNotFound
    return allocation


async def get_allocation_to_charge(session: AsyncSession, allocation_id: UUID) -> Allocation:
    """Return the allocation that a request names, held for one charge or plan at a time."""
    statement: Select[Allocation] = (
        select(Allocation)
        .where(Allocation.id == allocation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    allocation = (await session.scalars(statement)).one_or_none()
    if allocation is None:
        raise AllocationNotFound(pointer="/body/allocation_id")
    return allocation


async def list_allocations(session: AsyncSession, params: AllocationFilter) -> Rows[Allocation]:
    statement: Select[Allocation] = select(Allocation)
    if params.fiscal_year is not None:
        statement = statement.where(Allocation.fiscal_year == params.fiscal_year)
    if params.appropriation_item_id is not None:
        statement = statement.where(
            Allocation.appropriation_item_id == params.appropriation_item_id
        )
    if params.program_id is not None:
        statement = statement.where(Allocation.program_id == params.program_id)
    return await page(session, statement, Allocation, params)


async def find_live_allocation(
    session: AsyncSession, item_id: UUID, told: AllocationCreate, program_title: str
) -> Allocation | None:
    """Return the allocation of an item to a program and office that is not cancelled."""
    statement: Select[Allocation] = select(Allocation).where(
        Allocation.appropriation_item_id == item_id,
        Allocation.program_id.is_not_distinct_from(told.program_id),
        Allocation.program_title == program_title,
        Allocation.office == told.office,
        Allocation.stored_status != AllocationStatus.cancelled,
    )
    return (await session.scalars(statement)).one_or_none()


async def get_program_to_fund(session: AsyncSession, program_id: UUID) -> Program:
    """Return a program with the proposal that it belongs to."""
    statement: Select[Program] = (
        select(Program).where(Program.id == program_id).options(selectinload(Program.proposal))
    )
    program = (await session.scalars(statement)).one_or_none()
    if program is None:
        raise ProgramNotFound
    return program
