"""A real event backbone for tests: a NATS server, and sources with real outboxes and relays."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import nats
from faststream.nats import NatsBroker
from nats.aio.client import Client
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.schema import CreateSchema

from deploy.local.ports import find_free_port
from libs.outbox.consumer import Consumer
from libs.outbox.event import ReceivedEvent
from libs.outbox.inbox import Inbox
from libs.outbox.relay import Relay
from libs.outbox.tables import outbox_tables
from libs.tenancy.rows import tenant_metadata

SOURCES = ("budgeting", "coordination", "identity", "mana", "planning")
PATIENCE_SECONDS = 60


async def _quiet(_error: Exception) -> None:
    """Say nothing of a server that a test has killed on purpose."""


class Nats:
    """One NATS server on a free loopback port; `kill` leaves its files for the next `start`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = find_free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._server: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        program = str(Path(sys.executable).with_name("nats-server"))
        where = ("-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self._folder))
        self._server = await asyncio.create_subprocess_exec(
            program, *where, "-js", stderr=subprocess.DEVNULL
        )
        await eventually(self._answers)

    async def kill(self) -> None:
        if self._server is not None and self._server.returncode is None:
            self._server.kill()
            await self._server.wait()

    async def connect(self) -> Client:
        return await nats.connect(self.url, max_reconnect_attempts=-1, error_cb=_quiet)

    async def _answers(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False


class Source:
    """One service's outbox in a database of its own, with its relay."""

    def __init__(self, name: str, url: str, bus: Nats, stop: asyncio.Event) -> None:
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
async def listening(inbox: Inbox, bus: Nats) -> AsyncIterator[None]:
    """Run ocm's consumer with its watch, as its worker does."""
    client, stop = await bus.connect(), asyncio.Event()
    broker = NatsBroker(bus.url, logger=None, max_reconnect_attempts=-1, error_cb=_quiet)
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


async def eventually(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so; the patience is for a stuck test, not a measure."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await is_so():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.05)
