"""Valid bodies of coordination's requests, and the journeys that tests begin with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox
from services.coordination.db import Base
from services.coordination.known_organizations import subscribers

PARTNERSHIPS = "/api/v1/moa/{}/coordination/inter-moa-partnerships"
REGISTER = ("MOH", "MOLE", "MAFAR", "OOBC")


def a_partnership(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Occupational health in the fishing ports",
        "partnership_type": "bilateral",
        "description": "Clinics at the ports, inspectors beside them",
        "objectives": "Fewer accidents at sea",
        "expected_outcomes": "Every port has a clinic day",
        "deliverables": "Twelve clinic days",
        "priority": "high",
        "starts_on": "2026-07-01",
        "ends_on": "2027-06-30",
        **changes,
    }


def an_invitation(code: str = "MOLE", **changes: Any) -> dict[str, Any]:
    return {
        "organization_code": code,
        "message": "Please join us",
        "asked_commitment": "Two inspectors",
        **changes,
    }


def a_commitment(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "budget",
        "description": "Travel of the inspectors",
        "committed_amount": "150000.00",
        "fiscal_year": 2026,
        **changes,
    }


def register_event(
    code: str, *, org_id: UUID | None = None, version: int = 1, **changes: Any
) -> ReceivedEvent:
    """Return what identity says of an organization."""
    about = org_id or org_id_of(code)
    meta = EventMeta(
        event_id=uuid4(),
        source="identity",
        source_seq=int(uuid4().int % 10**9),
        subject=f"identity.organization.{'registered' if version == 1 else 'changed'}.v1",
        org_id=about,
        actor_id=uuid4(),
        aggregate_id=about,
        aggregate_version=version,
        occurred_at=datetime.now(UTC),
        traceparent="",
    )
    state = {"id": str(about), "key": code.lower(), "code": code, "name": f"The {code}"}
    return ReceivedEvent(meta, {**state, "is_active": True, "modules": [], **changes})


async def hear(database: ServiceDatabase, *events: ReceivedEvent) -> None:
    """Apply events as the worker does."""
    opened = Database(database.app)
    inbox = Inbox(Base.metadata, opened.sessions, [subscribers])
    for event in events:
        await inbox.apply(event)
    await opened.close()


async def hear_register(database: ServiceDatabase) -> None:
    await hear(database, *(register_event(code) for code in REGISTER))


def partnerships(person: Person) -> str:
    return PARTNERSHIPS.format(person.org)


async def act(person: Person, partnership_id: str, verb: str, **body: Any) -> Any:
    """Do a verb at the version that the person sees now; `verb` may name a part before it."""
    url = f"{partnerships(person)}/{partnership_id}"
    etag = (await person.get(url)).headers.get("ETag", '"1"')
    if verb == "change":
        return await person.patch(url, json=body, headers={"If-Match": etag})
    return await person.post(f"{url}/{verb}", json=body or None, headers={"If-Match": etag})


async def done(person: Person, partnership_id: str, verb: str, **body: Any) -> dict[str, Any]:
    answer = await act(person, partnership_id, verb, **body)
    assert answer.status_code == 200, f"{verb}: {answer.text}"
    told: dict[str, Any] = answer.json()
    return told


async def a_draft(lead: Person, *codes: str, **changes: Any) -> str:
    """Make a draft with prepared invitations; return its id."""
    made = await lead.post(partnerships(lead), json=a_partnership(**changes))
    assert made.status_code == 201, made.text
    partnership_id = str(made.json()["id"])
    for code in codes:
        await done(lead, partnership_id, "invite", **an_invitation(code))
    return partnership_id


async def a_submitted(lead: Person, *codes: str, **changes: Any) -> str:
    partnership_id = await a_draft(lead, *codes, **changes)
    await done(lead, partnership_id, "submit")
    return partnership_id


async def invitation_of(person: Person, partnership_id: str) -> dict[str, Any]:
    """Return the newest invitation of a partnership that the person may see."""
    url = f"{partnerships(person)}/{partnership_id}/invitations"
    found: dict[str, Any] = (await person.get(url)).json()["items"][0]
    return found


async def announced(database: ServiceDatabase) -> list[Any]:
    """Return what the outbox holds, in order."""
    engine = create_async_engine(database.admin)
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT * FROM coordination.outbox ORDER BY position"))
        found = list(rows)
    await engine.dispose()
    return found


async def administer(database: ServiceDatabase, statement: str) -> None:
    """Run a statement as the database's administrator, whom no policy binds."""
    engine = create_async_engine(database.admin)
    async with engine.begin() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


async def seed(person: Person, database: ServiceDatabase | None) -> dict[str, str]:
    """Make one record for every path parameter of coordination, as `person`; return their ids."""
    if database is not None:
        await hear_register(database)
    partnership_id = await a_draft(person, "MAFAR")
    url = f"{partnerships(person)}/{partnership_id}"
    commitment = (await person.post(f"{url}/commitments", json=a_commitment())).json()
    note = (await person.post(f"{url}/notes", json={"text": "Ask MAFAR first"})).json()
    return {
        "partnership_id": partnership_id,
        "invitation_id": (await invitation_of(person, partnership_id))["id"],
        "commitment_id": commitment["id"],
        "note_id": note["id"],
    }
