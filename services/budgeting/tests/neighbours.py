"""What identity, planning and mana announce, heard by budgeting's real subscribers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase, org_id_of
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox
from libs.tenancy.actor import Actor
from services.budgeting.db import Base
from services.budgeting.known_organizations.model import KnownOrganization
from services.budgeting.tests.factories import this_year
from services.budgeting.worker import SUBSCRIBERS


async def announced(
    database: ServiceDatabase,
    subject: str,
    data: dict[str, Any],
    *,
    org: str = "MOH",
    about: UUID | None = None,
    version: int = 1,
) -> UUID:
    """Apply one event as the worker does; return the id of its aggregate."""
    meta = EventMeta(
        event_id=uuid4(),
        source=subject.split(".", 1)[0],
        source_seq=uuid4().int % 10**9 + 1,
        subject=f"{subject}.v1",
        org_id=org_id_of(org),
        actor_id=uuid4(),
        aggregate_id=about or uuid4(),
        aggregate_version=version,
        occurred_at=datetime.now(UTC),
        traceparent="",
    )
    opened = Database(database.app)
    await Inbox(Base.metadata, opened.sessions, SUBSCRIBERS).apply(ReceivedEvent(meta, data))
    await opened.close()
    return meta.aggregate_id


REGISTER = ("MOH", "MOLE", "MAFAR", "MFBM", "OOBC")


async def know_register(database: Database) -> None:
    """Let every organization of the tests be in the register, whether or not it is already."""
    async with database.unit_of_work(Actor.system(org_id_of("OOBC"))) as uow:
        for code in REGISTER:
            await uow.session.merge(
                KnownOrganization(
                    org_id=org_id_of(code), code=code, status="live", register_version=1
                )
            )


async def told_of(database: ServiceDatabase, code: str, version: int, status: str) -> None:
    """Hear the register say how an organization stands."""
    verb, about = "registered" if version == 1 else "changed", org_id_of(code)
    told = {"code": code, "status": status, "name": f"The {code}"}
    subject = f"identity.organization.{verb}"
    await announced(database, subject, told, org=code, about=about, version=version)


def a_ppa(**changes: Any) -> dict[str, Any]:
    told = {"code": "PPA-1", "title": "Clinics", "fiscal_year": this_year(), "status": "planning"}
    return {**told, **changes}


def a_plan(*goals: UUID, **changes: Any) -> dict[str, Any]:
    return {
        "title": "Health for all",
        "start_year": this_year() - 1,
        "end_year": this_year() + 3,
        "status": "active",
        "goals": [{"goal_id": str(goal)} for goal in goals],
        **changes,
    }


def an_assessment(**changes: Any) -> dict[str, Any]:
    told = {"code": "NA-1", "title": "Needs", "fiscal_year": this_year(), "status": "completed"}
    return {**told, **changes}


async def a_known_ppa(database: ServiceDatabase, **how: Any) -> UUID:
    return await announced(database, "planning.ppa.registered", a_ppa(), **how)
