"""How an announcement becomes a fact and a row that remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, inspect
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
    fact = {
        **_common(uow, meta),
        "id": meta.event_id,
        "version": 1,
        "event_id": meta.event_id,
        "context": meta.source,
        "subject": meta.subject,
        "source_seq": meta.source_seq,
        "aggregate_id": meta.aggregate_id,
        "aggregate_version": meta.aggregate_version,
        "fiscal_year": event.year,
        "effective_at": event.holds_since or meta.occurred_at,
        "recorded_at": meta.occurred_at,
        "inputs": event.model_dump(mode="json"),
        "payload_hash": event.seal,
    }
    row = {
        **_common(uow, meta),
        "id": meta.aggregate_id,
        "version": meta.aggregate_version,
        **values,
    }
    await uow.session.execute(_keep(), fact)
    await uow.session.execute(_take_newer(_table(known), tuple(row)), row)


@cache
def _keep() -> Executable:
    return insert(_table(Fact)).on_conflict_do_nothing(index_elements=["org_id", "id"])


@cache
def _take_newer(table: Table, names: tuple[str, ...]) -> Executable:
    statement = insert(table)
    told = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["org_id", "id"],
        set_={name: told[name] for name in names if name not in FIRST_KEPT},
        where=table.c.version < told.version,
    )


def _table(model: type[TenantOwned]) -> Table:
    table = inspect(model).local_table
    assert isinstance(table, Table)
    return table


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
