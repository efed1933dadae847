"""The consumer: what is delivered is applied, what is missing is fetched, nonsense ends nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from faststream.nats import NatsBroker
from nats.aio.client import Client
from nats.aio.msg import Msg

from libs.outbox import consumer as consumer_module
from libs.outbox.consumer import Consumer
from libs.outbox.event import to_cloudevent
from libs.outbox.inbox import APPLY_LOCK, Inbox
from libs.outbox.tests.reading import ADDED, MOH, Faults
from libs.tests.bus import Bus, eventually


class Elsewhere:
    """Another service's log, as its relay would tell it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.log: list[dict[str, Any]] = []
        self.nonsense: bytes | None = None
        self.asked = 0
        self.more = 0

    async def listen(self) -> None:
        await self.client.subscribe("outbox.elsewhere.head", cb=self._head)
        await self.client.subscribe("outbox.elsewhere.after", cb=self._after)

    async def add(self, *, deliver: bool) -> None:
        number = len(self.log) + 1
        row = SimpleNamespace(
            event_id=UUID(int=number),
            subject=ADDED,
            aggregate_id=uuid4(),
            aggregate_version=1,
            org_id=MOH,
            actor_id=uuid4(),
            source_seq=number,
            occurred_at=datetime.now(UTC),
            traceparent="",
            data={"title": f"Book {number}"},
        )
        self.log.append(to_cloudevent(row))
        if deliver:
            await self.send(json.dumps(self.log[-1]).encode())

    async def send(self, body: bytes) -> None:
        await self.client.jetstream().publish(ADDED, body)

    async def _head(self, message: Msg) -> None:
        self.asked += 1
        told = {
            "source_seq": len(self.log) + self.more,
            "pending": 0,
            "at": datetime.now(UTC).isoformat(),
        }
        await message.respond(self.nonsense or json.dumps(told).encode())

    async def _after(self, message: Msg) -> None:
        asked = json.loads(message.data)
        events = self.log[asked["after"] : asked["after"] + asked["limit"] + 1]
        await message.respond(json.dumps({"events": events}).encode())


@pytest.fixture
async def elsewhere(bus: Bus) -> AsyncIterator[Elsewhere]:
    client = await bus.connect()
    source = Elsewhere(client)
    await source.listen()
    yield source
    await client.close()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_module, "WATCH_SECONDS", 0.05)


@asynccontextmanager
async def consuming(inbox: Inbox, bus: Bus) -> AsyncIterator[None]:
    client, stop = await bus.connect(), asyncio.Event()
    broker = NatsBroker(bus.url, logger=None)
    consumer = Consumer("lending", broker, client, inbox)
    await consumer.start()
    watch = asyncio.create_task(consumer.watch(stop))
    try:
        yield
    finally:
        stop.set()
        await watch
        await broker.stop()
        await client.close()


async def applied(administrator: asyncpg.Connection, many: int) -> bool:
    return bool(await administrator.fetchval("SELECT count(*) FROM lending.books") == many)


async def confirmed(administrator: asyncpg.Connection, head: int) -> bool:
    found = await administrator.fetchrow(
        "SELECT applied_seq, head_seq, confirmed_at FROM lending.checkpoints"
    )
    return found is not None and tuple(found)[:2] == (head, head) and found[2] is not None


async def test_what_is_delivered_is_applied_and_confirmed(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    async with consuming(inbox, bus):
        for _ in range(5):
            await elsewhere.add(deliver=True)
        await eventually(lambda: confirmed(administrator, 5))
    assert await applied(administrator, 5)


async def test_what_was_never_delivered_is_fetched(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    async with consuming(inbox, bus):
        for number in range(7):
            await elsewhere.add(deliver=number in (0, 3, 4))
        await eventually(lambda: confirmed(administrator, 7))
    assert await applied(administrator, 7)


async def test_nonsense_on_the_stream_is_refused_for_good(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    async with consuming(inbox, bus):
        for body in (b"", b"{", b"\xff", b"[]", b"{}", b'{"id": 7, "data": {}}'):
            await elsewhere.send(body)
        await elsewhere.add(deliver=True)
        await eventually(lambda: confirmed(administrator, 1))
        info = await elsewhere.client.jetstream().consumer_info(
            "ELSEWHERE", "lending-from-elsewhere"
        )
    assert (info.num_ack_pending, info.num_redelivered) == (0, 0)


@pytest.mark.parametrize("nonsense", [b"not json", b"[]", b'{"source_seq": "many", "at": 7}'])
async def test_nonsense_from_a_source_does_not_end_the_watch(
    inbox: Inbox,
    bus: Bus,
    elsewhere: Elsewhere,
    administrator: asyncpg.Connection,
    nonsense: bytes,
) -> None:
    elsewhere.nonsense = nonsense

    async def asked_twice() -> bool:
        return elsewhere.asked > 1

    async with consuming(inbox, bus):
        await elsewhere.add(deliver=False)
        await eventually(asked_twice)
        elsewhere.nonsense = None
        await eventually(lambda: confirmed(administrator, 1))


async def test_what_fails_for_a_moment_comes_again(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    Faults.error = ConnectionResetError("gone")
    async with consuming(inbox, bus):
        await elsewhere.add(deliver=True)
        await elsewhere.add(deliver=False)
        await asyncio.sleep(0.2)
        assert await applied(administrator, 0)
        Faults.error = None
        await eventually(lambda: confirmed(administrator, 2))
    assert await applied(administrator, 2)


async def test_a_stream_that_is_gone_is_read_again(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    async with consuming(inbox, bus):
        await elsewhere.add(deliver=True)
        await eventually(lambda: confirmed(administrator, 1))
        await elsewhere.client.jetstream().delete_stream("ELSEWHERE")
        await elsewhere.add(deliver=False)
        await eventually(lambda: confirmed(administrator, 2))


async def test_an_acknowledgement_that_fails_does_no_harm(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    async with consuming(inbox, bus):
        async with administrator.transaction():
            await administrator.execute("SELECT pg_advisory_xact_lock($1)", APPLY_LOCK)
            await elsewhere.add(deliver=True)
            await eventually(lambda: somebody_waits(administrator))
            await elsewhere.client.jetstream().delete_stream("ELSEWHERE")
        await eventually(lambda: confirmed(administrator, 1))
        await elsewhere.add(deliver=False)
        await eventually(lambda: confirmed(administrator, 2))
    assert await applied(administrator, 2)


async def somebody_waits(administrator: asyncpg.Connection) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(await administrator.fetchval(waiting))


async def test_a_source_that_promises_more_than_it_has_is_not_confirmed(
    inbox: Inbox, bus: Bus, elsewhere: Elsewhere, administrator: asyncpg.Connection
) -> None:
    async def asked_often() -> bool:
        return elsewhere.asked > 3

    async with consuming(inbox, bus):
        await elsewhere.add(deliver=True)
        await eventually(lambda: confirmed(administrator, 1))
        elsewhere.more, elsewhere.asked = 1, 0
        before = "SELECT confirmed_at FROM lending.checkpoints"
        await eventually(asked_often)
        seen = await administrator.fetchval(before)
        elsewhere.asked = 0
        await eventually(asked_often)
        assert await administrator.fetchval(before) == seen
        elsewhere.more = 0
        await eventually(lambda: confirmed(administrator, 1))
