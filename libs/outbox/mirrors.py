"""Mirrors: rows that remember another service's aggregates as they were last announced."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Executable, Table, inspect
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase

from libs.outbox.event import EventMeta
from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import TenantOwned

FIRST_KEPT = ("org_id", "id", "created_at", "created_by")


async def mirror(
    uow: UnitOfWork, meta: EventMeta, known: type[TenantOwned], values: Mapping[str, Any]
) -> None:
    """Remember the newest state of an aggregate; an older one that comes late changes nothing.

    A remembered row has the id, the organization and the version of the aggregate it mirrors.
    """
    kept = {"id": meta.aggregate_id, "version": meta.aggregate_version}
    await _remember(uow, known, {**stamps(uow, meta), **kept, **values}, version="version")


async def mirror_public(
    uow: UnitOfWork,
    meta: EventMeta,
    known: type[DeclarativeBase],
    values: Mapping[str, Any],
    *,
    version: str,
) -> None:
    """Remember, in the same way, what is public about an organization: a row that nobody owns.

    It is keyed by the organization; the column `version` holds the version last announced.
    """
    row = {"org_id": meta.org_id, version: meta.aggregate_version, **values}
    await _remember(uow, known, row, version=version)


async def _remember(
    uow: UnitOfWork,
    known: type[DeclarativeBase | TenantOwned],
    row: dict[str, Any],
    *,
    version: str,
) -> None:
    table = inspect(known).local_table
    assert isinstance(table, Table)
    await uow.session.execute(_take_newer(table, tuple(row), version), row)


def stamps(uow: UnitOfWork, meta: EventMeta) -> dict[str, Any]:
    """Return whose a row is and when it came about, for a row made from an announcement."""
    # The worker is the author: who acted at the source is the source's to know.
    author = uow.actor.user_id
    return {
        "org_id": meta.org_id,
        "created_at": meta.occurred_at,
        "created_by": author,
        "updated_at": meta.occurred_at,
        "updated_by": author,
    }


@cache
def _take_newer(table: Table, names: tuple[str, ...], version: str) -> Executable:
    statement = insert(table)
    told = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: told[name] for name in names if name not in FIRST_KEPT},
        where=table.c[version] < told[version],
    )
