"""Every SELECT on year-end documents, and what the ledger holds of a year as of a day."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.allocations.model import Allocation
from services.budgeting.allotments.model import Allotment
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.postings.model import Posting
from services.budgeting.year_ends.model import YearEnd, YearEndKind, YearEndNotFound
from services.budgeting.year_ends.schemas import YearEndFilter


async def get_year_end(session: AsyncSession, year_end_id: UUID, *, lock: bool = False) -> YearEnd:
    statement: Select[YearEnd] = select(YearEnd).where(YearEnd.id == year_end_id)
    if lock:
        statement = statement.with_for_update()
    document = (await session.scalars(statement)).one_or_none()
    if document is None:
        raise YearEndNotFound
    return document


async def list_year_ends(session: AsyncSession, params: YearEndFilter) -> Rows[YearEnd]:
    statement: Select[YearEnd] = select(YearEnd)
    if params.fiscal_year is not None:
        statement = statement.where(YearEnd.fiscal_year == params.fiscal_year)
    if params.status is not None:
        statement = statement.where(YearEnd.status == params.status)
    return await page(session, statement, YearEnd, params)


async def find_live_year_end(
    session: AsyncSession, fiscal_year: int, reverses_id: UUID | None
) -> YearEnd | None:
    """Return the document that closes a year, or undoes a closing, and was not turned down."""
    statement: Select[YearEnd] = select(YearEnd).where(
        YearEnd.fiscal_year == fiscal_year,
        YearEnd.reverses_id.is_not_distinct_from(reverses_id),
        YearEnd.status.not_in(["rejected", "reversed"]),
        YearEnd.kind == (YearEndKind.reversal if reverses_id else YearEndKind.closing),
    )
    return (await session.scalars(statement)).first()


async def hold_levels(session: AsyncSession, fiscal_year: int) -> None:
    """Lock every item up to the year, its allocations and allotments: each level by key."""
    item = AppropriationItem
    of_years = select(item.id).where(item.fiscal_year <= fiscal_year)
    parts = select(Allocation.id).where(Allocation.appropriation_item_id.in_(of_years))
    shares = select(Allotment.id).where(Allotment.allocation_id.in_(parts))
    for level, table in ((of_years, item), (parts, Allocation), (shares, Allotment)):
        held: Any = level.order_by(table.id).with_for_update(key_share=True, of=table)
        await session.execute(held)


async def count_postings(session: AsyncSession, item_ids: Collection[UUID]) -> int:
    counted = select(func.count()).where(Posting.item_id.in_(item_ids))
    return int(await session.scalar(counted) or 0)
