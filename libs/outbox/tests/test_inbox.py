"""The inbox: each event once, whole or not at all."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase, org_id_of
from libs.outbox import inbox as inbox_module
from libs.outbox.inbox import Inbox, NotYet, subscriptions
from libs.outbox.tests.reading import ADDED, GIVEN, MOH, READERS, RENAMED, an_event, counts
from libs.outbox.uow import current_traceparent
from libs.tests.lending import Base


def test_marked_functions_are_found_by_subject() -> None:
    found = subscriptions([READERS])
    assert sorted(found) == sorted([ADDED, RENAMED, GIVEN])
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


async def test_what_is_issued_to_another_organization_is_applied_there(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    mole = org_id_of("MOLE")
    given = {"title": "A gift", "for_org_id": str(mole)}
    await inbox.apply(an_event(1, GIVEN, data=given))
    await inbox.apply_page(
        [
            an_event(2),
            an_event(3, GIVEN, data={**given, "title": "Another"}),
            an_event(4, GIVEN, data={"title": "For nobody"}),
            an_event(5),
        ]
    )
    kept = await administrator.fetch("SELECT org_id, title FROM lending.books ORDER BY title")
    assert [(book["title"], book["org_id"]) for book in kept] == [
        ("A gift", mole),
        ("Another", mole),
        ("Book 2", MOH),
        ("Book 5", MOH),
    ]
    assert await counts(administrator) == (4, 4, 5, 1)
    owners = await administrator.fetch("SELECT DISTINCT org_id FROM lending.outbox")
    assert {row["org_id"] for row in owners} == {mole, MOH}
