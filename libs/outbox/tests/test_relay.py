"""The relay: numbers without gaps, sends in order at least once, and answers what was missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NatsTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.outbox import relay as relay_module
from libs.outbox.relay import Relay
from libs.refusals import Conflict
from libs.tenancy.actor import Actor
from libs.tests.bus import Bus, eventually
from libs.tests.lending import Book, BookLent


@pytest.fixture
async def client(bus: Bus) -> AsyncIterator[Client]:
    connected = await bus.connect()
    yield connected
    await connected.close()


@pytest.fixture
async def engine(database: ServiceDatabase) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(database.relay)
    yield made
    await made.dispose()


@asynccontextmanager
async def relaying(engine: AsyncEngine, client: Client) -> AsyncIterator[Relay]:
    relay, stop = Relay("lending", engine, client), asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:
        yield relay
    finally:
        stop.set()
        await task


async def announce(connections: Database, *, fail: bool = False) -> UUID:
    """Write one event, or begin to and roll back."""
    book = Book(id=uuid4())
    book.version = 1
    async with connections.unit_of_work(Actor.system(uuid4())) as uow:
        uow.publish(BookLent(book_id=book.id, copies=1), of=book)
        await uow.flush()
        if fail:
            raise Conflict
    return book.id


async def numbers(administrator: asyncpg.Connection) -> list[int | None]:
    rows = await administrator.fetch("SELECT source_seq FROM lending.outbox ORDER BY source_seq")
    return [row["source_seq"] for row in rows]


async def sent(administrator: asyncpg.Connection, many: int) -> bool:
    found = "SELECT count(*) FROM lending.outbox WHERE sent_at IS NOT NULL"
    return bool(await administrator.fetchval(found) == many)


async def test_concurrent_writers_get_numbers_without_gaps(
    connections: Database, engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    async def write(worker: int) -> None:
        for number in range(20):
            if (worker + number) % 4 == 0:
                with pytest.raises(Conflict):
                    await announce(connections, fail=True)
            else:
                await announce(connections)

    async with relaying(engine, client):
        await asyncio.gather(*(write(worker) for worker in range(8)))
        await eventually(lambda: sent(administrator, 120))
    assert await numbers(administrator) == list(range(1, 121))
    stream = await client.jetstream().stream_info("LENDING")
    assert stream.state.messages == 120
    rows = await administrator.fetch("SELECT stream_seq FROM lending.outbox")
    assert sorted(row["stream_seq"] for row in rows) == list(range(1, 121))


async def test_a_message_is_a_cloudevent_with_its_id(
    connections: Database, engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    book_id = await announce(connections)
    async with relaying(engine, client):
        await eventually(lambda: sent(administrator, 1))
    message = await client.jetstream().get_msg("LENDING", 1)
    told = json.loads(message.data or b"")
    assert message.subject == told["type"] == "lending.book.lent.v1"
    headers: Any = message.headers
    assert headers["Nats-Msg-Id"] == told["id"]
    assert headers["Content-Type"] == "application/cloudevents+json"
    assert told["data"] == {"book_id": str(book_id), "copies": 1}


async def test_what_was_sent_twice_is_there_once(
    connections: Database, engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    await announce(connections)
    async with relaying(engine, client):
        await eventually(lambda: sent(administrator, 1))
        await administrator.execute("UPDATE lending.outbox SET sent_at = NULL, stream_seq = NULL")
        await eventually(lambda: sent(administrator, 1))
    assert (await client.jetstream().stream_info("LENDING")).state.messages == 1
    assert await administrator.fetchval("SELECT stream_seq FROM lending.outbox") == 1


async def test_one_relay_is_active_and_the_next_takes_over(
    connections: Database, engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    async with relaying(engine, client) as first:
        await eventually(lambda: _is(first, active=True))
        async with relaying(engine, client) as second:
            await announce(connections)
            await eventually(lambda: sent(administrator, 1))
            assert (first.is_active, second.is_active) == (True, False)
            await administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND granted"
            )
            await announce(connections)
            await eventually(lambda: sent(administrator, 2))
            assert first.is_active != second.is_active
    assert await numbers(administrator) == [1, 2]


async def _is(relay: Relay, *, active: bool) -> bool:
    return relay.is_active is active


async def test_a_relay_waits_for_a_bus_that_is_away(
    connections: Database,
    engine: AsyncEngine,
    bus: Bus,
    client: Client,
    administrator: asyncpg.Connection,
) -> None:
    async with relaying(engine, client):
        await announce(connections)
        await eventually(lambda: sent(administrator, 1))
        bus.kill()
        await announce(connections)
        await bus.start()
        await eventually(lambda: sent(administrator, 2))
    assert (await client.jetstream().stream_info("LENDING")).state.messages == 2


async def test_a_stream_that_is_gone_is_made_again(
    connections: Database, engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    async with relaying(engine, client):
        await announce(connections)
        await eventually(lambda: sent(administrator, 1))
        await client.jetstream().delete_stream("LENDING")
        await announce(connections)
        await eventually(lambda: sent(administrator, 2))
    assert (await client.jetstream().stream_info("LENDING")).state.messages == 1


async def ask(client: Client, address: str, question: Any, **options: Any) -> Any:
    answer = await client.request(address, json.dumps(question).encode(), **options)
    return json.loads(answer.data)


async def test_the_head_tells_what_has_no_number_yet(
    connections: Database, engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    await administrator.execute("SELECT pg_advisory_lock($1)", relay_module.LOCK_KEY)
    async with relaying(engine, client) as standing_by:
        await eventually(lambda: _stands_by(standing_by))
        empty = await ask(client, "outbox.lending.head", {})
        assert (empty["source_seq"], empty["pending"]) == (0, 0)
        for _ in range(3):
            await announce(connections)
        waiting = await ask(client, "outbox.lending.head", {})
        assert (waiting["source_seq"], waiting["pending"]) == (0, 3)
    await administrator.execute("SELECT pg_advisory_unlock($1)", relay_module.LOCK_KEY)
    async with relaying(engine, client):
        await eventually(lambda: sent(administrator, 3))
        head = await ask(client, "outbox.lending.head", {})
    assert (head["source_seq"], head["pending"]) == (3, 0)
    assert empty["at"] < waiting["at"] < head["at"]
    oldest = await administrator.fetchval("SELECT min(occurred_at) FROM lending.outbox")
    assert datetime.fromisoformat(waiting["at"]) == oldest, "fresh only up to what has no number"


async def _stands_by(relay: Relay) -> bool:
    return relay.is_standing_by


async def test_what_was_missed_is_told_in_order_and_in_portions(
    connections: Database,
    engine: AsyncEngine,
    client: Client,
    administrator: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = "outbox.lending.after"

    def told(answer: dict[str, Any]) -> list[int]:
        return [event["sequence"] for event in answer["events"]]

    async with relaying(engine, client):
        for _ in range(5):
            await announce(connections)
        await eventually(lambda: sent(administrator, 5))
        everything = await ask(client, address, {"after": 0, "limit": 500})
        assert told(everything) == [1, 2, 3, 4, 5]
        assert told(await ask(client, address, {"after": 2, "limit": 2})) == [3, 4]
        assert told(await ask(client, address, {"after": 5, "limit": 500})) == []
        monkeypatch.setattr(relay_module, "ANSWER_BYTES", 900)
        assert told(await ask(client, address, {"after": 0, "limit": 500})) == [1]


async def test_without_its_database_a_relay_does_not_answer(
    engine: AsyncEngine, client: Client, administrator: asyncpg.Connection
) -> None:
    async with relaying(engine, client) as relay:
        await eventually(lambda: _is(relay, active=True))
        await administrator.execute("ALTER TABLE lending.outbox RENAME TO gone")
        try:
            for address, question in (("head", {}), ("after", {"after": 0, "limit": 1})):
                with pytest.raises(NatsTimeout):
                    await ask(client, f"outbox.lending.{address}", question, timeout=0.5)
        finally:
            await administrator.execute("ALTER TABLE lending.gone RENAME TO outbox")
        assert (await ask(client, "outbox.lending.head", {}))["source_seq"] == 0
