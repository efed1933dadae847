"""What cannot be applied: it is put aside or tried again, and never in the way of the rest."""

from __future__ import annotations

from types import ModuleType

import asyncpg

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.outbox.event import EventMeta
from libs.outbox.inbox import Inbox, subscriber
from libs.outbox.uow import UnitOfWork
from libs.tests.bus import Bus, eventually
from services.ocm.db import Base
from services.ocm.known_ppas.subscribers import PpaState
from services.ocm.tests.arrivals import each_once, some, whole
from services.ocm.tests.backbone import Sources, listening
from services.ocm.tests.factories import Teller
from services.ocm.worker import SUBSCRIBERS


async def test_what_is_no_event_is_refused_and_the_rest_arrives(
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
) -> None:
    client = await bus.connect()
    async with listening(inbox, bus):
        for body in (b"\xff", b"[]", b"{}", b"1", b'{"id": "x"}'):
            await client.jetstream().publish("planning.ppa.registered.v1", body)
        events = some(9)
        await sources.announce(events)
        await each_once(database, events)

        async def none_waits() -> bool:
            info = await client.jetstream().consumer_info("PLANNING", "ocm-from-planning")
            return info.num_ack_pending == 0 and info.num_pending == 0

        await eventually(none_waits)
    await client.close()


async def test_an_event_that_cannot_be_read_is_parked_and_the_rest_arrives(
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
) -> None:
    teller = Teller()
    poison = teller.event("planning.ppa.registered", "MOH", {"title": "nothing else"})
    events = some(9, teller)
    async with listening(inbox, bus):
        await sources.announce([poison, *events])
        await each_once(database, events)
        await whole(inbox, "planning", 7)
    operator = await asyncpg.connect(database.relay.replace("+asyncpg", ""))
    parked = await operator.fetch("SELECT event_id FROM ocm.parked_events")
    await operator.close()
    assert [row["event_id"] for row in parked] == [poison.meta.event_id]


async def test_an_event_that_fails_does_not_hold_up_those_after_it(
    database: ServiceDatabase, worker_database: Database, bus: Bus, sources: Sources
) -> None:
    @subscriber("planning.ppa.registered.v1")
    async def stumble(event: PpaState, uow: UnitOfWork, meta: EventMeta) -> None:
        if event.title == "Number 0":
            raise RuntimeError("never this one")

    stumbling = ModuleType("stumbling")
    stumbling.__dict__["stumble"] = stumble
    inbox = Inbox(Base.metadata, worker_database.sessions, [*SUBSCRIBERS, stumbling])
    events = some(30)
    client = await bus.connect()
    await sources.announce(events)
    async with listening(inbox, bus):
        await client.jetstream().delete_stream("PLANNING")
        await each_once(database, events[1:])
        assert await inbox.checkpoints.holes("planning", until=20) == [(0, 1)]
    await client.close()
