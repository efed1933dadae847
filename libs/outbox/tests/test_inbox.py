"""The inbox: each event once, whole or not at all; what fails waits, then is put aside."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase, org_id_of
from libs.outbox import inbox as inbox_module
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import (
    PARK_AFTER,
    RETRY_DELAYS,
    Inbox,
    NotYet,
    subscriber,
    subscriptions,
)
from libs.outbox.uow import UnitOfWork, current_traceparent
from libs.tests.lending import Base, Book, BookLent

MOH = org_id_of("MOH")
ADDED = "elsewhere.book.added.v1"
RENAMED = "elsewhere.book.renamed.v1"


class AddedBook(BaseModel):
    """The one field that is read here."""

    title: str


class Faults:
    """What the next event meets."""

    error: BaseException | None = None


@subscriber(ADDED, RENAMED)
async def remember_book(event: AddedBook, uow: UnitOfWork, meta: EventMeta) -> None:
    book = Book(
        title=event.title,
        copies=meta.aggregate_version,
        price_amount=1,
        bought_on=date(2026, 3, 31),
        read_at=meta.occurred_at,
        shelf_id=meta.aggregate_id,
    )
    uow.session.add(book)
    uow.publish(BookLent(book_id=uuid4(), copies=1), of=book)
    if Faults.error is not None:
        raise Faults.error


@subscriber(RENAMED)
async def count_rename(event: AddedBook, uow: UnitOfWork) -> None:
    assert uow.actor.org_id == MOH
    assert current_traceparent.get() == "a trace"


def not_async(event: AddedBook, uow: UnitOfWork) -> None: ...


READERS = ModuleType("readers")
READERS.remember_book = remember_book  # type: ignore[attr-defined]
READERS.count_rename = count_rename  # type: ignore[attr-defined]
READERS.not_async = subscriber(ADDED)(not_async)  # type: ignore[attr-defined, type-var]
READERS.number = 7  # type: ignore[attr-defined]


class Clock:
    """The inbox's clock, moved by a test."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(inbox_module, "time", made)
    return made


@pytest.fixture(autouse=True)
def _no_faults() -> None:
    Faults.error = None


@pytest.fixture
def inbox(connections: Database) -> Inbox:
    return Inbox(Base.metadata, connections.sessions, [READERS])


def an_event(number: int = 1, subject: str = ADDED, **changes: Any) -> ReceivedEvent:
    data = changes.pop("data", {"title": f"Book {number}", "isbn": "unread"})
    told: dict[str, Any] = {
        "event_id": UUID(int=number),
        "source": "elsewhere",
        "source_seq": number,
        "subject": subject,
        "org_id": MOH,
        "actor_id": uuid4(),
        "aggregate_id": uuid4(),
        "aggregate_version": 3,
        "occurred_at": datetime(2026, 3, 31, tzinfo=UTC),
        "traceparent": "a trace",
    }
    return ReceivedEvent(EventMeta(**{**told, **changes}), data)


async def counts(administrator: asyncpg.Connection) -> tuple[int, ...]:
    tables = ("books", "outbox", "inbox", "parked_events")
    return tuple(
        [await administrator.fetchval(f"SELECT count(*) FROM lending.{name}") for name in tables]
    )


def test_marked_functions_are_found_by_subject() -> None:
    found = subscriptions([READERS])
    assert sorted(found) == [ADDED, RENAMED]
    assert [len(found[subject]) for subject in (ADDED, RENAMED)] == [1, 2]


async def test_the_sources_are_those_of_the_subjects(inbox: Inbox) -> None:
    assert inbox.sources == ["elsewhere"]


