"""Every SELECT on obligations and their lines."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from libs.chassis.paging import Rows, page
from services.budgeting.allocations.model import Allocation
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.obligations.model import Obligation, ObligationNotFound
from services.budgeting.obligations.schemas import ObligationFilter

FILTERS = (
    "allotment_id",
    "allocation_id",
    "work_item_id",
    "payee_id",
    "status",
    "fiscal_year",
    "ors_number",
)


@cache
def _locked() -> Select[Obligation]:
    """Return the statement for any obligation: put together once, for it is asked most."""
    return (
        select(Obligation)
        .where(Obligation.id == bindparam("obligation_id"))
        .with_for_update(key_share=True, of=Obligation)
        .options(joinedload(Obligation.lines))
        .execution_options(populate_existing=True)
    )


async def get_obligation(session: AsyncSession, obligation_id: UUID) -> Obligation:
    statement: Select[Obligation] = (
        select(Obligation)
        .where(Obligation.id == obligation_id)
        .options(selectinload(Obligation.lines))
    )
    obligation = (await session.scalars(statement)).one_or_none()
    if obligation is None:
        raise ObligationNotFound
    return obligation


async def get_locked_obligation(session: AsyncSession, obligation_id: UUID) -> Obligation:
    """Return an obligation, locked, with its lines.

    Whoever had to wait while the lines were changed has the lines of before, and is refused by the
    version that moved with them. Whoever acts on an obligation locks it before anything else. The
    levels above it, for which many wait, are locked by the posting alone, in their order, and as
    late as can be.
    """
    found = await session.scalars(_locked(), {"obligation_id": obligation_id})
    obligation = found.unique().one_or_none()
    if obligation is None:
        raise ObligationNotFound
    return obligation


async def get_kind_of_act(session: AsyncSession, allocation_id: UUID) -> str:
    """Return under which kind of act the allocation stands."""
    kind = await session.scalar(
        select(AppropriationItem.kind)
        .join(Allocation, Allocation.appropriation_item_id == AppropriationItem.id)
        .where(Allocation.id == allocation_id)
    )
    return str(kind)


async def list_obligations(session: AsyncSession, params: ObligationFilter) -> Rows[Obligation]:
    statement: Select[Obligation] = select(Obligation)
    return await page(session, statement, Obligation, params, FILTERS)
