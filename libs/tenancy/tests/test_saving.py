"""Saving one row as a part of a statement: what a flush keeps is kept, nothing is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row, func, select

from libs.chassis.database import Database
from libs.chassis.testing import CountedStatements
from libs.outbox.uow import UnitOfWork
from libs.tenancy.saving import begin_update
from libs.tenancy.tests.test_rows import a_book, an_actor, kept
from libs.tests.lending import Book

TITLE = func.upper("El Filibusterismo")


async def saved(uow: UnitOfWork, book: Book, **computed: Any) -> Row[Any] | None:
    """Run a statement of which the row's UPDATE is a part."""
    saving = begin_update(uow.session, book, computed)
    connection = await uow.session.connection()
    found = (await connection.execute(select(saving.part), saving.values)).one_or_none()
    if found:
        saving.note(uow.session, dict.fromkeys(computed, "EL FILIBUSTERISMO"))
    return found


async def test_one_row_is_written_once_with_who_when_and_a_version(connections: Database) -> None:
    made = await kept(connections, an_actor())
    another = an_actor(org_id=made.org_id)
    async with connections.unit_of_work(another) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        with CountedStatements(connections.engine) as counted:
            book.lend()
            assert await saved(uow, book, title=TITLE)
            await uow.flush()
        assert ["UPDATE" in each for each in counted.statements] == [True]
        told = (book.title, book.copies, book.version, book.updated_by, book.updated_at)
        assert told == ("EL FILIBUSTERISMO", 1, 2, another.user_id, uow.now())
        book.lend()
    async with connections.unit_of_work(another) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        assert (book.title, book.copies, book.version) == ("EL FILIBUSTERISMO", 0, 3)
        assert (book.created_by, book.created_at) == (made.created_by, made.created_at)


async def test_a_row_that_is_not_kept_yet_is_left_to_the_flush(connections: Database) -> None:
    async with connections.unit_of_work(an_actor()) as uow:
        book = a_book()
        uow.session.add(book)
        with pytest.raises(ValueError, match="a flush saves it"):
            begin_update(uow.session, book, {})


async def test_what_is_taken_back_is_not_seen_any_more(connections: Database) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.unit_of_work(actor) as uow:
        book = (await uow.session.scalars(select(Book))).one()
        async with uow.session.begin_nested() as savepoint:
            book.lend()
            assert await saved(uow, book)
            await savepoint.rollback()
        (book,) = (await uow.session.scalars(select(Book))).all()
        assert (book.copies, book.version) == (2, 1)


async def test_whoever_was_slower_writes_nothing(connections: Database) -> None:
    actor = an_actor()
    await kept(connections, actor)
    async with connections.unit_of_work(actor) as slow:
        seen = (await slow.session.scalars(select(Book))).one()
        async with connections.unit_of_work(actor) as fast:
            (await fast.session.scalars(select(Book))).one().lend()
        seen.lend()
        assert await saved(slow, seen) is None
        await slow.session.rollback()
