"""Database: one engine, and sessions that see the rows of one organization."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from libs.tenancy.connections import TenantConnection, lend_whole_connections
from libs.tenancy.rows import TenantSession


class Database:
    """The connections of one process to its service's own database."""

    def __init__(
        self, url: str, *, pool_size: int = 5, info: Mapping[str, Any] | None = None
    ) -> None:
        """Take an asyncpg URL, and what every session is to carry in its `info`.

        Nothing connects before the first transaction.
        """
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_recycle=1800,
            connect_args={"connection_class": TenantConnection},
        )
        # A connection that a restart of the database has cut is found out before a person's
        # request meets it.
        lend_whole_connections(self.engine)
        self.sessions: async_sessionmaker[AsyncSession] = async_sessionmaker(
            self.engine,
            sync_session_class=TenantSession,
            expire_on_commit=False,
            info=dict(info or {}),
        )

    @asynccontextmanager
    async def unit_of_work(self, actor: Actor) -> AsyncIterator[UnitOfWork]:
        """Open one transaction for `actor`; commits at the end, rolls back on any exception."""
        async with self.sessions() as session:
            uow = UnitOfWork(session, actor)
            try:
                yield uow
                await uow.commit()
            except Exception:
                await session.rollback()
                raise
            except BaseException:
                # Cancelled in mid-flight: a reply may still be on the wire, so the connection
                # must never serve another organization.
                await session.invalidate()
                raise

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
