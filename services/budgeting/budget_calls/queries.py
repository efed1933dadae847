"""Every SELECT on budget calls and their extensions."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.budget_calls.model import (
    BudgetCall,
    BudgetCallNotFound,
    CallExtension,
    CallStatus,
)
from services.budgeting.budget_calls.schemas import BudgetCallFilter, ExtensionFilter


async def get_budget_call(session: AsyncSession, budget_call_id: UUID) -> BudgetCall:
    """Return a call that this organization may read: its own, or an issued one."""
    return await _one(session, select(BudgetCall).where(BudgetCall.id == budget_call_id))


async def get_own_budget_call(
    session: AsyncSession, org_id: UUID, budget_call_id: UUID
) -> BudgetCall:
    """Return a call of this organization, locked; another's cannot be acted on."""
    statement: Select[BudgetCall] = select(BudgetCall).where(
        BudgetCall.org_id == org_id, BudgetCall.id == budget_call_id
    )
    return await _one(session, statement.with_for_update())


async def find_issued_call(session: AsyncSession, fiscal_year: int) -> BudgetCall | None:
    """Return the government's call of a fiscal year, open or over."""
    statement: Select[BudgetCall] = select(BudgetCall).where(
        BudgetCall.fiscal_year == fiscal_year, BudgetCall.status != CallStatus.draft
    )
    return (await session.scalars(statement)).one_or_none()


async def find_extended_deadline(
    session: AsyncSession, budget_call_id: UUID, for_org_id: UUID
) -> date | None:
    """Return the last day that extensions give one organization."""
    last: date | None = await session.scalar(
        select(func.max(CallExtension.deadline_on)).where(
            CallExtension.budget_call_id == budget_call_id,
            CallExtension.for_org_id == for_org_id,
        )
    )
    return last


async def list_budget_calls(session: AsyncSession, params: BudgetCallFilter) -> Rows[BudgetCall]:
    statement: Select[BudgetCall] = select(BudgetCall)
    if params.fiscal_year is not None:
        statement = statement.where(BudgetCall.fiscal_year == params.fiscal_year)
    if params.status is not None:
        statement = statement.where(BudgetCall.status == params.status)
    return await page(session, statement, BudgetCall, params)


async def list_extensions(
    session: AsyncSession, budget_call_id: UUID, params: ExtensionFilter
) -> Rows[CallExtension]:
    await get_budget_call(session, budget_call_id)
    statement: Select[CallExtension] = select(CallExtension).where(
        CallExtension.budget_call_id == budget_call_id
    )
    return await page(session, statement, CallExtension, params)


async def _one(session: AsyncSession, statement: Select[BudgetCall]) -> BudgetCall:
    call = (await session.scalars(statement)).one_or_none()
    if call is None:
        raise BudgetCallNotFound
    return call
