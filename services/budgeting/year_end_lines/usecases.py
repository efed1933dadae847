"""How money of a year lapses and comes back: lines of the ledger, all at once, and states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from uuid_utils.compat import uuid7

from libs.outbox.event import Event
from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations.events import AllocationAdjusted, AllocationClosed
from services.budgeting.allocations.model import Allocation
from services.budgeting.allotments.events import AllotmentAdjusted, AllotmentClosed
from services.budgeting.allotments.model import Allotment
from services.budgeting.appropriation_items.events import (
    AppropriationItemAdjusted,
    AppropriationItemLapsed,
)
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.postings.model import Posting, PostingKind
from services.budgeting.year_end_lines.model import Level, YearEndLine, take_off
from services.budgeting.year_end_lines.queries import list_levels

KINDS = {
    Level.item: PostingKind.appropriation_lapsed,
    Level.allocation: PostingKind.allocation_lapsed,
    Level.allotment: PostingKind.allotment_lapsed,
}
DOWN = (Level.item, Level.allocation, Level.allotment)
UP = DOWN[::-1]
"""What is free below lapses first: it is then free above."""

TABLES: dict[str, Any] = {
    Level.item: AppropriationItem,
    Level.allocation: Allocation,
    Level.allotment: Allotment,
}
ENDED = {Level.item: "lapsed", Level.allocation: "closed", Level.allotment: "closed"}
OPEN = ("current", "approved", "released")
"""In one of these states something may still be taken from an item, allocation or allotment."""

LAPSED: dict[str, Any] = {
    Level.item: AppropriationItemLapsed,
    Level.allocation: AllocationClosed,
    Level.allotment: AllotmentClosed,
}
BACK: dict[str, Any] = {
    Level.item: AppropriationItemAdjusted,
    Level.allocation: AllocationAdjusted,
    Level.allotment: AllotmentAdjusted,
}


async def lapse(
    uow: UnitOfWork, lines: Sequence[YearEndLine], *, year_end_id: UUID, on: date
) -> None:
    """Take off what is free and valid no longer; the levels must be locked."""
    reference = f"Closing {year_end_id}"
    written = []
    take_off(lines)
    for line in _in_order(UP, lines):
        line.year_end_id = year_end_id
        if line.lapsed_amount:
            line.posting_id = uuid7()
            entry = _entry(uow, line, line.posting_id, -line.lapsed_amount)
            written.append({**entry, "reference": reference, "reverses_id": None})
    lapsing = [line for line in lines if line.is_lapsing and line.status_before in OPEN]
    for level, group in _by_level(lapsing):
        await _set_status(uow, level, {line.place_id for line in group}, ENDED[Level(level)])
    await _write(uow, written, on, "What is free and valid no longer lapses.")
    uow.session.add_all(lines)
    await _tell(uow, [line for line in lines if line.is_lapsing], LAPSED)


async def restore(uow: UnitOfWork, lines: Sequence[YearEndLine], *, on: date, reason: str) -> None:
    """Give back what a closing took off, line by line; the levels must be locked."""
    written = []
    for line in _in_order(DOWN, lines):
        if line.posting_id is not None:
            entry = _entry(uow, line, uuid7(), line.lapsed_amount)
            reference = f"Reversal of closing {line.year_end_id}"
            written.append({**entry, "reference": reference, "reverses_id": line.posting_id})
    lapsed = [line for line in lines if line.is_lapsing and line.status_before in OPEN]
    for level, group in _by_level(lapsed):
        for status, same in groupby(group, lambda line: line.status_before):
            await _set_status(uow, level, {line.place_id for line in same}, status)
    await _write(uow, written, on, reason)
    await _tell(uow, [line for line in lines if line.is_lapsing], BACK)


def _in_order(levels: Sequence[Level], lines: Iterable[YearEndLine]) -> list[YearEndLine]:
    return sorted(lines, key=lambda line: (levels.index(Level(line.level)), line.place_id))


def _by_level(lines: Iterable[YearEndLine]) -> Iterable[tuple[str, list[YearEndLine]]]:
    for level in DOWN:
        group = [line for line in lines if line.level == level]
        if group:
            yield level, sorted(group, key=lambda line: line.status_before)


def _entry(uow: UnitOfWork, line: YearEndLine, posting_id: UUID, amount: Decimal) -> dict[str, Any]:
    when, who = uow.now(), uow.actor.user_id
    return {
        "org_id": uow.actor.org_id,
        "id": posting_id,
        "kind": str(KINDS[Level(line.level)]),
        "amount": amount,
        "item_id": line.item_id,
        "allocation_id": line.allocation_id,
        "allotment_id": line.allotment_id,
        "version": 1,
        "created_at": when,
        "created_by": who,
        "updated_at": when,
        "updated_by": who,
    }


async def _write(uow: UnitOfWork, entries: list[dict[str, Any]], on: date, reason: str) -> None:
    await uow.session.flush()
    if entries:
        table = Posting.metadata.tables["budgeting.postings"]
        lines = [{**entry, "posted_on": on, "reason": reason} for entry in entries]
        await uow.session.execute(insert(table), lines)


async def _set_status(uow: UnitOfWork, level: str, ids: set[UUID], status: str) -> None:
    table = TABLES[level].__table__
    await uow.session.execute(
        update(table)
        .where(table.c.id.in_(ids))
        .values(
            status=status,
            version=table.c.version + 1,
            updated_at=uow.now(),
            updated_by=uow.actor.user_id,
        )
    )


async def _tell(
    uow: UnitOfWork, lines: Sequence[YearEndLine], events: dict[str, type[Event]]
) -> None:
    """Announce every item, allocation and allotment as it now is."""
    await uow.session.flush()
    for level, group in _by_level(lines):
        of_level: Any = events[level]
        for row in await list_levels(uow.session, TABLES[level], {one.place_id for one in group}):
            uow.publish(of_level.about(row), of=row)
