"""Rows and the sessions that see them: the context, the stamps, the version, what may be done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import NullPool

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import SYSTEM_USER_ID, Actor
from libs.tenancy.rows import TenantOwned, tenant_tables
from libs.tests.lending import Base, Book, Library, Loan, migrate_lending

A_DAY = datetime(2026, 3, 31, 17, 0, tzinfo=UTC)


def an_actor(*permissions: str, org_id: UUID | None = None) -> Actor:
    return Actor(uuid4(), org_id or uuid4(), "MOH", permissions=permissions or ("*.*.*",))


def a_book(**changes: Any) -> Book:
    told: dict[str, Any] = {
        "title": "Noli Me Tangere",
        "copies": 2,
        "price_amount": 10,
        "bought_on": date(2026, 3, 31),
        "read_at": A_DAY,
        "shelf_id": uuid4(),
        "shown_to": None,
    }
    return Book(**{**told, **changes})


async def kept(connections: Database, actor: Actor, **changes: Any) -> Book:
    book = a_book(**changes)
    async with connections.unit_of_work(actor) as uow:
        uow.session.add(book)
    return book


async def seen(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Book)) or 0


async def settings(session: AsyncSession) -> tuple[str | None, ...]:
    names = ("app.org_id", "app.actor_id", "app.oversight")
    said = [await session.scalar(text(f"SELECT current_setting('{name}', true)")) for name in names]
    return tuple(said)


async def test_every_transaction_runs_for_the_actor_and_tells_the_database(
    connections: Database,
) -> None:
    actor = an_actor("oversight.*.read")
    async with connections.unit_of_work(actor) as uow:
        told = (str(actor.org_id), str(actor.user_id), "on")
        assert await settings(uow.session) == told
        await uow.session.commit()
        assert await settings(uow.session) == told, "a second transaction is told again"


async def test_the_context_ends_with_its_transaction(database: ServiceDatabase) -> None:
    one = Database(database.app, pool_size=1)
    async with one.unit_of_work(an_actor()) as uow:
        pid = await uow.session.scalar(text("SELECT pg_backend_pid()"))
    async with one.sessions() as session:
        assert await session.scalar(text("SELECT pg_backend_pid()")) == pid
        assert [value or "" for value in await settings(session)] == ["", "", ""]
    await one.close()


async def test_without_an_actor_there_are_no_rows(connections: Database) -> None:
    await kept(connections, an_actor())
    async with connections.sessions() as session:
        assert await seen(session) == 0
        session.add(a_book(org_id=uuid4()))
        with pytest.raises(DBAPIError, match="row-level security"):
            await session.flush()


async def test_an_organization_sees_its_own_rows_alone(connections: Database) -> None:
    moh, mole = an_actor(), an_actor()
    await kept(connections, moh)
    async with connections.unit_of_work(moh) as uow:
        assert await seen(uow.session) == 1
    async with connections.unit_of_work(mole) as uow:
        assert await seen(uow.session) == 0


async def test_a_row_cannot_be_given_to_another_organization(connections: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        await kept(connections, an_actor(), org_id=uuid4())


async def test_a_shared_row_is_read_and_never_written(connections: Database) -> None:
    moh, mole = an_actor(), an_actor()
    book = await kept(connections, moh, shown_to=mole.org_id)
    async with connections.unit_of_work(mole) as uow:
        shown = (await uow.session.scalars(select(Book))).one()
        assert (shown.id, shown.allowed_actions) == (book.id, [])
        changed = await uow.session.execute(text("UPDATE lending.books SET copies = 0"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
        shown.copies = 9
        with pytest.raises(StaleDataError):
            await uow.session.flush()
        await uow.session.rollback()


async def test_a_child_cannot_point_into_another_organization(connections: Database) -> None:
    moh, mole = an_actor(), an_actor()
    book = await kept(connections, moh, shown_to=mole.org_id)
    with pytest.raises(IntegrityError, match="fk_loans_org_id_book_id"):
        async with connections.unit_of_work(mole) as uow:
            uow.session.add(Loan(book_id=book.id))


async def test_what_is_append_only_stays(connections: Database) -> None:
    actor = an_actor()
    book = await kept(connections, actor)
    async with connections.unit_of_work(actor) as uow:
        uow.session.add(Loan(book_id=book.id))
    for statement in ("UPDATE lending.loans SET version = 2", "DELETE FROM lending.loans"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with connections.unit_of_work(actor) as uow:
                await uow.session.execute(text(statement))


async def test_a_savepoint_keeps_the_context(connections: Database) -> None:
    actor = an_actor()
    async with connections.unit_of_work(actor) as uow:
        async with uow.session.begin_nested():
            uow.session.add(a_book())
        with pytest.raises(IntegrityError):
            async with uow.session.begin_nested():
                uow.session.add(a_book(copies=-1, title="Another"))
        assert await seen(uow.session) == 1
        assert (await settings(uow.session))[0] == str(actor.org_id)


async def test_owner_author_and_instant_are_stamped(connections: Database) -> None:
    author, editor = an_actor(), an_actor()
    book = await kept(connections, author, created_by=uuid4(), created_at=A_DAY)
    assert book.org_id == author.org_id
    assert (book.created_by, book.updated_by, book.version) == (author.user_id, author.user_id, 1)
    assert book.created_at == book.updated_at > A_DAY
    editor = Actor(uuid4(), author.org_id, "MOH")
    async with connections.unit_of_work(editor) as uow:
        again = (await uow.session.scalars(select(Book))).one()
        again.copies = 1
        await uow.flush()
        assert (again.created_by, again.updated_by) == (author.user_id, editor.user_id)
        assert (again.version, again.updated_at) == (2, uow.now())


async def test_what_has_not_changed_keeps_its_version(connections: Database) -> None:
    actor = an_actor()
    book = await kept(connections, actor)
    async with connections.unit_of_work(actor) as uow:
        again = (await uow.session.scalars(select(Book))).one()
        again.copies = book.copies
        await uow.flush()
        assert (again.version, again.updated_at) == (1, book.updated_at)


async def test_a_touched_row_moves_its_version(connections: Database) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.unit_of_work(actor) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        book.touch(uow.now())
        await uow.flush()
        assert book.version == 2


async def test_two_writers_of_one_version_do_not_overwrite_each_other(
    connections: Database,
) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.unit_of_work(actor) as late:
        old = (await late.session.scalars(select(Book))).one()
        async with connections.unit_of_work(actor) as early:
            (await early.session.scalars(select(Book))).one().copies = 1
        old.copies = 7
        with pytest.raises(StaleDataError):
            await late.session.flush()
        await late.session.rollback()


async def test_a_session_without_an_actor_writes_as_the_system(database: ServiceDatabase) -> None:
    connections = Database(database.admin)
    async with connections.sessions() as session:
        book, library = (
            a_book(org_id=uuid4()),
            Library(org_id=uuid4(), name="Health", told_version=1),
        )
        session.add_all([book, library])
        await session.flush()
        library.name = "Ministry of Health"
        book.copies = 1
        await session.flush()
        assert (book.created_by, book.updated_by, book.version) == (*[SYSTEM_USER_ID] * 2, 2)
        assert book.allowed_actions == []
    await connections.close()


async def test_allowed_actions_are_what_state_and_permissions_leave(connections: Database) -> None:
    actor = an_actor("lending.book.lend", "lending.book.change")
    book = await kept(connections, actor)
    assert book.allowed_actions == [], "outside a session nobody acts"
    async with connections.unit_of_work(actor) as uow:
        held = (await uow.session.scalars(select(Book))).one()
        assert held.allowed_actions == ["change", "lend"]
        held.copies = 0
        assert held.allowed_actions == ["change"]
    reader = Actor(uuid4(), actor.org_id, "MOH", permissions=("lending.book.read",))
    async with connections.unit_of_work(reader) as uow:
        assert (await uow.session.scalars(select(Book))).one().allowed_actions == []


def test_a_row_without_states_leaves_nothing_open() -> None:
    assert list(TenantOwned().open_actions(an_actor())) == []


async def test_today_is_the_day_in_manila(connections: Database) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.sessions() as session:
        evening = UnitOfWork(session, actor, clock=lambda: A_DAY)
        book = (await evening.session.scalars(select(Book))).one()
        assert book.today == date(2026, 4, 1)
    assert isinstance(a_book().today, date)


def test_the_tables_of_organizations_are_known() -> None:
    assert tenant_tables(Base) == ["books", "loans"]


async def test_tables_come_and_go(database: ServiceDatabase) -> None:
    engine = create_async_engine(database.admin, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: migrate_lending(sync, down=True))
        left = await connection.run_sync(lambda sync: inspect(sync).get_table_names("lending"))
        assert left == []
        await connection.run_sync(migrate_lending)
    await engine.dispose()
