"""How an announcement becomes a fact and a row that remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from libs.outbox.event import EventMeta
from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import TenantOwned
from services.ocm.facts.model import Fact
from services.ocm.facts.schemas import Announced

FIRST_KEPT = ("org_id", "id", "created_at", "created_by")


async def remember(
    uow: UnitOfWork,
    event: Announced,
    meta: EventMeta,
    known: type[TenantOwned],
    values: Mapping[str, Any],
) -> None:
    """Keep the fact, and the newest state of its aggregate; an older one that comes late is none.

    A remembered row has the id and the version of the aggregate that it mirrors.
    """
    await _record(uow, event, meta)
    row = {**_common(uow, meta), "id": meta.aggregate_id, **values}
    statement = insert(known).values(version=meta.aggregate_version, **row)
    told = statement.excluded
    await uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["org_id", "id"],
            set_={name: told[name] for name in (*row, "version") if name not in FIRST_KEPT},
            where=known.version < told.version,
        )
    )


async def _record(uow: UnitOfWork, event: Announced, meta: EventMeta) -> None:
    fact = insert(Fact).values(
        **_common(uow, meta),
        id=meta.event_id,
        version=1,
        event_id=meta.event_id,
        context=meta.source,
        subject=meta.subject,
        source_seq=meta.source_seq,
        aggregate_id=meta.aggregate_id,
        aggregate_version=meta.aggregate_version,
        fiscal_year=event.year,
        effective_at=event.holds_since or meta.occurred_at,
        recorded_at=meta.occurred_at,
        inputs=event.model_dump(mode="json"),
        payload_hash=event.seal,
    )
    await uow.session.execute(fact.on_conflict_do_nothing(index_elements=["org_id", "id"]))


def _common(uow: UnitOfWork, meta: EventMeta) -> dict[str, Any]:
    # The worker is the author: who acted at the source is the source's to know.
    author = uow.actor.user_id
    return {
        "org_id": meta.org_id,
        "created_at": meta.occurred_at,
        "created_by": author,
        "updated_at": meta.occurred_at,
        "updated_by": author,
    }
