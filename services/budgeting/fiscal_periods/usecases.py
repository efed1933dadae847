"""Everything a person can do with the months of the books."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.fiscal_periods.events import FiscalPeriodClosed, FiscalPeriodReopened
from services.budgeting.fiscal_periods.model import (
    FiscalPeriod,
    FiscalYearOpenedAlready,
    PeriodStatus,
)
from services.budgeting.fiscal_periods.queries import (
    count_fiscal_periods,
    get_fiscal_period,
    hold_postings,
    list_months,
)


async def create_fiscal_periods(uow: UnitOfWork, fiscal_year: int) -> FiscalPeriod:
    """Make the twelve months of a year, all open; returns January."""
    if await count_fiscal_periods(uow.session, fiscal_year):
        raise FiscalYearOpenedAlready(pointer="/body/fiscal_year")
    months = [
        FiscalPeriod(
            fiscal_year=fiscal_year, month=month, status=PeriodStatus.open, reopen_reason=""
        )
        for month in range(1, 13)
    ]
    uow.session.add_all(months)
    return months[0]


async def soft_close_fiscal_period(uow: UnitOfWork, period_id: UUID) -> FiscalPeriod:
    """Let nothing more into a month but corrections that say why."""
    period = await _held(uow, period_id)
    period.soft_close()
    return period


async def close_fiscal_period(uow: UnitOfWork, period_id: UUID) -> FiscalPeriod:
    """Close a month; no posting is dated in it from here on."""
    period = await _held(uow, period_id)
    period.close(by=uow.actor.user_id, at=uow.now())
    uow.publish(FiscalPeriodClosed.about(period), of=period)
    return period


async def reopen_fiscal_period(uow: UnitOfWork, period_id: UUID, reason: str) -> FiscalPeriod:
    """Open a month again, with a reason that stays with it."""
    period = await _held(uow, period_id)
    period.reopen(reason=reason)
    uow.publish(FiscalPeriodReopened.about(period), of=period)
    return period


async def close_months(uow: UnitOfWork, fiscal_year: int) -> None:
    """Close every month of a year that is not closed yet, each as a person would."""
    if not await count_fiscal_periods(uow.session, fiscal_year):
        await create_fiscal_periods(uow, fiscal_year)
        await uow.session.flush()
    for month in range(1, 13):
        await hold_postings(uow.session, uow.actor.org_id, fiscal_year, month)
    for period in await list_months(uow.session, fiscal_year):
        if period.status != PeriodStatus.closed:
            period.close(by=uow.actor.user_id, at=uow.now())
            uow.publish(FiscalPeriodClosed.about(period), of=period)


async def _held(uow: UnitOfWork, period_id: UUID) -> FiscalPeriod:
    period = await get_fiscal_period(uow.session, period_id)
    await hold_postings(uow.session, period.org_id, period.fiscal_year, period.month)
    await uow.session.refresh(period, with_for_update=True)
    uow.expect(period)
    return period
