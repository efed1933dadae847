"""Every SELECT on cash ceilings."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.cash_ceilings.model import CashCeiling
from services.budgeting.cash_ceilings.schemas import CashCeilingFilter


async def is_enforced(session: AsyncSession) -> bool:
    """Tell whether payments are held to the cash received; they are not unless it was said."""
    newest = select(CashCeiling.is_enforced).order_by(
        CashCeiling.created_at.desc(), CashCeiling.id.desc()
    )
    return bool(await session.scalar(newest.limit(1)))


async def list_cash_ceilings(session: AsyncSession, params: CashCeilingFilter) -> Rows[CashCeiling]:
    statement: Select[CashCeiling] = select(CashCeiling)
    return await page(session, statement, CashCeiling, params)
