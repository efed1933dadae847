"""Connections that begin a transaction, and end it, in one breath with what belongs there.

For whom it runs is told with its BEGIN, what it announces with its COMMIT: every round trip to the
database costs both sides, and others may wait for what the transaction holds.
"""

from __future__ import annotations

import select
from typing import Any

import asyncpg
from sqlalchemy import Connection, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
    """A connection whose next transaction opens and closes with statements set out beforehand."""

    __slots__ = ("_closing", "_opening")

    _opening: str
    _closing: str

    def __init__(self, *made: Any, **named: Any) -> None:
        """Open the connection; nothing is set out yet."""
        super().__init__(*made, **named)
        self._opening = self._closing = ""

    def open_next_with(self, statements: str) -> None:
        """Set out what the next transaction opens with; it is sent once, together with BEGIN."""
        self._opening = statements

    def close_next_with(self, statements: str) -> None:
        """Set out what the transaction closes with; it is sent once, together with COMMIT."""
        self._closing = statements

    async def execute(self, query: str, *args: Any, **options: Any) -> str:
        """Send a command; a BEGIN and a COMMIT take along what was set out for them."""
        if query.startswith("BEGIN"):
            self._closing = ""  # it was of a transaction that came to nothing
            if self._opening:
                return await self._open(query)
        if self._closing and query.startswith("COMMIT"):
            return await self._close(query)
        return str(await super().execute(query, *args, **options))

    async def _open(self, query: str) -> str:
        opening, self._opening = self._opening, ""
        try:
            return str(await super().execute(f"{query} {opening}"))
        except BaseException:
            self.terminate()  # half begun: it must never serve anyone again
            raise

    async def _close(self, query: str) -> str:
        closing, self._closing = self._closing, ""
        try:
            return str(await super().execute(f"{closing}; {query}"))
        except Exception:
            # A COMMIT that is refused ends the transaction by itself; one that was not reached
            # does not, and whoever sent it takes the transaction for ended.
            if not self.is_closed() and self.is_in_transaction():
                await super().execute("ROLLBACK")
            raise

    def is_cut(self) -> bool:
        """Tell whether the other side has hung up, without asking it: nothing is owed to us."""
        return self.is_closed() or _may_read(self._transport.get_extra_info("socket").fileno())


def _may_read(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def driver_of(connection: Connection) -> TenantConnection | None:
    """Return the driver's connection beneath, or None when it is of another kind."""
    driver: Any = connection.connection.driver_connection
    # `isinstance` says yes to any connection of asyncpg's: its metaclass answers for all of them.
    return driver if issubclass(type(driver), TenantConnection) else None


def lend_whole_connections(engine: AsyncEngine) -> None:
    """Let the pool lend a connection only as if new: not cut, with nothing of its last user."""

    @event.listens_for(engine.sync_engine, "checkout")
    def _as_if_new(lent: Any, _record: object, _lending: object) -> None:
        connection: TenantConnection = lent.driver_connection
        connection.open_next_with("")
        connection.close_next_with("")
        if connection.is_cut():
            raise DisconnectionError
