"""The store built anew beside the live one: nobody notices, and nothing is forgotten."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from libs.chassis.testing import Person, ServiceDatabase
from libs.outbox.event import ReceivedEvent
from libs.outbox.inbox import Inbox
from libs.tests.bus import Bus, eventually
from services.ocm.rebuild import CannotRebuild, rebuild
from services.ocm.settings import Settings
from services.ocm.tests.backbone import Sources, listening
from services.ocm.tests.factories import Teller, a_ppa, an_organization

CATALOGUE = """
SELECT 'table', relname, relkind::text, relrowsecurity, relforcerowsecurity,
    relowner::regrole::text, relacl::text
FROM pg_class WHERE relnamespace = 'ocm'::regnamespace
UNION ALL
SELECT 'constraint', conname, pg_get_constraintdef(oid), null, null, conrelid::regclass::text, null
FROM pg_constraint WHERE connamespace = 'ocm'::regnamespace
UNION ALL
SELECT 'policy', policyname, coalesce(qual, ''), null, null, tablename, cmd || roles::text
FROM pg_policies WHERE schemaname = 'ocm'
UNION ALL
SELECT 'column', column_name, data_type, null, null, table_name,
    is_nullable || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'ocm'
UNION ALL
SELECT 'schema', nspname, nspowner::regrole::text, null, null, nspacl::text, null
FROM pg_namespace WHERE nspname LIKE 'ocm%'
UNION ALL
SELECT 'revision', version_num, '', null, null, '', null FROM ocm.alembic_version
"""


@pytest.fixture
async def admin(database: ServiceDatabase) -> AsyncIterator[asyncpg.Connection]:
    """Give the administrator; the database belongs to its service's owner, as provisioned."""
    connection = await asyncpg.connect(database.admin.replace("+asyncpg", ""))
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} OWNER TO ocm_owner")
    yield connection
    await connection.close()


@pytest.fixture
def settings(database: ServiceDatabase, admin: asyncpg.Connection, bus: Bus) -> Settings:
    logins = {"nats_url": bus.url, "migration_database_url": database.admin}
    return Settings(**database.settings(**logins))


def registered(*codes: str) -> list[ReceivedEvent]:
    tell = Teller()
    name = "identity.organization.registered"
    return [tell.event(name, code, an_organization(code)) for code in codes]


def budgeted(count: int, tell: Teller) -> list[ReceivedEvent]:
    """Return PPAs of one peso each: the sum is how many there are."""
    told = a_ppa(approved_budget_amount="1.00")
    return [tell.event("planning.ppa.registered", "MOH", told) for _ in range(count)]


async def catalogue(admin: asyncpg.Connection) -> list[Any]:
    """Return everything that says what the store is; a sequence is named by its table's birth."""
    return sorted(map(str, await admin.fetch(CATALOGUE)))


async def count(admin: asyncpg.Connection, table: str = "known_ppas") -> int:
    return int(await admin.fetchval(f"SELECT count(*) FROM ocm.{table}"))


async def filled(admin: asyncpg.Connection, bus: Bus, sources: Sources, inbox: Inbox) -> Teller:
    """Fill the live store with 30 PPAs of one organization."""
    tell = Teller()
    async with listening(inbox, bus):
        await sources.announce([*registered("MOH"), *budgeted(30, tell)])

        async def arrived() -> bool:
            return await count(admin) == 30 and await count(admin, "known_organizations") == 1

        await eventually(arrived)
    return tell


async def schemas(admin: asyncpg.Connection) -> list[str]:
    rows = await admin.fetch("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ocm%'")
    return sorted(row["nspname"] for row in rows)


def process(settings: Settings) -> Any:
    environment = {f"OCM_{name.upper()}": str(value) for name, value in settings}
    return asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.ocm.rebuild"),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


class Traffic:
    """People who read all the time and a source that never stops; a total never goes down."""

    def __init__(self, analyst: Person, sources: Sources, tell: Teller, written: int) -> None:
        self._analyst, self._sources, self._tell = analyst, sources, tell
        self.written = written
        self.totals: list[float] = []
        self.done = asyncio.Event()

    async def read(self) -> None:
        last = 0.0
        while not self.done.is_set():
            answer = await self._analyst.get("/api/v1/ocm/planning?fiscal_year=2026")
            assert answer.status_code == 200, answer.text
            total = float(answer.json()["totals"]["ppas_approved_budget_amount"])
            assert total >= last, "a total went down"
            last = total
            self.totals.append(total)
            await asyncio.sleep(0.02)

    async def write(self) -> None:
        while not self.done.is_set():
            await self._sources.announce(budgeted(1, self._tell))
            self.written += 1
            await asyncio.sleep(0.05)

    async def go_on(self) -> None:
        """Wait until people have read a few more answers."""
        enough = len(self.totals) + 5

        async def have_read() -> bool:
            return len(self.totals) >= enough

        await eventually(have_read)


