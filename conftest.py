"""Fixtures of the whole suite: one PostgreSQL for a test process, a fresh database per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import settings as examples

from deploy.local.postgres import Cluster
from deploy.local.throwaway import throwaway_cluster
from libs.chassis.testing import ROOT, Issuer, Person, ServiceDatabase
from libs.tests.databases import Databases
from libs.tests.routing import with_prepared_routes

# How long an example takes says something about the machine, nothing about the code.
examples.register_profile("untimed", deadline=None)
examples.load_profile("untimed")


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
def databases(cluster: Cluster) -> Databases:
    return Databases(cluster)


async def _lending(
    databases: Databases,
) -> AsyncIterator[Callable[[str], Awaitable[ServiceDatabase]]]:
    """Give a function that lends a fresh, migrated database of a service."""
    lent: list[ServiceDatabase] = []

    async def lend(service: str) -> ServiceDatabase:
        lent.append(await databases.lend(service))
        return lent[-1]

    yield lend
    for database in lent:
        await databases.take_back(database)


service_database = pytest.fixture(_lending, name="service_database")
lasting_database = pytest.fixture(_lending, name="lasting_database", scope="module")
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
    made: FastAPI = import_module(f"services.{service}.app").create_app(settings)
    application = with_prepared_routes(made)
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


LONG = (
    "tests/e2e/",
    "tests/contract/test_mutations.py",
    "tests/contract/test_fuzz.py",
    "services/ocm/tests/test_delivery.py",
    "services/ocm/tests/test_rebuild.py",
    "libs/tenancy/tests/test_connections.py",
    "services/identity/tests/pages/",
)
"""What takes longest, the longest first: begun last, it would be waited for by everything else."""

TOGETHER = {"lasting_database", "bmms", "obcms"}
"""What a module sets up for all of its tests: once, when one process runs them all."""


def pytest_itemcollected(item: pytest.Item) -> None:
    is_in_journey = item.path.is_relative_to(ROOT / "tests" / "e2e")  # a group of its own
    if not is_in_journey and TOGETHER & set(getattr(item, "fixturenames", ())):
        item.add_marker(pytest.mark.xdist_group(item.path.relative_to(ROOT).as_posix()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        path = item.path.relative_to(ROOT).as_posix()
        return next((nth for nth, part in enumerate(LONG) if path.startswith(part)), len(LONG))

    # Sorting is stable: among the others, the order stays the random one.
    items.sort(key=rank)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=("local", "compose", "running"),
        default="local",
        help="what the journeys run against: the embedded stack, Compose, or BMMS_URL",
    )
