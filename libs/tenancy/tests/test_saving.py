"""Saving one row: what a flush keeps is kept, and nothing is left for the flush to do."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from libs.chassis.database import Database
from libs.chassis.testing import CountedStatements
from libs.tenancy.saving import save
from libs.tenancy.tests.test_rows import a_book, an_actor, kept
from libs.tests.lending import Book


async def test_one_row_is_written_once_with_who_when_and_a_version(connections: Database) -> None:
    made = await kept(connections, an_actor())
    another = an_actor(org_id=made.org_id)
    async with connections.unit_of_work(another) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        with CountedStatements(connections.engine) as counted:
            await save(uow.session, book)
            book.lend()
            await save(uow.session, book)
            await uow.flush()
        assert ["UPDATE" in each for each in counted.statements] == [True]
        told = (book.copies, book.version, book.updated_by, book.updated_at)
        assert told == (1, 2, another.user_id, uow.now())
        book.title = "El Filibusterismo"
    async with connections.unit_of_work(another) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        assert (book.title, book.copies, book.version) == ("El Filibusterismo", 1, 3)
        assert (book.created_by, book.created_at) == (made.created_by, made.created_at)


async def test_a_row_that_is_not_kept_yet_is_left_to_the_flush(connections: Database) -> None:
    async with connections.unit_of_work(an_actor()) as uow:
        book = a_book()
        uow.session.add(book)
        await save(uow.session, book)
        assert book.version == 1


async def test_what_is_taken_back_is_not_seen_any_more(connections: Database) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.unit_of_work(actor) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        async with uow.session.begin_nested() as savepoint:
            book.lend()
            await save(uow.session, book)
            await savepoint.rollback()
        (book,) = (await uow.session.scalars(select(Book))).all()
        assert (book.copies, book.version) == (2, 1)


async def test_whoever_was_slower_is_refused(connections: Database) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.sessions(info={"actor": actor}) as slow:
        seen = (await slow.scalars(select(Book))).one()
        async with connections.unit_of_work(actor) as fast:
            (await fast.session.scalars(select(Book))).one().lend()
        seen.lend()
        with pytest.raises(StaleDataError, match=r"lending\.book"):
            await save(slow, seen)
