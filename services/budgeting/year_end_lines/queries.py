"""Every SELECT on year-end lines, and what the ledger holds of a year as of a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.budgeting.postings import model as ledger
from services.budgeting.year_end_lines.model import YearEndLine
from services.budgeting.year_end_lines.schemas import YearEndLineFilter


@dataclass(frozen=True, slots=True)
class Close:
    """Whose money of which year is looked at, as of which day."""

    org_id: UUID
    fiscal_year: int
    closing_on: date


def _sum(kinds: Sequence[tuple[str, int]]) -> str:
    branches = " ".join(
        f"WHEN '{kind}' THEN {'' if sign > 0 else '-'}p.amount" for kind, sign in kinds
    )
    return f"coalesce(sum(CASE p.kind {branches} END), 0)"


APPROPRIATED, ALLOCATED, ALLOTTED, OBLIGATED, DISBURSED = (
    _sum(kinds)
    for kinds in (
        ledger.APPROPRIATED,
        ledger.ALLOCATED,
        ledger.ALLOTTED,
        ledger.OBLIGATED,
        ledger.DISBURSED,
    )
)

# Items of the year, and older ones that are open or still owe something.
SCOPE = """
scope AS (
    SELECT i.id, i.status, i.status = 'lapsed' OR i.valid_until <= :closing_on AS is_lapsing
    FROM budgeting.appropriation_items AS i
    WHERE i.org_id = :org_id AND i.fiscal_year <= :fiscal_year
        AND (i.fiscal_year = :fiscal_year OR i.status = 'current' OR EXISTS (
            SELECT FROM budgeting.allocations AS a
            WHERE a.org_id = i.org_id AND a.appropriation_item_id = i.id
                AND a.obligated_amount > a.disbursed_amount))
)"""

LINES = f"""
WITH {SCOPE}, moved AS (
    SELECT CASE WHEN grouping(p.allocation_id) = 1 THEN 'item'
            WHEN grouping(p.allotment_id) = 1 THEN 'allocation' ELSE 'allotment' END AS level,
        p.item_id, p.allocation_id, p.allotment_id, {APPROPRIATED} AS appropriated,
        {ALLOCATED} AS allocated, {ALLOTTED} AS allotted, {OBLIGATED} AS obligated,
        {DISBURSED} AS disbursed
    FROM budgeting.postings AS p JOIN scope AS s ON s.id = p.item_id
    WHERE p.org_id = :org_id AND p.posted_on <= :closing_on
    GROUP BY GROUPING SETS ((p.item_id), (p.item_id, p.allocation_id),
        (p.item_id, p.allocation_id, p.allotment_id))
), owed AS (
    SELECT l.allotment_id, sum(l.unpaid) AS due FROM (
        SELECT p.allotment_id, p.obligation_id, {OBLIGATED} - {DISBURSED} AS unpaid
        FROM budgeting.postings AS p JOIN scope AS s ON s.id = p.item_id
        WHERE p.org_id = :org_id AND p.posted_on <= :closing_on AND p.obligation_id IS NOT NULL
        GROUP BY 1, 2
    ) AS l JOIN budgeting.obligations AS o ON o.org_id = :org_id AND o.id = l.obligation_id
    WHERE o.delivered_on <= :closing_on GROUP BY 1
), found AS (
    SELECT m.level, m.item_id, m.allocation_id, m.allotment_id, s.is_lapsing,
        CASE m.level WHEN 'item' THEN s.status WHEN 'allocation' THEN a.status
            ELSE t.status END AS status_before,
        CASE m.level WHEN 'item' THEN appropriated WHEN 'allocation' THEN allocated
            ELSE allotted END AS amount,
        CASE m.level WHEN 'item' THEN appropriated - allocated
            WHEN 'allocation' THEN allocated - allotted
            ELSE allotted - obligated END AS rest_amount,
        CASE m.level WHEN 'allotment' THEN obligated ELSE 0 END AS obligated_amount,
        CASE m.level WHEN 'allotment' THEN disbursed ELSE 0 END AS disbursed_amount,
        CASE m.level WHEN 'allotment' THEN coalesce(w.due, 0) ELSE 0 END AS due_amount
    FROM moved AS m JOIN scope AS s ON s.id = m.item_id
    LEFT JOIN budgeting.allocations AS a ON a.org_id = :org_id AND a.id = m.allocation_id
    LEFT JOIN budgeting.allotments AS t ON t.org_id = :org_id AND t.id = m.allotment_id
    LEFT JOIN owed AS w ON w.allotment_id = m.allotment_id
    WHERE m.level = 'item' OR m.level = 'allocation' AND m.allocation_id IS NOT NULL
        OR m.allotment_id IS NOT NULL
)
SELECT *, obligated_amount - disbursed_amount - due_amount AS not_yet_due_amount FROM found
WHERE amount <> 0 OR is_lapsing AND status_before IN ('current', 'approved', 'released')
ORDER BY level, item_id, allocation_id, allotment_id
"""

LATER = f"""
WITH {SCOPE}
SELECT p.reference || ' of ' || p.posted_on FROM budgeting.postings AS p
JOIN scope AS s ON s.id = p.item_id AND s.is_lapsing
WHERE p.org_id = :org_id AND p.posted_on > :closing_on
    AND p.kind NOT IN ('disbursed', 'disbursement_voided')
