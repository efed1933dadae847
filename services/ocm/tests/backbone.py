"""A real event backbone for tests: sources with real outboxes and relays, and a listening ocm."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from faststream.nats import NatsBroker
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateSchema

from libs.outbox.consumer import Consumer
from libs.outbox.event import ReceivedEvent
from libs.outbox.inbox import Inbox
from libs.outbox.relay import Relay
from libs.outbox.tables import outbox_tables
from libs.tenancy.rows import tenant_metadata
from libs.tests.bus import Bus, quiet

SOURCES = ("budgeting", "coordination", "identity", "mana", "planning")


class Source:
    """One service's outbox in a database of its own, with its relay."""

    def __init__(self, name: str, url: str, bus: Bus, stop: asyncio.Event) -> None:
        self.name = name
        self._engine: AsyncEngine = create_async_engine(url)
        self._bus, self._stop = bus, stop
        metadata = tenant_metadata(name)
        outbox_tables(metadata)
        self._outbox = metadata.tables[f"{name}.outbox"]

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[None]:
        async with self._engine.begin() as connection:
            await connection.execute(CreateSchema(self.name))
            await connection.run_sync(self._outbox.create)
        client = await self._bus.connect()
        relay = asyncio.create_task(Relay(self.name, self._engine, client).run(self._stop))
        try:
            yield
        finally:
            self._stop.set()
            await relay
            await client.close()
            await self._engine.dispose()

    async def announce(self, event: ReceivedEvent) -> None:
        row = {name: getattr(event.meta, name) for name in _WRITTEN}
        async with self._engine.begin() as connection:
            await connection.execute(insert(self._outbox).inline(), {**row, "data": event.data})

    async def run(self, statement: str) -> Any:
        """Run one statement as the administrator of the source."""
        async with self._engine.begin() as connection:
            result = await connection.execute(text(statement))
            return result.all() if result.returns_rows else None


class Sources(dict[str, Source]):
    """The five sources of ocm by name."""

    async def announce(self, events: Iterable[ReceivedEvent]) -> None:
        """Write events into their outboxes, each in its own transaction."""
        for event in events:
            await self[event.meta.source].announce(event)


_WRITTEN = (
    "event_id",
    "org_id",
    "actor_id",
    "subject",
    "aggregate_id",
    "aggregate_version",
    "traceparent",
    "occurred_at",
)


@asynccontextmanager
async def listening(inbox: Inbox, bus: Bus) -> AsyncIterator[None]:
    """Run ocm's consumer with its watch, as its worker does."""
    client, stop = await bus.connect(), asyncio.Event()
    broker = NatsBroker(bus.url, logger=None, max_reconnect_attempts=-1, error_cb=quiet)
    consumer = Consumer("ocm", broker, client, inbox)
    await consumer.start()
    watch = asyncio.create_task(consumer.watch(stop))
    try:
        yield
    finally:
        stop.set()
        await watch
        await broker.stop()
        await client.close()
