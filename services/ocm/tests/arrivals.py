"""Events of several sources, and the wait until each of them is one fact."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import asyncpg

from libs.chassis.testing import ServiceDatabase
from libs.outbox.event import ReceivedEvent
from libs.outbox.inbox import Inbox
from libs.tests.bus import eventually
from services.ocm.tests.factories import Teller, a_plan, a_ppa, a_proposal

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
