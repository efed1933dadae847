"""Fixtures of the whole suite: one PostgreSQL for a test process, a fresh database per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from importlib import import_module
from itertools import count
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from hypothesis import settings as examples
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy.local.postgres import Cluster
from deploy.local.provision import close_database, generate_passwords, provision
from deploy.local.throwaway import throwaway_cluster
from libs.chassis.testing import Issuer, Person, ServiceDatabase, migrate

# How long an example takes says something about the machine, nothing about the code.
examples.register_profile("untimed", deadline=None)
examples.load_profile("untimed")

DRIVER = "postgresql+asyncpg"

_numbers = count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with throwaway_cluster() as running:
        yield running


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="session")
def _templates() -> dict[str, dict[str, str]]:
    return {}


async def _databases(
    cluster: Cluster, _templates: dict[str, dict[str, str]]
) -> AsyncIterator[Callable[[str], Awaitable[ServiceDatabase]]]:
    """Give a function that makes a fresh, migrated database of a service from its template."""
    made: list[str] = []

    async def make(service: str) -> ServiceDatabase:
        template = f"template_{service}"
        if service not in _templates:
            passwords = generate_passwords(service)
            await provision(cluster.admin_url("postgres"), service, passwords, database=template)
            engine = create_async_engine(
                cluster.admin_url(template, driver=DRIVER), poolclass=NullPool
            )
            async with engine.connect() as connection:
                await connection.run_sync(migrate, service)
                await connection.commit()
            await engine.dispose()
            _templates[service] = passwords
        name = f"test_{service}_{next(_numbers)}"
        # Copied as files: nothing is written ahead for a database that lives for one test.
        copy = (
            f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER {service}_owner'
            " STRATEGY FILE_COPY"
        )
        await _administer(cluster, copy)
        # A copy has neither the rights of its template nor its roles' search paths.
        await close_database(cluster.admin_url(name), service, name)
        made.append(name)
        return ServiceDatabase(
            service,
            admin=cluster.admin_url(name, driver=DRIVER),
            app=_url(cluster, _templates[service], f"{service}_app", name),
            relay=_url(cluster, _templates[service], f"{service}_relay", name),
            ro=_url(cluster, _templates[service], f"{service}_ro", name),
        )

    yield make
    for name in made:
        await _administer(cluster, f'DROP DATABASE "{name}" WITH (FORCE)')


service_database = pytest.fixture(_databases, name="service_database")
lasting_database = pytest.fixture(_databases, name="lasting_database", scope="module")
"""For a module whose tests leave each other alone, and are too many for a database each."""


@pytest.fixture
def service() -> str:
    """Name the service under test; each service's conftest overrides this."""
    raise NotImplementedError


@pytest.fixture
async def database(
    service_database: Callable[[str], Awaitable[ServiceDatabase]], service: str
) -> ServiceDatabase:
    return await service_database(service)


@pytest.fixture
async def app(database: ServiceDatabase, service: str, issuer: Issuer) -> AsyncIterator[FastAPI]:
    """Give the service's application on a fresh database, trusting the test issuer."""
    settings = import_module(f"services.{service}.settings").Settings(**database.settings())
    application: FastAPI = import_module(f"services.{service}.app").create_app(settings)
    application.state.verifier = issuer.verifier()
    yield application
    await application.state.database.close()


@pytest.fixture
async def person(app: FastAPI, issuer: Issuer) -> AsyncIterator[Callable[..., Person]]:
    """Give a function that makes a client acting as one person of an organization."""
    async with AsyncExitStack() as stack:

        def make(org: str = "MOH", **claims: Any) -> Person:
            made = Person(app, issuer, org, **claims)
            stack.push_async_callback(made.aclose)
            return made

        yield make


async def _administer(cluster: Cluster, statement: str) -> None:
    connection = await asyncpg.connect(cluster.admin_url("postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _url(cluster: Cluster, passwords: dict[str, str], role: str, database: str) -> str:
    return cluster.url(role, passwords[role], database, driver=DRIVER)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=("local", "compose", "running"),
        default="local",
        help="what the journeys run against: the embedded stack, Compose, or BMMS_URL",
    )
