"""Ocm's tests run on the ocm application with its read-only login, and on its real worker parts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI

from deploy.local.postgres import Cluster
from libs.chassis.database import Database
from libs.chassis.testing import Issuer, Person, ServiceDatabase
from libs.outbox.inbox import Inbox
from libs.tests.bus import Bus
from libs.tests.routing import with_prepared_routes
from services.ocm.app import create_app
from services.ocm.db import Base
from services.ocm.settings import Settings
from services.ocm.tests.backbone import SOURCES, Source, Sources
from services.ocm.tests.factories import Teller
from services.ocm.worker import SUBSCRIBERS


@pytest.fixture
def service() -> str:
    return "ocm"


@pytest.fixture
async def app(database: ServiceDatabase, issuer: Issuer) -> AsyncIterator[FastAPI]:
    settings = Settings(**database.settings(database_url=database.ro))
    application = with_prepared_routes(create_app(settings))
    application.state.verifier = issuer.verifier()
    yield application
    await application.state.database.close()


@pytest.fixture
async def worker_database(database: ServiceDatabase) -> AsyncIterator[Database]:
    opened = Database(database.app)
    yield opened
    await opened.close()


@pytest.fixture
def inbox(worker_database: Database) -> Inbox:
    return Inbox(Base.metadata, worker_database.sessions, SUBSCRIBERS)


@pytest.fixture
def tell(inbox: Inbox) -> Teller:
    """Give a voice of all five contexts, heard by the real subscribers."""
    return Teller(inbox)


@pytest.fixture
def analyst(person: Callable[..., Person]) -> Person:
    return person("OCM", permissions=["*.*.read", "oversight.*.read"])


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    server = Bus(tmp_path / "nats")
    await server.start()
    yield server
    server.kill()


@pytest.fixture
async def sources(cluster: Cluster, bus: Bus) -> AsyncIterator[Sources]:
    """Give the five sources, with relays at work."""
    admin = await asyncpg.connect(cluster.admin_url("postgres"))
    running, stop = Sources(), asyncio.Event()
    async with AsyncExitStack() as stack:
        for source in SOURCES:
            name = f"{source}_{bus.port}"
            await admin.execute(f"CREATE DATABASE {name}")
            stack.push_async_callback(admin.execute, f"DROP DATABASE {name} WITH (FORCE)")
            url = cluster.admin_url(name, driver="postgresql+asyncpg")
            running[source] = Source(source, url, bus, stop)
            await stack.enter_async_context(running[source].relaying())
        yield running
        stop.set()
    await admin.close()
