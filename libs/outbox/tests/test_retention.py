"""What is over goes, a little at a time; the log stays, and tells how large it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from libs.chassis.testing import ServiceDatabase
from libs.outbox import retention
from libs.outbox.inbox import Inbox
from libs.outbox.retention import tend
from libs.outbox.tests.reading import an_event, counts

AGED = """
UPDATE lending.inbox SET applied_at = applied_at - interval '91 days';
UPDATE lending.parked_events SET parked_at = parked_at - interval '401 days';
UPDATE lending.outbox SET occurred_at = occurred_at - interval '10 years';
"""
KEY = """
INSERT INTO lending.idempotency_keys (org_id, key, request_hash, status, headers, body, created_at)
VALUES (gen_random_uuid(), $1, '', 201, '{}', '', now() - $2::text::interval)
"""


@pytest.fixture
async def relay(database: ServiceDatabase) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(database.relay)
    yield engine
    await engine.dispose()


async def test_what_is_over_goes_and_is_still_never_applied_again(
    inbox: Inbox, relay: AsyncEngine, administrator: asyncpg.Connection
) -> None:
    for number in (1, 2, 4):
        await inbox.apply(an_event(number))
    await inbox.apply(an_event(3, data={"title": None}))
    await inbox.apply(an_event(6))
    assert await counts(administrator) == (4, 4, 5, 1)
    assert await tend("lending", relay) is False
    assert await counts(administrator) == (4, 4, 5, 1)

    await administrator.execute(AGED)
    assert await tend("lending", relay) is False
    # The log is kept for ever; a row before the position says that it is no gap.
    assert await counts(administrator) == (4, 4, 1, 0)
    assert await inbox.checkpoints.holes("elsewhere", until=6) == [(4, 1)]
    page = [an_event(number) for number in range(1, 7)]
    for event in page:
        await inbox.apply(event)
    await inbox.apply_page(page)
    assert await counts(administrator) == (5, 5, 2, 0)
    assert await inbox.checkpoints.applied_seq("elsewhere") == 6


async def test_answers_a_day_old_go_whoever_they_were_for(
    relay: AsyncEngine, administrator: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 2)
    for name, age in (("a", "25 hours"), ("b", "25 hours"), ("c", "25 hours"), ("d", "23 hours")):
        await administrator.execute(KEY, name, age)
    assert await tend("lending", relay) is True
    assert await tend("lending", relay) is False
    left = await administrator.fetch("SELECT key FROM lending.idempotency_keys")
    assert [row["key"] for row in left] == ["d"]


async def test_the_log_tells_how_large_it_is_and_what_waits(
    inbox: Inbox, relay: AsyncEngine, administrator: asyncpg.Connection
) -> None:
    def told(name: str) -> float:
        return REGISTRY.get_sample_value(f"bmms_outbox_{name}", {"service": "lending"}) or 0

    await tend("lending", relay)
    assert (told("events"), told("oldest_unsent_seconds")) == (0, 0)
    await inbox.apply(an_event())
    await administrator.execute(
        "UPDATE lending.outbox SET source_seq = 7, occurred_at = now() - interval '1 hour'"
    )
    await tend("lending", relay)
    assert (told("events"), told("oldest_unsent_seconds") >= 3600) == (7, True)
    assert told("bytes") > 0
    await administrator.execute("UPDATE lending.outbox SET sent_at = now()")
    await tend("lending", relay)
    assert told("oldest_unsent_seconds") == 0