async def test_an_event_is_applied_with_its_inbox_row_and_what_it_announces(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await inbox.apply(an_event())
    assert await counts(administrator) == (1, 1, 1, 0)
    book = await administrator.fetchrow("SELECT * FROM lending.books")
    assert (book["org_id"], book["title"], book["copies"]) == (MOH, "Book 1", 3)
    assert await administrator.fetchval("SELECT traceparent FROM lending.outbox") == "a trace"
    assert await inbox.checkpoints.applied_seq("elsewhere") == 1
    assert current_traceparent.get() == ""


async def test_an_event_is_applied_once_however_often_it_comes(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    for _ in range(3):
        await inbox.apply(an_event())
    assert await counts(administrator) == (1, 1, 1, 0)


async def test_an_event_that_comes_twice_at_once_is_applied_once(
    connections: Database, administrator: asyncpg.Connection
) -> None:
    workers = [Inbox(Base.metadata, connections.sessions, [READERS]) for _ in range(4)]
    await asyncio.gather(*(worker.apply(an_event()) for worker in workers))
    assert await counts(administrator) == (1, 1, 1, 0)


async def test_an_event_that_nobody_reads_is_seen(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await inbox.apply(an_event(subject="elsewhere.book.burnt.v1"))
    assert await counts(administrator) == (0, 0, 1, 0)
    assert await inbox.checkpoints.applied_seq("elsewhere") == 1


async def test_two_functions_of_one_subject_stand_or_fall_together(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await inbox.apply(an_event(subject=RENAMED))
    assert await counts(administrator) == (1, 1, 1, 0)
    with pytest.raises(NotYet):
        await inbox.apply(an_event(2, RENAMED, org_id=org_id_of("MOLE")))
    assert await counts(administrator) == (1, 1, 1, 0)


async def test_data_that_the_model_does_not_take_is_put_aside_at_once(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await inbox.apply(an_event(data={"title": ["secret"]}))
    assert await counts(administrator) == (0, 0, 1, 1)
    parked = await administrator.fetchrow("SELECT * FROM lending.parked_events")
    assert "title" in parked["reason"]
    assert "secret" not in parked["reason"]
    assert parked["attempts"] == 1
    await inbox.apply(an_event(2))
    assert await inbox.checkpoints.applied_seq("elsewhere") == 2, "the log goes on"


async def test_a_failure_waits_longer_each_time_and_is_put_aside_at_last(
    inbox: Inbox, administrator: asyncpg.Connection, clock: Clock
) -> None:
    Faults.error = RuntimeError("no")
    delays = []
    for _ in range(PARK_AFTER - 1):
        with pytest.raises(NotYet) as told:
            await inbox.apply(an_event())
        delays.append(told.value.delay)
        with pytest.raises(NotYet) as sooner:
            await inbox.apply(an_event())
        assert sooner.value.delay == told.value.delay, "too early: not tried"
        clock.now += told.value.delay
    assert delays == [*RETRY_DELAYS, RETRY_DELAYS[-1], RETRY_DELAYS[-1]]
    assert await counts(administrator) == (0, 0, 0, 0)
    await inbox.apply(an_event())
    assert await counts(administrator) == (0, 0, 1, 1)
    assert inbox._failures == {}


async def test_a_failure_that_passes_leaves_no_trace(
    inbox: Inbox, administrator: asyncpg.Connection, clock: Clock
) -> None:
    Faults.error = RuntimeError("no")
    with pytest.raises(NotYet):
        await inbox.apply(an_event())
    Faults.error = None
    clock.now += 1
    await inbox.apply(an_event())
    assert await counts(administrator) == (1, 1, 1, 0)
    assert inbox._failures == {}


class Coded(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError("gone"),
        PoolTimeout("busy"),
        DBAPIError("SELECT 1", {}, Coded("deadlock")),
        DBAPIError("SELECT 1", {}, Exception("gone"), connection_invalidated=True),
        asyncpg.PostgresConnectionError("gone"),
    ],
)
async def test_a_fault_of_the_database_is_none_of_the_events(
    inbox: Inbox, clock: Clock, error: Exception
) -> None:
    Faults.error = error
    for _ in range(PARK_AFTER + 2):
        with pytest.raises(NotYet) as told:
            await inbox.apply(an_event())
        assert told.value.delay == 1
    assert inbox._failures == {}


async def test_what_cannot_even_be_put_aside_is_tried_again(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await administrator.execute("REVOKE INSERT ON lending.parked_events FROM lending_app")
    try:
        with pytest.raises(NotYet):
            await inbox.apply(an_event(data={}))
        assert await counts(administrator) == (0, 0, 0, 0)
    finally:
        await administrator.execute("GRANT INSERT ON lending.parked_events TO lending_app")


async def test_a_page_is_applied_whole_and_once(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    page = [an_event(number) for number in range(1, 6)]
    await inbox.apply(page[2])
    await inbox.apply_page(page)
    await inbox.apply_page(page)
    assert await counts(administrator) == (5, 5, 5, 0)
    assert await inbox.checkpoints.applied_seq("elsewhere") == 5
    await inbox.apply_page([])


async def test_one_bad_event_does_not_hold_up_its_page(
    inbox: Inbox, administrator: asyncpg.Connection, clock: Clock
) -> None:
    page = [an_event(1), an_event(2, data={}), an_event(3)]
    await inbox.apply_page(page)
    assert await counts(administrator) == (2, 2, 3, 1)
    bad = an_event(4, RENAMED, org_id=org_id_of("MOLE"))
    with pytest.raises(NotYet):
        await inbox.apply_page([bad, an_event(5)])
    with pytest.raises(NotYet):
        await inbox.apply_page([bad, an_event(5)])
    assert await counts(administrator) == (3, 3, 4, 1)
    assert await inbox.checkpoints.applied_seq("elsewhere") == 3
    assert await inbox.checkpoints.holes("elsewhere", until=6) == [(3, 1), (5, 1)]


async def test_beside_the_live_tables_nobody_waits_for_a_second_attempt(
    connections: Database, administrator: asyncpg.Connection
) -> None:
    beside = Inbox(Base.metadata, connections.sessions, [READERS], beside="lending")
    Faults.error = RuntimeError("no")
    await beside.apply(an_event())
    assert await counts(administrator) == (0, 0, 1, 1)


async def test_nothing_is_applied_while_the_tables_are_swapped(
    inbox: Inbox, database: ServiceDatabase, administrator: asyncpg.Connection
) -> None:
    swapper = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    async with swapper.transaction():
        await swapper.execute("SELECT pg_advisory_xact_lock($1)", inbox_module.APPLY_LOCK)
        applying = asyncio.create_task(inbox.apply(an_event()))
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not await administrator.fetchval(waiting):
            assert not applying.done()
        assert await counts(administrator) == (0, 0, 0, 0)
    await applying
    await swapper.close()
    assert await counts(administrator) == (1, 1, 1, 0)


async def test_a_cancelled_event_is_neither_applied_nor_failed(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    Faults.error = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await inbox.apply(an_event())
    assert await counts(administrator) == (0, 0, 0, 0)
    assert inbox._failures == {}


async def test_holes_are_found_and_positions_never_go_back(inbox: Inbox) -> None:
    for number in (1, 2, 5, 9):
        await inbox.apply(an_event(number))
    assert await inbox.checkpoints.applied_seq("elsewhere") == 2
    assert await inbox.checkpoints.holes("elsewhere", until=10) == [(2, 2), (5, 3), (9, 1)]
    for number in (3, 4):
        await inbox.apply(an_event(number))
    assert await inbox.checkpoints.applied_seq("elsewhere") == 5
    await inbox.checkpoints.confirm("elsewhere", head_seq=10, at=None)
    assert await inbox.checkpoints.applied_seq("elsewhere") == 5
    assert await inbox.checkpoints.applied_seq("nowhere") == 0


async def test_what_another_worker_applied_meanwhile_is_not_put_aside(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await inbox.apply(an_event())
    await inbox._park(an_event(), "late", 8)
    assert await counts(administrator) == (1, 1, 1, 0)
