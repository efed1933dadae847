"""Saving one row by one UPDATE that is part of another statement, where many wait for it.

The session's own flush plans for any number of rows in the order of their keys, at several times
the cost and in a breath of its own. What it keeps is kept here: who and when, and the version that
another may have moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, bindparam, inspect, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, Mapper

from libs.tenancy.actor import SYSTEM_USER_ID
from libs.tenancy.rows import TenantOwned


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """The UPDATE of one row: a part for a statement that reads from it, and its parameters.

    The part is one row when it is done, none when another was faster.
    """

    row: TenantOwned
    part: CTE
    values: dict[str, Any]

    def note(self, session: AsyncSession, computed: Mapping[str, Any]) -> None:
        """Take over what the database computed; as after a flush, nothing is left to write."""
        for name, value in computed.items():
            setattr(self.row, name, value)
        # A rollback takes it back.
        session.sync_session._register_persistent({inspect(self.row)})  # noqa: SLF001


def begin_update(
    session: AsyncSession, row: TenantOwned, computed: Mapping[str, ColumnElement[Any]]
) -> RowUpdate:
    """Return the UPDATE of what has changed of a loaded row, and of what is yet to be computed."""
    state: InstanceState[TenantOwned] = inspect(row)
    changed = set(state.committed_state)
    if not state.persistent or not changed <= set(state.mapper.columns.keys()):
        raise ValueError(f"{row.noun} is new or has changed with its parts: a flush saves it")
    actor, seen = session.info.get("actor"), row.version
    row.version = seen + 1
    row.updated_at = session.info.get("now") or datetime.now(UTC)
    row.updated_by = actor.user_id if actor else SYSTEM_USER_ID
    changed |= {"version", "updated_at", "updated_by"}
    key = {"saved_org_id": row.org_id, "saved_id": row.id, "saved_version": seen}
    values = {f"to_{name}": getattr(row, name) for name in changed}
    part = _update(state.mapper, frozenset(changed), frozenset(computed.items()))
    return RowUpdate(row, part, {**key, **values})


@cache
def _update(
    mapper: Mapper[Any],
    changed: frozenset[str],
    computed: frozenset[tuple[str, ColumnElement[Any]]],
) -> CTE:
    table, columns = mapper.local_table, mapper.columns
    told: dict[str, Any] = {
        name: bindparam(f"to_{name}", type_=columns[name].type) for name in changed
    }
    return (
        update(table)  # type: ignore[arg-type]
        .where(
            columns["org_id"] == bindparam("saved_org_id"),
            columns["id"] == bindparam("saved_id"),
            columns["version"] == bindparam("saved_version"),
        )
        .values({columns[name]: value for name, value in {**told, **dict(computed)}.items()})
        .returning(columns["id"])
        .cte("saved")
    )
