"""From the outboxes of five services to facts: each event once, whatever dies on the way."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from deploy.local.ports import find_free_port
from libs.chassis.testing import ServiceDatabase
from libs.outbox.event import ReceivedEvent
from libs.outbox.inbox import Inbox
from libs.tests.bus import Bus, eventually
from services.ocm.tests.arrivals import as_envelope, each_once, facts, some, whole
from services.ocm.tests.backbone import Sources, listening
from services.ocm.tests.factories import Teller, a_ppa


@asynccontextmanager
async def worker_process(
    database: ServiceDatabase, bus: Bus
) -> AsyncIterator[asyncio.subprocess.Process]:
    settings = {**database.settings(nats_url=bus.url), "worker_port": str(find_free_port())}
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
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
) -> None:
    events = some(60)
    async with listening(inbox, bus):
        await sources.announce(events)
        await each_once(database, events)
    assert await inbox.checkpoints.applied_seq("planning") == 40


async def test_a_source_is_confirmed_while_it_is_quiet_and_while_it_writes(
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
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
    database: ServiceDatabase, inbox: Inbox, bus: Bus
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
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
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
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
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
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
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
    database: ServiceDatabase, bus: Bus, sources: Sources
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
    database: ServiceDatabase, inbox: Inbox, bus: Bus, sources: Sources
) -> None:
    teller = Teller()
    before, during, after = some(60, teller), some(60, teller), some(60, teller)
    async with listening(inbox, bus):
        await sources.announce(before)
        bus.kill()
        await sources.announce(during)
        await bus.start()
        await sources.announce(after)
        await each_once(database, [*before, *during, *after])


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
