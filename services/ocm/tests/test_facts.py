"""Facts and remembered rows: once, newest wins, and nothing of anybody's is lost."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase, org_id_of
from libs.outbox.inbox import Inbox
from libs.tenancy.actor import Actor
from services.ocm.facts.model import Fact
from services.ocm.facts.schemas import Announced
from services.ocm.known_ppas.model import KnownPpa
from services.ocm.known_proposals.subscribers import ProposalState
from services.ocm.tests.factories import Teller, a_plan, a_ppa, a_proposal

CHANGED = "planning.ppa.changed"


async def rows(database: Database, table: Any, org: str = "MOH") -> list[Any]:
    async with database.unit_of_work(Actor.system(org_id_of(org))) as uow:
        return list((await uow.session.scalars(select(table))).all())


def test_the_seal_covers_what_is_not_read() -> None:
    one, other = Announced.model_validate({"a": 1}), Announced.model_validate({"a": 2})
    assert one.model_dump() == other.model_dump()
    assert len(one.seal) == 64
    assert one.seal != other.seal
    assert one.seal == Announced.model_validate({"a": 1}).seal


def test_a_decision_holds_since_it_was_taken() -> None:
    told = a_proposal(status="approved", decided_at="2025-04-01T00:00:00+00:00")
    assert str(ProposalState.model_validate(told).holds_since) == "2025-04-01 00:00:00+00:00"
    reviewed = ProposalState.model_validate(a_proposal(status="under_review"))
    assert reviewed.holds_since is None


async def test_an_event_is_one_fact_and_one_row(tell: Teller, worker_database: Database) -> None:
    ppa_id = await tell("planning.ppa.registered", "MOH", a_ppa(secret="unread"))
    (fact,) = await rows(worker_database, Fact)
    assert (fact.id, fact.aggregate_id, fact.fiscal_year) == (fact.event_id, ppa_id, 2026)
    assert fact.context == "planning"
    assert fact.effective_at == fact.recorded_at
    assert "secret" not in fact.inputs
    (ppa,) = await rows(worker_database, KnownPpa)
    assert (ppa.id, ppa.version, ppa.code) == (ppa_id, 1, "PPA-2026-001")
    assert await rows(worker_database, Fact, "MOLE") == []


async def test_the_same_event_twice_changes_nothing(
    inbox: Inbox, tell: Teller, worker_database: Database
) -> None:
    event = tell.event("planning.ppa.registered", "MOH", a_ppa())
    await inbox.apply(event)
    await inbox.apply(event)
    assert len(await rows(worker_database, Fact)) == 1


async def test_an_older_event_that_comes_late_is_a_fact_and_no_news(
    tell: Teller, worker_database: Database
) -> None:
    ppa_id = uuid4()
    await tell(CHANGED, "MOH", a_ppa(title="Newest"), about=ppa_id, version=3)
    await tell(CHANGED, "MOH", a_ppa(title="Older"), about=ppa_id, version=2)
    (ppa,) = await rows(worker_database, KnownPpa)
    assert (ppa.title, ppa.version) == ("Newest", 3)
    assert len(await rows(worker_database, Fact)) == 2


async def test_a_deleted_ppa_does_not_come_back(tell: Teller, worker_database: Database) -> None:
    ppa_id = uuid4()
    await tell("planning.ppa.deleted", "MOH", a_ppa(), about=ppa_id, version=3)
    await tell(CHANGED, "MOH", a_ppa(), about=ppa_id, version=2)
    (ppa,) = await rows(worker_database, KnownPpa)
    assert ppa.status == "deleted"


async def test_every_row_is_what_its_newest_fact_says(
    tell: Teller, worker_database: Database
) -> None:
    for number in range(5):
        ppa_id = await tell("planning.ppa.registered", "MOH", a_ppa(title=f"PPA {number}"))
        await tell(CHANGED, "MOH", a_ppa(title=f"PPA {number} again"), about=ppa_id)
    newest = {
        fact.aggregate_id: fact.inputs["title"]
        for fact in sorted(
            await rows(worker_database, Fact), key=lambda fact: fact.aggregate_version
        )
    }
    assert newest == {ppa.id: ppa.title for ppa in await rows(worker_database, KnownPpa)}


async def test_an_event_that_cannot_be_read_is_parked_and_the_log_goes_on(
    inbox: Inbox, tell: Teller, database: ServiceDatabase, worker_database: Database
) -> None:
    await tell("planning.ppa.registered", "MOH", {"code": "without the rest"})
    await tell("planning.ppa.registered", "MOH", a_ppa())
    assert await inbox.checkpoints.applied_seq("planning") == 2
    assert len(await rows(worker_database, Fact)) == 1
    operator = await asyncpg.connect(database.relay.replace("+asyncpg", ""))
    (parked,) = await operator.fetch("SELECT reason, envelope FROM ocm.parked_events")
    await operator.close()
    assert "title" in parked["reason"]
    assert "without the rest" in parked["envelope"]


async def test_a_hole_is_known_until_it_is_filled(inbox: Inbox, tell: Teller) -> None:
    events = [tell.event("planning.strategic_plan.submitted", "MOH", a_plan()) for _ in range(7)]
    for seq in (1, 4, 6):
        await inbox.apply(events[seq - 1])
    assert await inbox.checkpoints.applied_seq("planning") == 1
    assert await inbox.checkpoints.holes("planning", until=7) == [(1, 2), (4, 1), (6, 1)]
    for event in events:
        await inbox.apply(event)
    assert await inbox.checkpoints.applied_seq("planning") == 7
    assert await inbox.checkpoints.holes("planning", until=7) == []


@pytest.mark.parametrize(
    "statement", ["UPDATE ocm.facts SET payload_hash = ''", "DELETE FROM ocm.facts"]
)
async def test_a_fact_is_never_changed_nor_removed(
    statement: str, tell: Teller, worker_database: Database
) -> None:
    await tell("planning.ppa.registered", "MOH", a_ppa())
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with worker_database.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
            await uow.session.execute(text(statement))


@pytest.mark.parametrize(("oversight", "seen"), [(None, 0), ("off", 0), ("", 0), ("on", 2)])
async def test_all_rows_exist_only_for_oversight(
    oversight: str | None, seen: int, tell: Teller, database: ServiceDatabase
) -> None:
    await tell.register("MOH", "MOLE")
    reader = await asyncpg.connect(database.ro.replace("+asyncpg", ""))
    async with reader.transaction():
        if oversight is not None:
            await reader.execute("SELECT set_config('app.oversight', $1, true)", oversight)
        assert await reader.fetchval("SELECT count(*) FROM known_organizations") == seen
        assert await reader.fetchval("SELECT count(*) FROM facts") == seen
    await reader.close()


@pytest.mark.parametrize("login", ["app", "ro"])
async def test_oversight_opens_nothing_for_writing(
    login: str, tell: Teller, database: ServiceDatabase, worker_database: Database
) -> None:
    await tell("planning.ppa.registered", "MOH", a_ppa())
    connection = await asyncpg.connect(getattr(database, login).replace("+asyncpg", ""))
    await connection.execute("SELECT set_config('app.oversight', 'on', false)")
    with suppress(asyncpg.ReadOnlySQLTransactionError):
        assert await connection.execute("UPDATE known_ppas SET title = 'x'") == "UPDATE 0"
    refused = (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)
    with pytest.raises(refused):
        await connection.execute("INSERT INTO known_ppas SELECT * FROM known_ppas")
    await connection.close()
    (ppa,) = await rows(worker_database, KnownPpa)
    assert ppa.title == "Clinics"
