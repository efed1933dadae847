"""What can be done with audit events: record one. Nothing changes or removes one afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.outbox.uow import UnitOfWork, current_address, current_traceparent
from services.identity.audit_events import queries
from services.identity.audit_events.model import difference


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
