"""Every SELECT on fiscal periods."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.fiscal_periods.model import FiscalPeriod, FiscalPeriodNotFound
from services.budgeting.fiscal_periods.schemas import FiscalPeriodFilter


async def get_fiscal_period(
    session: AsyncSession, period_id: UUID, *, lock: bool = False
) -> FiscalPeriod:
    statement: Select[FiscalPeriod] = select(FiscalPeriod).where(FiscalPeriod.id == period_id)
    if lock:
        statement = statement.with_for_update()
    period = (await session.scalars(statement)).one_or_none()
    if period is None:
        raise FiscalPeriodNotFound
    return period


async def list_fiscal_periods(
    session: AsyncSession, params: FiscalPeriodFilter
) -> Rows[FiscalPeriod]:
    statement: Select[FiscalPeriod] = select(FiscalPeriod)
    if params.fiscal_year is not None:
        statement = statement.where(FiscalPeriod.fiscal_year == params.fiscal_year)
    if params.status is not None:
        statement = statement.where(FiscalPeriod.status == params.status)
    return await page(session, statement, FiscalPeriod, params)


async def count_fiscal_periods(session: AsyncSession, fiscal_year: int) -> int:
    counted = select(func.count()).where(FiscalPeriod.fiscal_year == fiscal_year)
    return int(await session.scalar(counted) or 0)


async def hold_postings(session: AsyncSession, period: FiscalPeriod) -> None:
    """Wait for postings under way in the month, and keep others out until the commit."""
    held = func.budgeting.period_key(period.org_id, period.fiscal_year, period.month)
    await session.execute(select(func.pg_advisory_xact_lock(held)))
