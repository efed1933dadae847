"""What a person does with the end of a fiscal year; what lapses is lines of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.fiscal_periods.queries import count_closed_months
from services.budgeting.fiscal_periods.usecases import close_months
from services.budgeting.year_end_lines.model import TOTALS, YearEndLine, totals
from services.budgeting.year_end_lines.queries import (
    Close,
    find_later_posting,
    get_lines,
    make_lines,
    sum_certified,
)
from services.budgeting.year_end_lines.usecases import lapse, restore
from services.budgeting.year_ends.events import YearEndClosed, YearEndReversed
from services.budgeting.year_ends.model import (
    ClosingDayImpossible,
    NextYearUsedIt,
    YearClosedAlready,
    YearEnd,
    YearEndKind,
    YearEndMoved,
    YearEndObstructed,
    YearEndStatus,
)
from services.budgeting.year_ends.queries import (
    count_postings,
    find_live_year_end,
    get_year_end,
    hold_levels,
)
from services.budgeting.year_ends.schemas import YearEndCreate, YearEndPreview

NOTHING = dict.fromkeys(TOTALS, Decimal("0.00"))


async def create_year_end(uow: UnitOfWork, told: YearEndCreate) -> YearEnd:
    """Plan to close a year as of a day; nothing happens before somebody else approves it."""
    today = uow.today()
    if not date(told.fiscal_year, 12, 31) <= told.closing_on <= today:
        raise ClosingDayImpossible(f"Today is {today}.", pointer="/body/closing_on")
    document = YearEnd(**dict(told), kind=YearEndKind.closing, **NOTHING)
    return await _drafted(uow, document)


async def reverse_year_end(uow: UnitOfWork, year_end_id: UUID, reason: str) -> YearEnd:
    """Plan to undo a closing; the draft is a document of its own."""
    closing = await _locked(uow, year_end_id)
    closing.check_reversible()
    same = {name: getattr(closing, name) for name in (*TOTALS, "fiscal_year", "closing_on")}
    document = YearEnd(**same, kind=YearEndKind.reversal, reverses_id=closing.id, reason=reason)
    return await _drafted(uow, document)


async def preview_year_end(uow: UnitOfWork, year_end_id: UUID) -> YearEndPreview:
    """Show what the document would do now, and what stands in its way; nothing is changed."""
    document = await get_year_end(uow.session, year_end_id)
    if document.kind == YearEndKind.reversal or document.decided_at is not None:
        lines = list(await get_lines(uow.session, document.reverses_id or document.id))
        obstacles: list[str] = []
    else:
        lines = await make_lines(uow.session, _close_of(uow, document))
        obstacles = await _obstacles(uow, document)
    lapsing = {line.item_id: line.is_lapsing for line in lines}
    return YearEndPreview(
        **totals(lines),
        obstacles=obstacles,
        items_lapsing=sum(lapsing.values()),
        items_continuing=len(lapsing) - sum(lapsing.values()),
    )


async def delete_year_end(uow: UnitOfWork, year_end_id: UUID) -> None:
    """Remove a draft."""
    document = await _locked(uow, year_end_id)
    document.check_status(YearEndStatus.draft)
    await uow.session.delete(document)


async def submit_year_end(uow: UnitOfWork, year_end_id: UUID) -> YearEnd:
    """Close the months of the year and ask for the decision on the figures as they now are."""
    document = await _locked(uow, year_end_id)
    document.submit(by=uow.actor.user_id)
    if document.kind == YearEndKind.closing:
        await close_months(uow, document.fiscal_year)
        await _check_clear(uow, document)
        lines = await make_lines(uow.session, _close_of(uow, document))
        _assign(document, lines)
    return document


async def approve_year_end(uow: UnitOfWork, year_end_id: UUID) -> YearEnd:
    """Close the year, or undo the closing: whole or not at all."""
    document = await _locked(uow, year_end_id)
    document.decide(YearEndStatus.applied, by=uow.actor.user_id, at=uow.now())
    if document.kind == YearEndKind.reversal:
        await _reverse(uow, document)
    else:
        await _apply(uow, document)
    return document


async def reject_year_end(uow: UnitOfWork, year_end_id: UUID, reason: str) -> YearEnd:
    """Turn the document down, with the reason; months that it closed stay closed."""
    document = await _locked(uow, year_end_id)
    document.decide(YearEndStatus.rejected, by=uow.actor.user_id, at=uow.now(), remarks=reason)
    return document


async def _apply(uow: UnitOfWork, document: YearEnd) -> None:
    if await count_closed_months(uow.session, uow.actor.org_id, document.fiscal_year) < 12:
        raise YearEndMoved("A month of the year was opened again.")
    await hold_levels(uow.session, document.fiscal_year)
    await _check_clear(uow, document)
    lines = await make_lines(uow.session, _close_of(uow, document))
    if totals(lines) != {name: getattr(document, name) for name in TOTALS}:
        raise YearEndMoved
    await lapse(uow, lines, year_end_id=document.id, on=document.closing_on)
    document.postings_count = await count_postings(uow.session, _items(lines))
    uow.publish(YearEndClosed.about(document), of=document)


async def _reverse(uow: UnitOfWork, document: YearEnd) -> None:
    closing = await get_year_end(uow.session, document.reverses_id or document.id, lock=True)
    closing.check_reversible()
    await hold_levels(uow.session, document.fiscal_year)
    lines = await get_lines(uow.session, closing.id)
    if await count_postings(uow.session, _items(lines)) != closing.postings_count:
        raise NextYearUsedIt
    await restore(uow, lines, on=document.closing_on, reason=document.reason)
    closing.status = YearEndStatus.reversed
    await uow.session.flush()
    uow.publish(YearEndReversed.about(closing), of=closing)


async def _obstacles(uow: UnitOfWork, document: YearEnd) -> list[str]:
    close, found = _close_of(uow, document), []
    if certified := await sum_certified(uow.session, close):
        found.append(f"{certified} is certified and not obligated: obligate or cancel it.")
    if later := await find_later_posting(uow.session, close):
        found.append(f"{later} came later: close the year as of that day or a later one.")
    return found


async def _check_clear(uow: UnitOfWork, document: YearEnd) -> None:
    if obstacles := await _obstacles(uow, document):
        raise YearEndObstructed(" ".join(obstacles))


async def _drafted(uow: UnitOfWork, document: YearEnd) -> YearEnd:
    year, undone = document.fiscal_year, document.reverses_id
    if await find_live_year_end(uow.session, year, undone) is not None:
        raise YearClosedAlready(f"It is about {year}.")
    document.status, document.remarks, document.postings_count = YearEndStatus.draft, "", 0
    document.prepared_by = uow.actor.user_id
    uow.session.add(document)
    return document


async def _locked(uow: UnitOfWork, year_end_id: UUID) -> YearEnd:
    document = await get_year_end(uow.session, year_end_id, lock=True)
    uow.expect(document)
    return document


def _items(lines: Iterable[YearEndLine]) -> set[UUID]:
    return {line.item_id for line in lines}


def _assign(document: YearEnd, lines: Iterable[YearEndLine]) -> None:
    for name, amount in totals(lines).items():
        setattr(document, name, amount)


def _close_of(uow: UnitOfWork, document: YearEnd) -> Close:
    return Close(uow.actor.org_id, document.fiscal_year, document.closing_on)
