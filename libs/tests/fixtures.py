"""Lending's database and application as fixtures, for the tests of every lib."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.local.postgres import Cluster
from deploy.local.provision import generate_passwords, provision
from libs.chassis.database import Database
from libs.chassis.settings import ServiceSettings
from libs.chassis.testing import Issuer, ServiceDatabase
from libs.tests.bus import Bus
from libs.tests.lending import Base, migrate_lending
from libs.tests.lending_http import create_app

DRIVER = "postgresql+asyncpg"
NAME = "test_lending"
EMPTY = f"TRUNCATE {', '.join(sorted(Base.metadata.tables))} RESTART IDENTITY"


@pytest.fixture(scope="session")
def lending_passwords() -> dict[str, str]:
    """Give the passwords of lending's roles, which belong to the whole cluster."""
    return generate_passwords("lending")


@pytest.fixture(scope="session")
async def lending(cluster: Cluster, lending_passwords: dict[str, str]) -> ServiceDatabase:
    """Give the one database of lending, provisioned and migrated as a service's is."""
    passwords = lending_passwords
    await provision(cluster.admin_url("postgres"), "lending", passwords, database=NAME)
    admin = cluster.admin_url(NAME, driver=DRIVER)
    engine = create_async_engine(admin, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate_lending)
    await engine.dispose()

    def url(suffix: str) -> str:
        role = f"lending_{suffix}"
        return cluster.url(role, passwords[role], NAME, driver=DRIVER)

    return ServiceDatabase("lending", admin=admin, app=url("app"), relay=url("relay"), ro=url("ro"))


@pytest.fixture
async def database(lending: ServiceDatabase) -> ServiceDatabase:
    """Give lending's database with nothing in it."""
    connection = await asyncpg.connect(lending.admin.replace("+asyncpg", ""))
    await connection.execute(EMPTY)
    await connection.close()
    return lending


@pytest.fixture
async def administrator(database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that no policy binds."""
    connection = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    yield connection
    await connection.close()


@pytest.fixture
async def connections(database: ServiceDatabase) -> AsyncIterator[Database]:
    """Give the application's own connections."""
    opened = Database(database.app)
    yield opened
    await opened.close()


@pytest.fixture
async def app(database: ServiceDatabase, issuer: Issuer) -> AsyncIterator[FastAPI]:
    """Give lending over HTTP."""
    application = create_app(ServiceSettings.model_validate(database.settings()))
    application.state.verifier = issuer.verifier()
    yield application
    await application.state.database.close()


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    """Give an event bus of its own."""
    server = Bus(tmp_path / "nats")
    await server.start()
    yield server
    server.kill()
