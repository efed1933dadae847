"""Every SELECT on cash allocations and their charges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.allotments.model import Allotment
from services.budgeting.cash_allocations.model import (
    CashAllocation,
    CashAllocationNotFound,
    CashCharge,
    CashStatus,
)
from services.budgeting.cash_allocations.schemas import CashAllocationFilter
from services.budgeting.postings.model import Difference


async def get_cash_allocation(
    session: AsyncSession, cash_allocation_id: UUID, *, lock: bool = False
) -> CashAllocation:
    statement: Select[CashAllocation] = select(CashAllocation).where(
        CashAllocation.id == cash_allocation_id
    )
    if lock:
        statement = statement.with_for_update()
    cash = (await session.scalars(statement)).one_or_none()
    if cash is None:
        raise CashAllocationNotFound
    return cash


async def find_number(session: AsyncSession, number: str) -> CashAllocation | None:
    statement: Select[CashAllocation] = select(CashAllocation).where(
        CashAllocation.number == number
    )
    return (await session.scalars(statement)).one_or_none()


async def list_valid_cash(
    session: AsyncSession, allotment_id: UUID, on: date
) -> Sequence[CashAllocation]:
    """Return the cash for an allotment's fund source on a day, locked, what ends first before."""
    source = select(Allotment.funding_source).where(Allotment.id == allotment_id)
    statement: Select[CashAllocation] = (
        select(CashAllocation)
        .where(
            CashAllocation.funding_source == source.scalar_subquery(),
            CashAllocation.stored_status == CashStatus.confirmed,
            CashAllocation.valid_from <= on,
            CashAllocation.valid_until >= on,
        )
        .order_by(CashAllocation.valid_until, CashAllocation.id)
        .with_for_update(key_share=True)
    )
    return (await session.scalars(statement)).all()


async def find_charge(session: AsyncSession, disbursement_id: UUID) -> CashCharge | None:
    """Return what a payment used, if it used any."""
    statement: Select[CashCharge] = select(CashCharge).where(
        CashCharge.disbursement_id == disbursement_id, CashCharge.amount > 0
    )
    return (await session.scalars(statement)).one_or_none()


async def list_cash_allocations(
    session: AsyncSession, params: CashAllocationFilter
) -> Rows[CashAllocation]:
    statement: Select[CashAllocation] = select(CashAllocation)
    return await page(
        session, statement, CashAllocation, params, ("fiscal_year", "quarter", "funding_source")
    )


# What is used of a notice is the sum of its charges; what a payment is charged is what it paid.
DIFFERENCES = text("""
SELECT 'cash_allocations', a.id, 'used_amount', a.used_amount, coalesce(sum(c.amount), 0)
FROM budgeting.cash_allocations AS a LEFT JOIN budgeting.cash_charges AS c
    ON c.org_id = a.org_id AND c.cash_allocation_id = a.id
WHERE a.org_id = :org_id GROUP BY a.org_id, a.id
HAVING a.used_amount <> coalesce(sum(c.amount), 0)
UNION ALL
SELECT 'disbursements', c.disbursement_id, 'cash', c.amount, coalesce(p.amount, 0)
FROM (
    SELECT disbursement_id, sum(amount) AS amount FROM budgeting.cash_charges
    WHERE org_id = :org_id GROUP BY 1
) AS c LEFT JOIN (
    SELECT disbursement_id, sum(amount) AS amount FROM budgeting.postings
    WHERE org_id = :org_id AND disbursement_id IS NOT NULL GROUP BY 1
) AS p USING (disbursement_id)
WHERE c.amount <> coalesce(p.amount, 0)
""")


async def list_cash_differences(session: AsyncSession, org_id: UUID) -> list[Difference]:
    """Recompute what is used of all cash of an organization and return what differs."""
    rows = await session.execute(DIFFERENCES, {"org_id": org_id})
    return [Difference(*row) for row in rows]
