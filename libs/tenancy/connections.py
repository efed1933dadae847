"""Connections that are told for whom a transaction runs in the breath that begins it.

Every round trip to the database costs both sides, and a request has few others to make.
"""

from __future__ import annotations

import select
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    """A connection whose next transaction opens with statements that were set out beforehand."""

    __slots__ = ("_opening",)

    _opening: str

    def __init__(self, *made: Any, **named: Any) -> None:
        """Open the connection; nothing is set out yet."""
        super().__init__(*made, **named)
        self._opening = ""

    def open_next_with(self, statements: str) -> None:
        """Set out what the next transaction opens with; it is sent once, together with BEGIN."""
        self._opening = statements

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        """Send a command; a BEGIN takes along what was set out for it, or the connection dies."""
        if not (self._opening and query.startswith("BEGIN")):
            return str(await super().execute(query, *args, **options))
        opening, self._opening = self._opening, ""
        try:
            return str(await super().execute(f"{query} {opening}", **options))
        except BaseException:
            self.terminate()  # half begun: it must never serve anyone again
            raise

    def is_cut(self) -> bool:
        """Tell whether the other side has hung up, without asking it: nothing is owed to us."""
        return self.is_closed() or _may_read(self._transport.get_extra_info("socket").fileno())


def _may_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def lend_whole_connections(engine: AsyncEngine) -> None:
    """Let the pool lend a connection only as if new: not cut, with nothing of its last user."""

    @event.listens_for(engine.sync_engine, "checkout")
    def _as_if_new(lent: Any, _record: object, _lending: object) -> None:
        connection: TenantConnection = lent.driver_connection
        connection.open_next_with("")
        if connection.is_cut():
            raise DisconnectionError
