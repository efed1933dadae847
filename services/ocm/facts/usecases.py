"""How an announcement becomes a fact and a row that remembers it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, inspect
from sqlalchemy.dialects.postgresql import insert

from libs.outbox.event import EventMeta
from libs.outbox.mirrors import mirror, stamps
from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import TenantOwned
from services.ocm.facts.model import Fact
from services.ocm.facts.schemas import Announced


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
        **stamps(uow, meta),
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
    await uow.session.execute(_keep(), fact)
    await mirror(uow, meta, known, values)


@cache
def _keep() -> Executable:
    table = inspect(Fact).local_table
    assert isinstance(table, Table)
    return insert(table).on_conflict_do_nothing(index_elements=["org_id", "id"])
