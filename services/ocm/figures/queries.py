"""How measures are selected: one narrow row a cell, all measures in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Numeric,
    Select,
    Text,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.ocm.figures.model import Cell, Cells

CellSelect = Select[Any]


def cell(
    measure: str,
    org_id: Any,
    key: Any = "",
    count: ColumnElement[Any] | None = None,
    *,
    amount: ColumnElement[Any] | None = None,
    other: ColumnElement[Any] | None = None,
) -> CellSelect:
    """Return a SELECT of cells; the caller adds where and group by."""
    return select(
        org_id.label("org_id"),
        cast(literal(measure), Text).label("measure"),
        cast(key, Text).label("key"),
        cast(literal(0) if count is None else count, BigInteger).label("many"),
        cast(null() if amount is None else amount, Numeric).label("amount"),
        cast(null() if other is None else other, Numeric).label("other"),
    )


async def get_cells(session: AsyncSession, selects: Sequence[CellSelect]) -> dict[UUID, Cells]:
    """Run all selects as one statement and sort what comes by organization."""
    found: dict[UUID, list[tuple[str, str, Cell]]] = defaultdict(list)
    for row in await session.execute(union_all(*selects)):
        found[row.org_id].append((row.measure, row.key, Cell(row.many, row.amount, row.other)))
    return {org_id: Cells(cells) for org_id, cells in found.items()}
