"""Saving one row by one UPDATE, where many wait for it.

The session's own flush plans for any number of rows in the order of their keys, at several times
the cost. What it keeps is kept here: who and when, and the version that another may have moved.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Update, bindparam, inspect, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstanceState, Mapper
from sqlalchemy.orm.exc import StaleDataError

from libs.tenancy.actor import SYSTEM_USER_ID
from libs.tenancy.rows import TenantOwned


async def save(session: AsyncSession, row: TenantOwned) -> None:
    """Write what has changed of a loaded row now; StaleDataError when another was faster.

    A row whose parts have changed too is left to the session's flush.
    """
    state: InstanceState[TenantOwned] = inspect(row)
    changed = set(state.committed_state)
    if not changed:
        return
    if not state.persistent or not changed <= set(state.mapper.columns.keys()):
        await session.flush()
        return
    actor, seen = session.info.get("actor"), row.version
    row.version = seen + 1
    row.updated_at = session.info.get("now") or datetime.now(UTC)
    row.updated_by = actor.user_id if actor else SYSTEM_USER_ID
    changed |= {"version", "updated_at", "updated_by"}
    key = {"saved_org_id": row.org_id, "saved_id": row.id, "saved_version": seen}
    values = {f"to_{name}": getattr(row, name) for name in changed}
    # Past the session, which would flush first.
    connection = await session.connection()
    statement = _update(state.mapper, frozenset(changed))
    written = await connection.execute(statement, {**key, **values})
    if written.rowcount != 1:
        raise StaleDataError(f"{row.noun} is of another version by now")
    # As a flush leaves it: nothing is left to write, and a rollback takes it back.
    session.sync_session._register_persistent({state})  # noqa: SLF001


@cache
def _update(mapper: Mapper[Any], changed: frozenset[str]) -> Update:
    table, columns = mapper.local_table, mapper.columns
    return (
        update(table)  # type: ignore[arg-type]
        .where(
            columns["org_id"] == bindparam("saved_org_id"),
            columns["id"] == bindparam("saved_id"),
            columns["version"] == bindparam("saved_version"),
        )
        .values({columns[name]: bindparam(f"to_{name}") for name in changed})
    )