ORDER BY p.posted_on DESC LIMIT 1
"""

CERTIFIED = f"""
WITH {SCOPE}
SELECT coalesce(sum(t.reserved_amount), 0) FROM budgeting.allotments AS t
JOIN budgeting.allocations AS a ON a.org_id = t.org_id AND a.id = t.allocation_id
JOIN scope AS s ON s.id = a.appropriation_item_id AND s.is_lapsing WHERE t.org_id = :org_id
"""


async def list_year_end_lines(
    session: AsyncSession, year_end_id: UUID, params: YearEndLineFilter
) -> Rows[YearEndLine]:
    statement: Select[YearEndLine] = select(YearEndLine).where(
        YearEndLine.year_end_id == year_end_id
    )
    if params.is_lapsing is not None:
        statement = statement.where(YearEndLine.is_lapsing == params.is_lapsing)
    if params.level is not None:
        statement = statement.where(YearEndLine.level == params.level)
    return await page(session, statement, YearEndLine, params)


async def get_lines(session: AsyncSession, year_end_id: UUID) -> Sequence[YearEndLine]:
    """Return everything that an applied closing did."""
    statement: Select[YearEndLine] = select(YearEndLine).where(
        YearEndLine.year_end_id == year_end_id
    )
    return (await session.scalars(statement)).all()


async def make_lines(session: AsyncSession, close: Close) -> list[YearEndLine]:
    """Return what a closing finds in the ledger as of its day, item by item, not stored."""
    rows = await session.execute(text(LINES), asdict(close))
    return [YearEndLine(**row) for row in rows.mappings()]


async def find_later_posting(session: AsyncSession, close: Close) -> str | None:
    """Return what was posted on lapsing items after the day of the closing, payments aside."""
    found: str | None = await session.scalar(text(LATER), asdict(close))
    return found


async def sum_certified(session: AsyncSession, close: Close) -> Decimal:
    """Return what is certified and not obligated on money that would lapse."""
    found: Decimal = await session.scalar(text(CERTIFIED), asdict(close))
    return found


async def list_levels(session: AsyncSession, model: Any, ids: Collection[UUID]) -> Sequence[Any]:
    """Return rows of one level as they are now, whatever this session saw before."""
    statement: Select[Any] = select(model).where(model.id.in_(ids)).order_by(model.id)
    return (await session.scalars(statement, execution_options={"populate_existing": True})).all()
