"""Lending's database and application as fixtures, for the tests of every lib."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count

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
from libs.tests.lending import migrate_lending
from libs.tests.lending_http import create_app

DRIVER = "postgresql+asyncpg"
TEMPLATE = "template_lending"

_numbers = count(1)


@pytest.fixture(scope="session")
async def lending_passwords(cluster: Cluster) -> dict[str, str]:
    """Make the template of lending's databases, once."""
    passwords = generate_passwords("lending")
    await provision(cluster.admin_url("postgres"), "lending", passwords, database=TEMPLATE)
    engine = create_async_engine(cluster.admin_url(TEMPLATE, driver=DRIVER), poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate_lending)
        await connection.commit()
    await engine.dispose()
    return passwords


@pytest.fixture
async def database(
    cluster: Cluster, lending_passwords: dict[str, str]
) -> AsyncIterator[ServiceDatabase]:
    """Give a fresh database of lending."""
    name = f"test_lending_{next(_numbers)}"
    admin = await asyncpg.connect(cluster.admin_url("postgres"))
    await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} OWNER lending_owner')
    await provision(cluster.admin_url("postgres"), "lending", lending_passwords, database=name)

    def url(suffix: str) -> str:
        role = f"lending_{suffix}"
        return cluster.url(role, lending_passwords[role], name, driver=DRIVER)

    yield ServiceDatabase(
        "lending",
        admin=cluster.admin_url(name, driver=DRIVER),
        app=url("app"),
        relay=url("relay"),
        ro=url("ro"),
    )
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


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
