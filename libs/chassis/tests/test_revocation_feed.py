"""The feed: what identity revokes reaches every application, and silence is noticed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from nats.aio.client import Client
from nats.aio.msg import Msg

from libs.chassis import revocation_feed
from libs.chassis.database import Database
from libs.chassis.http import install
from libs.chassis.revocation_feed import ALIVE, LIVE, MADE, Feed, Told, broadcasting
from libs.chassis.settings import ServiceSettings
from libs.chassis.testing import Person, ServiceDatabase
from libs.tenancy.actor import Actor
from libs.tenancy.denials import DenySet
from libs.tests.bus import Bus, eventually
from libs.tests.lending import Base
from libs.tests.lending_http import BOOKS, create_app

ACTOR = Actor(uuid4(), uuid4(), "MOH", session_id=str(uuid4()), issued_at=time.time() - 1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation_feed, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(revocation_feed, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr(revocation_feed, "ANSWER_SECONDS", 30.0)


def a_revocation(**whose: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "id": str(uuid4()),
        "session_id": None,
        "user_id": str(ACTOR.user_id),
        "org_id": None,
        "issued_before": now.isoformat(),
        "expires_at": (now + timedelta(minutes=10)).isoformat(),
        **whose,
    }


class Register:
    """What identity's worker would read from its database; `fails` plays a database away."""

    def __init__(self) -> None:
        self.recent: Told | None = []
        self.live: Told = []
        self.fails = False
        self.asked: list[str | None] = []

    async def tell_recent(self, _database: Database, _span: timedelta) -> Told | None:
        if self.fails:
            raise OSError("the database is away")
        return self.recent

    async def tell_live(self, _database: Database, after: str | None) -> Told:
        self.asked.append(after)
        ids = [each["id"] for each in self.live]
        start = ids.index(after) + 1 if after else 0
        return self.live[start : start + 2]


@asynccontextmanager
async def telling(bus: Bus, register: Register) -> AsyncIterator[None]:
    stop = asyncio.Event()
    duty = broadcasting(bus.url, register.tell_recent, register.tell_live)
    database: Any = None
    task = asyncio.create_task(duty(database, stop))
    try:
        yield
    finally:
        stop.set()
        await task


def a_feed(bus: Bus, denied: DenySet) -> Feed:
    return Feed("planning", bus.url, denied)


async def until(is_so: Callable[[], bool]) -> None:
    async def asked() -> bool:
        return is_so()

    await eventually(asked)


async def test_a_listener_knows_what_was_live_before_it_came(bus: Bus) -> None:
    register, denied = Register(), DenySet()
    register.live = [a_revocation(user_id=str(uuid4())) for _ in range(4)] + [a_revocation()]
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        assert len(denied) == 5
        assert denied.refuses(ACTOR)
    assert len(register.asked) == 4


async def test_the_event_of_a_revocation_is_heard_at_once(bus: Bus) -> None:
    denied, register = DenySet(), Register()
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        client = await bus.connect()
        await client.publish(MADE, json.dumps({"data": a_revocation()}).encode())
        await until(lambda: denied.refuses(ACTOR))
        await client.close()


async def test_a_lost_event_is_repeated_by_the_heartbeat(bus: Bus) -> None:
    denied, register = DenySet(), Register()
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        register.recent = [a_revocation()]
        await until(lambda: denied.refuses(ACTOR))
    assert len(register.asked) == 1


async def test_too_much_for_a_heartbeat_is_asked_for(bus: Bus) -> None:
    denied, register = DenySet(), Register()
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        register.live, register.recent = [a_revocation()], None
        await until(lambda: denied.refuses(ACTOR))


async def test_what_happened_while_the_bus_was_away_is_asked_for(bus: Bus) -> None:
    denied, register = DenySet(silent_after=0.5), Register()
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        bus.kill()
        register.live = [a_revocation()]
        await until(lambda: denied.is_silent)
        assert not denied.refuses(ACTOR)
        await bus.start()
        await until(lambda: not denied.is_silent)
        assert denied.refuses(ACTOR)


async def test_who_cannot_read_the_register_does_not_beat(bus: Bus) -> None:
    denied, register = DenySet(silent_after=0.3), Register()
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        register.fails = True
        await until(lambda: denied.is_silent)
        register.fails = False
        await until(lambda: not denied.is_silent)


