"""What fails in the inbox waits, longer each time, and is put aside at last; the log goes on."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.outbox.inbox import PARK_AFTER, RETRY_DELAYS, Inbox, NotYet
from libs.outbox.tests.reading import READERS, RENAMED, Clock, Faults, an_event, counts
from libs.tests.lending import Base


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


async def test_a_cancelled_event_is_neither_applied_nor_failed(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    Faults.error = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await inbox.apply(an_event())
    assert await counts(administrator) == (0, 0, 0, 0)
    assert inbox._failures == {}


async def test_what_another_worker_applied_meanwhile_is_not_put_aside(
    inbox: Inbox, administrator: asyncpg.Connection
) -> None:
    await inbox.apply(an_event())
    await inbox._park(an_event(), "late", 8)
    assert await counts(administrator) == (1, 1, 1, 0)
