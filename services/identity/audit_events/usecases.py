"""What can be done with audit events: record one, search, export. Nothing ever changes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.paging import Rows
from libs.outbox.uow import UnitOfWork, current_address, current_traceparent
from libs.tenancy.actor import Actor
from services.identity.audit_events import queries
from services.identity.audit_events.model import PLATFORM, AuditEvent, difference
from services.identity.audit_events.schemas import AuditFilter, PlatformAuditFilter, as_csv

MOST_EXPORTED = 10_000


async def record(  # noqa: PLR0913 (an act has a who, a what, a whom, a where and a why)
    uow: UnitOfWork,
    action: str,
    *,
    entity: str,
    entity_id: UUID | None = None,
    person_id: UUID | None = None,
    org_id: UUID | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Keep that something was done, with the act or not at all; it can never be taken back.

    `action` is `noun.past`. Without `org_id` it is kept in the trail of the actor's organization,
    which for an actor without one is the platform's. `person_id` is whom the act is about.
    """
    was, became = difference(before, after)
    await queries.append_event(
        uow.session,
        uow.actor,
        {
            **_by_whom(uow),
            "org_id": uow.actor.org_id if org_id is None else org_id,
            "person_id": person_id,
            "action": action,
            "entity": entity,
            "entity_id": entity_id,
            "before": was,
            "after": became,
            "reason": reason.replace("\x00", ""),
        },
    )


async def export_events(uow: UnitOfWork, params: AuditFilter) -> str:
    """Return the matching part of a trail as CSV; that it was taken out is itself recorded."""
    found = await queries.list_for_export(uow.session, params, MOST_EXPORTED)
    await record(uow, "audit_trail.exported", entity="audit_trail", after={"events": len(found)})
    return as_csv(found)


async def list_platform_events(uow: UnitOfWork, params: PlatformAuditFilter) -> Rows[AuditEvent]:
    """Search the platform's trail, or one organization's, which is told there."""
    trail = params.organization_id or PLATFORM
    await record(uow, "audit_trail.read", entity="audit_trail", org_id=trail)
    await queries.serve(uow.session, trail)
    found = await queries.list_events(uow.session, params)
    await queries.serve(uow.session, uow.actor.org_id)
    return found


async def record_denial(database: Database, actor: Actor, detail: str) -> None:
    """Keep that somebody was refused what is not theirs, in a transaction of its own."""
    async with database.unit_of_work(actor) as uow:
        await record(
            uow, "permission.denied", entity="permission", person_id=actor.user_id, reason=detail
        )


def _by_whom(uow: UnitOfWork) -> dict[str, Any]:
    """Return what every event says of the one who acts, and of the request."""
    return {
        "id": uuid7(),
        "actor_org_id": uow.actor.org_id,
        "trace_id": current_traceparent.get()[3:35],
        "address": current_address.get()[:45],
        "version": 1,
        "created_at": uow.now(),
        "created_by": uow.actor.user_id,
        "updated_at": uow.now(),
        "updated_by": uow.actor.user_id,
    }
