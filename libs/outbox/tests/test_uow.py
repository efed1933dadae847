"""A unit of work at its end: rows and events are there together, or neither."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from libs.chassis.database import Database
from libs.chassis.testing import CountedStatements, ServiceDatabase, org_id_of
from libs.outbox.event import Event
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantSession
from libs.tests.lending import Base

READER = Actor.system(org_id_of("MOH"))
ANYTHING = text("SELECT pg_backend_pid()")
SAYINGS = ["plain", "it's", '"\\', "\\'; COMMIT; --", "ñ ☃ \U0001f4da", "a\nb\tc", "$1 :name %s"]


class BookPraised(Event):
    """Somebody said something about a book."""

    subject: ClassVar[str] = "lending.book.praised.v1"

    saying: str


def a_book(book_id: UUID | None = None, version: int = 1) -> Any:
    return SimpleNamespace(id=book_id or uuid4(), version=version, metadata=Base.metadata)


async def said(administrator: asyncpg.Connection) -> list[str]:
    rows = await administrator.fetch(
        "SELECT data ->> 'saying' AS saying FROM lending.outbox ORDER BY position"
    )
    return [row["saying"] for row in rows]


async def test_events_go_out_in_order_with_the_commit_whatever_they_say(
    connections: Database, administrator: asyncpg.Connection
) -> None:
    with CountedStatements(connections.engine) as counted:
        async with connections.unit_of_work(READER) as uow:
            when = uow.now()
            await uow.session.execute(ANYTHING)
            for version, saying in enumerate(SAYINGS, start=1):
                uow.publish(BookPraised(saying=saying), of=a_book(version=version))
    assert counted.statements == [ANYTHING.text]
    assert await said(administrator) == SAYINGS
    rows = await administrator.fetch("SELECT * FROM lending.outbox ORDER BY position")
    assert {(row["org_id"], row["actor_id"], row["occurred_at"]) for row in rows} == {
        (READER.org_id, READER.user_id, when)
    }
    assert [row["aggregate_version"] for row in rows] == list(range(1, 1 + len(SAYINGS)))


async def test_a_commit_whose_events_are_refused_keeps_nothing_and_serves_the_next(
    database: ServiceDatabase, administrator: asyncpg.Connection
) -> None:
    one = Database(database.app, pool_size=1)
    async with one.unit_of_work(READER) as uow:
        before = await uow.session.scalar(ANYTHING)

    async def praise(saying: str, version: int) -> None:
        async with one.unit_of_work(READER) as uow:
            assert await uow.session.scalar(ANYTHING) == before
            uow.publish(BookPraised(saying=saying), of=a_book(version=version))

    with pytest.raises(DBAPIError, match="out of range"):
        await praise("lost", version=1 << 40)
    await praise("kept", version=1)
    assert await said(administrator) == ["kept"]
    await one.close()


async def test_events_are_kept_where_no_commit_takes_them_along(
    connections: Database, database: ServiceDatabase, administrator: asyncpg.Connection
) -> None:
    async with connections.unit_of_work(READER) as uow:
        uow.publish(BookPraised(saying="alone"), of=a_book())
    engine = create_async_engine(database.app)
    async with AsyncSession(engine, sync_session_class=TenantSession) as session:
        uow = UnitOfWork(session, READER)
        await session.execute(ANYTHING)
        uow.publish(BookPraised(saying="plain"), of=a_book())
        await uow.commit()
    await engine.dispose()
    assert await said(administrator) == ["alone", "plain"]
