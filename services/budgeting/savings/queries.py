"""Every SELECT on savings."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.savings.model import Saving, SavingNotFound, SavingStatus
from services.budgeting.savings.schemas import SavingFilter


async def get_saving(session: AsyncSession, saving_id: UUID, *, lock: bool = False) -> Saving:
    """Return a saving; whoever locks it has locked its item before."""
    statement: Select[Saving] = select(Saving).where(Saving.id == saving_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    saving = (await session.scalars(statement)).one_or_none()
    if saving is None:
        raise SavingNotFound
    return saving


async def sum_declared(session: AsyncSession, item_id: UUID) -> Decimal:
    """Return what is kept of an item for others."""
    kept = select(func.sum(Saving.amount - Saving.used_amount)).where(
        Saving.item_id == item_id, Saving.status == SavingStatus.declared
    )
    return await session.scalar(kept) or Decimal("0.00")


async def list_savings(session: AsyncSession, params: SavingFilter) -> Rows[Saving]:
    statement: Select[Saving] = select(Saving)
    return await page(session, statement, Saving, params, ("fiscal_year", "item_id", "status"))
