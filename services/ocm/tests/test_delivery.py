"""From the outboxes of five services to facts: each event once, whatever dies on the way."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.local.throwaway import free_port
from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox, subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.db import Base
from services.ocm.known_ppas.subscribers import PpaState
from services.ocm.tests.backbone import Nats, Sources, eventually, listening
from services.ocm.tests.factories import Teller, a_plan, a_ppa, a_proposal
from services.ocm.worker import SUBSCRIBERS

ORGS = ("MOH", "MOLE", "MAFAR", "OOBC")


def some(count: int, teller: Teller | None = None) -> list[ReceivedEvent]:
    """Return events of three sources and four organizations."""
    tell = teller or Teller()
    kinds = (
        ("planning.ppa.registered", a_ppa()),
        ("planning.strategic_plan.submitted", a_plan()),
        ("budgeting.proposal.submitted", a_proposal()),
    )
    return [
        tell.event(kinds[n % 3][0], ORGS[n % 4], {**kinds[n % 3][1], "title": f"Number {n}"})
        for n in range(count)
    ]


async def facts(database: ServiceDatabase) -> list[UUID]:
    admin = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    try:
        return [row["event_id"] for row in await admin.fetch("SELECT event_id FROM ocm.facts")]
    finally:
        await admin.close()


async def each_once(database: ServiceDatabase, events: Iterable[ReceivedEvent]) -> None:
    """Wait until every event is a fact; then there is no other and none twice."""
    expected = sorted(event.meta.event_id for event in events)

    async def arrived() -> bool:
        return set(expected) <= set(await facts(database))

    await eventually(arrived)
    assert sorted(await facts(database)) == expected


async def whole(inbox: Inbox, source: str, count: int) -> None:
    async def applied() -> bool:
        return await inbox.checkpoints.applied_seq(source) == count

    await eventually(applied)


@asynccontextmanager
async def worker_process(
    database: ServiceDatabase, bus: Nats
) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = {**database.settings(nats_url=bus.url), "worker_port": str(free_port())}
    environment = {f"OCM_{name.upper()}": value for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.ocm.worker"), env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_every_event_of_every_source_arrives_once(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
) -> None:
    events = some(60)
    async with listening(inbox, bus):
        await sources.announce(events)
        await each_once(database, events)
    assert await inbox.checkpoints.applied_seq("planning") == 40


async def test_a_source_is_confirmed_while_it_is_quiet_and_while_it_writes(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
) -> None:
    async def confirmed() -> dict[str, Any]:
        admin = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
        rows = await admin.fetch("SELECT source, confirmed_at FROM ocm.checkpoints")
        await admin.close()
        return {row["source"]: row["confirmed_at"] for row in rows if row["confirmed_at"]}

    async def write() -> None:
        teller = Teller()
        while True:
            await sources.announce(some(3, teller))
            await asyncio.sleep(0.02)

    async with listening(inbox, bus):

        async def all_five() -> bool:
            return len(await confirmed()) == 5

        await eventually(all_five)
        writing = asyncio.create_task(write())
        before = (await confirmed())["planning"]

        async def later() -> bool:
            return (await confirmed())["planning"] > before

        for _ in range(3):
            await eventually(later)
            before = (await confirmed())["planning"]
        writing.cancel()


async def test_out_of_order_and_twice_is_no_harm(
    database: ServiceDatabase, inbox: Inbox, bus: Nats
) -> None:
    events = some(60)
    async with listening(inbox, bus):
        client = await bus.connect()
        shuffled = [*events, *events]
        random.Random(7).shuffle(shuffled)
        for event in shuffled:
            envelope = json.dumps(as_envelope(event)).encode()
            await client.jetstream().publish(event.meta.subject, envelope)
        await client.close()
        await each_once(database, events)
        await whole(inbox, "planning", 40)


async def test_events_that_delivery_lost_come_from_the_outbox(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
) -> None:
    events = some(60)
    # As if a stream had acknowledged them and forgotten them: every third is never sent.
    await sources["planning"].run(
        "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.source_seq % 3 = 0 THEN NEW.sent_at = now(); END IF; RETURN NEW; END $$"
    )
    await sources["planning"].run(
        "CREATE TRIGGER forget BEFORE UPDATE OF source_seq ON planning.outbox"
        " FOR EACH ROW EXECUTE FUNCTION forget()"
    )
    async with listening(inbox, bus):
        await sources.announce(events)
        await each_once(database, events)
    ((lost,),) = await sources["planning"].run(
        "SELECT count(*) FROM planning.outbox WHERE sent_at IS NOT NULL AND stream_seq IS NULL"
    )
    assert lost == 13


async def test_a_deleted_stream_is_healed(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
) -> None:
    teller = Teller()
    first, while_gone, after = some(30, teller), some(30, teller), some(30, teller)
    client = await bus.connect()
    async with listening(inbox, bus):
        await sources.announce(first)
        await each_once(database, first)
        await client.jetstream().delete_stream("PLANNING")
        await sources.announce(while_gone)
        await each_once(database, [*first, *while_gone])
        await sources.announce(after)
        await each_once(database, [*first, *while_gone, *after])
        info = await client.jetstream().consumer_info("PLANNING", "ocm-from-planning")
        assert info.stream_name == "PLANNING"
    await client.close()


async def test_a_stream_deleted_while_nobody_listens_is_healed(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
) -> None:
    events = some(60)
    client = await bus.connect()
    await sources.announce(events)

    async def sent() -> bool:
        ((waiting,),) = await sources["planning"].run(
            "SELECT count(*) FROM planning.outbox WHERE sent_at IS NULL"
        )
        return bool(waiting == 0)

    await eventually(sent)
    await client.jetstream().delete_stream("PLANNING")
    await client.close()
    async with listening(inbox, bus):
        await each_once(database, events)


async def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    database: ServiceDatabase, bus: Nats, sources: Sources
) -> None:
    events = some(400)
    await sources.announce(events)

    async def begun() -> bool:
        return len(await facts(database)) >= 40

    async with worker_process(database, bus) as first:
        await eventually(begun)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert len(await facts(database)) < 400, "it was killed too late to prove anything"
    async with worker_process(database, bus) as second:
        await each_once(database, events)
        second.terminate()
        assert await second.wait() == 0


async def test_a_bus_killed_in_the_middle_loses_and_doubles_nothing(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
) -> None:
    teller = Teller()
    before, during, after = some(60, teller), some(60, teller), some(60, teller)
    async with listening(inbox, bus):
        await sources.announce(before)
        await bus.kill()
        await sources.announce(during)
        await bus.start()
        await sources.announce(after)
        await each_once(database, [*before, *during, *after])


async def test_what_is_no_event_is_refused_and_the_rest_arrives(
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
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
    database: ServiceDatabase, inbox: Inbox, bus: Nats, sources: Sources
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
    database: ServiceDatabase, worker_database: Database, bus: Nats, sources: Sources
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


@pytest.mark.parametrize("applied_by", [1, 4])
async def test_workers_that_share_the_work_leave_no_hole_unseen(
    applied_by: int, inbox: Inbox, tell: Teller
) -> None:
    events = [tell.event("planning.ppa.registered", "MOH", a_ppa()) for _ in range(60)]
    limit = asyncio.Semaphore(applied_by)

    async def apply(event: ReceivedEvent) -> None:
        async with limit:
            await inbox.apply(event)

    await asyncio.gather(*map(apply, events))
    assert await inbox.checkpoints.applied_seq("planning") == 60


def as_envelope(event: ReceivedEvent) -> dict[str, Any]:
    meta = event.meta
    return {
        "id": str(meta.event_id),
        "source": meta.source,
        "type": meta.subject,
        "subject": str(meta.aggregate_id),
        "time": meta.occurred_at.isoformat(),
        "orgid": str(meta.org_id),
        "actorid": str(meta.actor_id),
        "sequence": meta.source_seq,
        "aggregateversion": meta.aggregate_version,
        "data": event.data,
    }
