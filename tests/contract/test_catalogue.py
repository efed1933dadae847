"""Every table of every database keeps the rules of isolation, by its catalogue and in behaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from libs.chassis.testing import ServiceDatabase
from tests.contexts import PRESENT, tenant_tables
from tests.contract.probes import leaks, plant
from tests.contract.rules import broken_rules

pytestmark = pytest.mark.parametrize("service", PRESENT)


@pytest.fixture
async def connection(
    service: str, service_database: Callable[[str], Awaitable[ServiceDatabase]]
) -> AsyncIterator[asyncpg.Connection]:
    made = await service_database(service)
    opened = await asyncpg.connect(made.admin.replace("+asyncpg", ""))
    yield opened
    await opened.close()


async def test_the_catalogue_keeps_every_rule(service: str, connection: asyncpg.Connection) -> None:
    assert await broken_rules(connection, service) == []


async def test_no_role_crosses_the_fence(service: str, connection: asyncpg.Connection) -> None:
    fence = await plant(connection, service)
    assert tenant_tables(service) <= set(fence.columns)
    assert await leaks(fence) == []
