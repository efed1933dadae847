"""Every statement about audit events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from libs.tenancy.actor import Actor
from services.identity.audit_events.model import AuditEvent
from services.identity.audit_events.schemas import AuditFilter

_TABLE: Table = AuditEvent.metadata.tables["identity.audit_events"]
_WAITING: Table = AuditEvent.metadata.tables["identity.audit_waiting"]
_SERVE = text("SELECT set_config('app.org_id', :org_id, true)")


async def append_event(session: AsyncSession, actor: Actor, values: dict[str, Any]) -> None:
    """Write one event, into another organization's trail when it concerns that one."""
    trail: UUID = values["org_id"]
    if trail != actor.org_id:
        await serve(session, trail)
    await session.execute(insert(_TABLE).values(values))
    await session.execute(insert(_WAITING).values(event_id=values["id"], trail_id=trail))
    if trail != actor.org_id:
        await serve(session, actor.org_id)


async def serve(session: AsyncSession, org_id: UUID) -> None:
    """Let the transaction see and write the trail of one organization from here on."""
    await session.execute(_SERVE, {"org_id": str(org_id)})


async def list_events(session: AsyncSession, params: AuditFilter) -> Rows[AuditEvent]:
    return await page(session, _matching(params), AuditEvent, params)


async def list_for_export(
    session: AsyncSession, params: AuditFilter, most: int
) -> Sequence[AuditEvent]:
    """Return the newest matching events, oldest first."""
    newest = _matching(params).order_by(AuditEvent.created_at.desc(), AuditEvent.id.desc())
    found = (await session.scalars(newest.limit(most))).all()
    return found[::-1]


def _matching(asked: AuditFilter) -> Select[AuditEvent]:
    statement = select(AuditEvent)
    if asked.person is not None:
        statement = statement.where(
            or_(AuditEvent.created_by == asked.person, AuditEvent.person_id == asked.person)
        )
    for column, wanted in (
        (AuditEvent.action, asked.action),
        (AuditEvent.entity, asked.entity),
        (AuditEvent.entity_id, asked.entity_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if asked.since is not None:
        statement = statement.where(AuditEvent.created_at >= asked.since)
    if asked.until is not None:
        statement = statement.where(AuditEvent.created_at < asked.until)
    return statement
