"""Every SELECT on fiscal periods."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.fiscal_periods.model import (
    FiscalPeriod,
    FiscalPeriodNotFound,
    PeriodStatus,
)
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


async def hold_postings(session: AsyncSession, org_id: UUID, fiscal_year: int, month: int) -> None:
    """Wait for postings under way in the month, and keep others out until the commit."""
    held = func.budgeting.period_key(org_id, fiscal_year, month)
    await session.execute(select(func.pg_advisory_xact_lock(held)))


async def list_months(session: AsyncSession, fiscal_year: int) -> Sequence[FiscalPeriod]:
    """Return the months of a year that were made, in order, whatever this session saw before."""
    months: Select[FiscalPeriod] = (
        select(FiscalPeriod)
        .where(FiscalPeriod.fiscal_year == fiscal_year)
        .order_by(FiscalPeriod.month)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(months)).all()


async def count_closed_months(session: AsyncSession, org_id: UUID, fiscal_year: int) -> int:
    """Return how many months are closed; none of them is opened again before the commit."""
    months = func.generate_series(1, 12).column_valued("month")
    held = func.budgeting.period_key(org_id, fiscal_year, months)
    await session.execute(select(func.pg_advisory_xact_lock_shared(held)))
    closed = select(func.count()).where(
        FiscalPeriod.fiscal_year == fiscal_year, FiscalPeriod.status == PeriodStatus.closed
    )
    return int(await session.scalar(closed) or 0)