async def beat(client: Client, at: float, recent: Any = ()) -> None:
    await client.publish(ALIVE, json.dumps({"at": at, "recent": recent}).encode())


async def test_a_heartbeat_without_an_answer_proves_nothing(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocation_feed, "ANSWER_SECONDS", 0.05)
    denied, client, asked = DenySet(), await bus.connect(), 0

    async def count(_message: Msg) -> None:
        nonlocal asked
        asked += 1

    await client.subscribe(LIVE, cb=count)
    async with a_feed(bus, denied).follow():
        while asked < 2:
            await beat(client, time.time())
            await asyncio.sleep(0.02)
        assert denied.is_silent
    await client.close()


async def test_an_old_heartbeat_says_nothing_of_now(bus: Bus) -> None:
    denied, client = DenySet(), await bus.connect()

    async def answer(message: Msg) -> None:
        await message.respond(b'{"revocations": []}')

    await client.subscribe(LIVE, cb=answer)
    async with a_feed(bus, denied).follow():
        for _ in range(5):
            await beat(client, time.time() - 60)
            await asyncio.sleep(0.02)
        assert denied.is_silent

        async def heard() -> bool:
            await beat(client, time.time())
            return not denied.is_silent

        await eventually(heard)
    await client.close()


@pytest.mark.parametrize("garbage", [b"", b"[]", b'{"data": {}}', b'{"data": 7}', b"\xff"])
async def test_an_event_that_nobody_understands_leads_to_the_question(
    bus: Bus, garbage: bytes
) -> None:
    denied, register, client = DenySet(), Register(), await bus.connect()
    async with telling(bus, register), a_feed(bus, denied).follow():
        await until(lambda: not denied.is_silent)
        await client.publish(MADE, garbage)
        await until(lambda: len(register.asked) == 2)
        await client.publish(LIVE, garbage, reply="nobody.listens")
        register.recent = [a_revocation()]
        await until(lambda: denied.refuses(ACTOR))
    await client.close()


async def test_a_listener_waits_for_a_bus_that_is_not_there_yet(bus: Bus) -> None:
    bus.kill()
    denied, register = DenySet(), Register()
    async with a_feed(bus, denied).follow():
        await asyncio.sleep(0.05)
        assert denied.is_silent
        await bus.start()
        async with telling(bus, register):
            await until(lambda: not denied.is_silent)


async def test_an_address_that_leads_nowhere_leaves_silence() -> None:
    denied = DenySet()
    async with Feed("planning", "nats://127.0.0.1:nowhere", denied).follow():
        await asyncio.sleep(0.2)
        assert denied.is_silent


async def test_a_process_without_an_address_does_not_serve(database: ServiceDatabase) -> None:
    app = create_app(ServiceSettings.model_validate(database.settings()))
    with pytest.raises(RuntimeError, match="LENDING_FEED_URL is missing"):
        async with app.router.lifespan_context(app):
            pass
    await app.state.database.close()


async def test_a_silent_feed_stops_writing_and_nothing_else(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    books, client = BOOKS.format("MOH"), person("MOH")
    app.state.verifier.denied = DenySet()
    refused = await client.post(books, json={"title": "One"})
    assert (refused.status_code, refused.json()["code"]) == (503, "revocation_feed_silent")
    assert refused.headers["retry-after"] == "5"
    assert (await client.get(books)).json()["items"] == []
    app.state.verifier.denied.hear()
    assert (await client.post(books, json={"title": "One"})).status_code == 201


async def test_a_process_is_ready_once_it_has_heard(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    ready, client = "/api/v1/lending/health/ready", person("MOH")
    app.state.verifier.denied = DenySet(silent_after=-1)
    waiting = await client.get(ready)
    assert (waiting.status_code, waiting.json()["code"]) == (503, "out_of_reach")
    app.state.verifier.denied.hear()
    answer = await client.get(ready)
    assert answer.status_code == 200
    told = answer.json()["revocations"]
    assert told.keys() == {"age_seconds", "is_silent"}
    assert (told["age_seconds"] >= 0, told["is_silent"]) == (True, True)


async def test_the_threshold_is_a_setting(database: ServiceDatabase) -> None:
    told = database.settings() | {"silence_seconds": "1.5"}
    app = install(
        service="lending",
        settings=ServiceSettings.model_validate(told),
        metadata=Base.metadata,
        title="Lending",
        description="",
    )
    assert app.state.verifier.denied._silent_after == 1.5