async def test_readers_and_writers_notice_nothing(
    settings: Settings,
    admin: asyncpg.Connection,
    bus: Bus,
    sources: Sources,
    inbox: Inbox,
    analyst: Person,
) -> None:
    tell = await filled(admin, bus, sources, inbox)
    traffic = Traffic(analyst, sources, tell, written=30)
    async with listening(inbox, bus), asyncio.TaskGroup() as tasks:
        for work in (traffic.read, traffic.read, traffic.read, traffic.write):
            tasks.create_task(work())
        for _ in range(2):
            compared = await rebuild(settings)
            assert all(each.is_same for each in compared), compared
            await traffic.go_on()
        traffic.done.set()
    async with listening(inbox, bus):

        async def arrived() -> bool:
            return await count(admin) == await count(admin, "facts") - 1 == traffic.written

        await eventually(arrived)
    assert traffic.totals[-1] > 30
    assert await schemas(admin) == ["ocm"]


async def test_the_new_store_is_made_like_the_old_one(
    settings: Settings, admin: asyncpg.Connection, bus: Bus, sources: Sources, inbox: Inbox
) -> None:
    await filled(admin, bus, sources, inbox)
    before = await catalogue(admin)
    compared = {each.table: each for each in await rebuild(settings)}
    assert await catalogue(admin) == before
    assert (compared["facts"].before, compared["facts"].after) == (31, 31)
    assert compared["facts"].hash_before == compared["facts"].hash_after


async def test_our_own_log_moves_to_the_new_store(
    settings: Settings, admin: asyncpg.Connection, sources: Sources
) -> None:
    row = "gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'ocm.x.y.v1', gen_random_uuid()"
    await admin.execute(
        "INSERT INTO ocm.outbox (event_id, org_id, actor_id, subject, aggregate_id,"
        f" aggregate_version, data, traceparent, occurred_at) VALUES ({row}, 1, '{{}}', '', now())"
    )
    await rebuild(settings)
    assert await count(admin, "outbox") == 1


async def test_what_is_known_as_of_when_survives(
    settings: Settings,
    admin: asyncpg.Connection,
    bus: Bus,
    sources: Sources,
    inbox: Inbox,
    analyst: Person,
) -> None:
    await filled(admin, bus, sources, inbox)
    await rebuild(settings)
    told = (await analyst.get("/api/v1/ocm/overview")).json()
    assert told["as_of"] is not None
    assert [source["status"] for source in told["sources"]] == ["fresh"] * 5


async def test_a_store_that_drifted_is_told_and_repaired(
    settings: Settings, admin: asyncpg.Connection, bus: Bus, sources: Sources, inbox: Inbox
) -> None:
    await filled(admin, bus, sources, inbox)
    await admin.execute(
        "UPDATE ocm.known_ppas SET title = 'Forged'"
        " WHERE id IN (SELECT id FROM ocm.known_ppas LIMIT 2)"
    )
    await admin.execute(
        "INSERT INTO ocm.known_ppas SELECT (jsonb_populate_record(p,"
        " jsonb_build_object('id', gen_random_uuid()))).* FROM ocm.known_ppas p LIMIT 1"
    )
    running = await process(settings)
    stdout, stderr = await running.communicate()
    assert running.returncode == 1
    told = next(line.split() for line in stdout.decode().splitlines() if "known_ppas" in line)
    assert told[1:5] == ["31", "30", "1", "2"]
    assert "planning: 30 of 30 events" in stderr.decode()
    assert await admin.fetchval("SELECT count(*) FROM ocm.known_ppas WHERE title = 'Forged'") == 0
    again = await process(settings)
    await again.communicate()
    assert again.returncode == 0


async def test_a_cancelled_rebuild_changes_nothing_and_the_next_starts_clean(
    settings: Settings, admin: asyncpg.Connection, bus: Bus, sources: Sources, inbox: Inbox
) -> None:
    await filled(admin, bus, sources, inbox)
    before = await catalogue(admin)
    running = await process(settings)
    while b"planning: " not in await running.stderr.readline():
        pass
    running.send_signal(signal.SIGINT)
    _, stderr = await running.communicate()
    assert running.returncode == 130
    assert "cancelled" in stderr.decode()
    assert "Traceback" not in stderr.decode()
    assert [line for line in await catalogue(admin) if "ocm_next" not in line] == before
    compared = await rebuild(settings)
    assert all(each.is_same for each in compared)
    assert await schemas(admin) == ["ocm"]


async def test_a_source_that_is_silent_stops_it(
    settings: Settings, admin: asyncpg.Connection, bus: Bus
) -> None:
    before = await catalogue(admin)
    with pytest.raises(CannotRebuild, match="does not answer"):
        await rebuild(settings)
    assert [line for line in await catalogue(admin) if "ocm_next" not in line] == before


async def test_a_log_that_lost_its_beginning_stops_it(
    settings: Settings, admin: asyncpg.Connection, bus: Bus, sources: Sources, inbox: Inbox
) -> None:
    await filled(admin, bus, sources, inbox)
    await sources["planning"].run("DELETE FROM planning.outbox WHERE source_seq = 7")
    with pytest.raises(CannotRebuild, match="event 7 of planning"):
        await rebuild(settings)
    assert await count(admin) == 30


async def test_one_rebuild_at_a_time(
    settings: Settings, admin: asyncpg.Connection, sources: Sources
) -> None:
    results = await asyncio.gather(rebuild(settings), rebuild(settings), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["CannotRebuild", "list"]


async def test_no_bus_stops_it(settings: Settings, admin: asyncpg.Connection, bus: Bus) -> None:
    bus.kill()
    with pytest.raises(CannotRebuild, match="bus cannot be reached"):
        await rebuild(settings)
