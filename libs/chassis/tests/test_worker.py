"""The worker: relays, applies, tells how it is, and ends when told, leaving nothing open."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from pydantic import BaseModel

from deploy.local.ports import find_free_port
from libs.chassis import worker
from libs.chassis.database import Database
from libs.chassis.settings import ServiceSettings
from libs.chassis.testing import ISSUER, ServiceDatabase, org_id_of
from libs.outbox.event import EventMeta, to_cloudevent
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from libs.tests.bus import Bus, answers, eventually
from libs.tests.lending import Base, Book, BookLent

ADDED = "elsewhere.book.added.v1"
NOWHERE = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"


class AddedBook(BaseModel):
    """What is read of it."""

    title: str


@subscriber(ADDED)
async def remember_book(event: AddedBook, uow: UnitOfWork, meta: EventMeta) -> None:
    book = Book(title=event.title, copies=1, price_amount=1, bought_on=date(2026, 3, 31))
    book.read_at, book.shelf_id = meta.occurred_at, meta.aggregate_id
    uow.session.add(book)


READERS = ModuleType("readers")
READERS.remember_book = remember_book  # type: ignore[attr-defined]


def settings_for(database: ServiceDatabase, bus: Bus, port: int) -> ServiceSettings:
    told = database.settings(nats_url=bus.url, worker_port=str(port))
    return ServiceSettings.model_validate(told)


def an_announcement() -> bytes:
    row = SimpleNamespace(
        event_id=uuid4(),
        subject=ADDED,
        aggregate_id=uuid4(),
        aggregate_version=1,
        org_id=org_id_of("MOH"),
        actor_id=uuid4(),
        source_seq=1,
        occurred_at=datetime.now(UTC),
        traceparent="",
        data={"title": "From elsewhere"},
    )
    return json.dumps(to_cloudevent(row)).encode()


async def tells_that_it_works(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as health:
        await eventually(lambda: answers(port))

        async def is_ready() -> bool:
            return (await health.get("/health/ready")).status_code == 200

        await eventually(is_ready)
        live = (await health.get("/health/live")).json()
        assert live == {"status": "live", "service": "lending", "relay": True}
        assert "bmms_http_requests_total" in (await health.get("/metrics")).text


async def test_a_worker_relays_applies_and_ends_when_told(
    database: ServiceDatabase,
    bus: Bus,
    connections: Database,
    administrator: asyncpg.Connection,
) -> None:
    port = find_free_port()
    work = asyncio.create_task(
        worker._until_told(
            worker._work(
                "lending",
                settings_for(database, bus, port),
                Base.metadata,
                subscribers=[READERS],
                duties=[],
            )
        )
    )
    client = await bus.connect()
    await tells_that_it_works(port)

    book: Any = Book(id=uuid4())
    book.version = 1
    async with connections.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        uow.publish(BookLent(book_id=book.id, copies=1), of=book)
    await client.jetstream().publish(ADDED, an_announcement())
    await eventually(lambda: found(administrator, "outbox WHERE sent_at IS NOT NULL"))
    await eventually(lambda: found(administrator, "books WHERE title = 'From elsewhere'"))

    signal.raise_signal(signal.SIGTERM)
    await work
    assert not await answers(port)
    left = "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('lending_relay', 'lending_app')"
    await connections.close()
    await eventually(lambda: nothing(administrator, left))
    await client.close()


async def test_a_duty_is_done_again_at_once_while_there_is_more_and_survives_a_fault(
    connections: Database,
) -> None:
    stop, seen = asyncio.Event(), []

    async def work(database: Database) -> bool:
        seen.append(database)
        if len(seen) == 2:
            raise ValueError("a fault")
        if len(seen) == 4:
            stop.set()
        return len(seen) == 1

    await worker.every(0.01, work)(connections, stop)
    assert seen == [connections] * 4


async def found(administrator: asyncpg.Connection, what: str) -> bool:
    return bool(await administrator.fetchval(f"SELECT count(*) FROM lending.{what}") == 1)


async def nothing(administrator: asyncpg.Connection, statement: str) -> bool:
    return bool(await administrator.fetchval(statement) == 0)


async def test_a_worker_that_finds_no_bus_ends_when_told(database: ServiceDatabase) -> None:
    away = SimpleNamespace(url="nats://127.0.0.1:1")
    settings = settings_for(database, away, find_free_port())  # type: ignore[arg-type]
    work = asyncio.create_task(
        worker._until_told(
            worker._work("lending", settings, Base.metadata, subscribers=[], duties=[])
        )
    )
    await asyncio.sleep(0.05)
    signal.raise_signal(signal.SIGTERM)
    await work


async def test_a_worker_may_end_before_its_health_is_served() -> None:
    server = worker._health_server("lending", find_free_port(), SimpleNamespace())  # type: ignore[arg-type]
    serving = asyncio.create_task(server.serve_until_cancelled())
    await asyncio.sleep(0)
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    assert not server.started


def test_a_process_without_subscribers_or_database_lives_until_it_is_told(tmp_path: Path) -> None:
    bus, port = Bus(tmp_path / "nats"), find_free_port()
    bus.launch()
    told: list[int] = []

    def stop_when_live() -> None:
        async def look() -> None:
            await eventually(lambda: answers(port))
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as health:
                told.append((await health.get("/health/live")).status_code)
                told.append((await health.get("/health/ready")).status_code)

        asyncio.run(look())
        os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=stop_when_live)
    settings = ServiceSettings(
        database_url=NOWHERE,
        relay_database_url=NOWHERE,
        issuer=ISSUER,
        jwks_url=f"{ISSUER}/jwks",
        nats_url=bus.url,
        worker_port=port,
        log_level="ERROR",
    )
    watcher.start()
    worker.run_worker("lending", settings, Base.metadata)
    watcher.join()
    bus.kill()
    assert told == [200, 503]
