"""What is read of another service's events in the tests of the inbox, and faults on demand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pydantic import BaseModel

from libs.chassis.testing import org_id_of
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork, current_traceparent
from libs.tests.lending import Book, BookLent

MOH = org_id_of("MOH")
ADDED = "elsewhere.book.added.v1"
RENAMED = "elsewhere.book.renamed.v1"
GIVEN = "elsewhere.book.given.v1"


class AddedBook(BaseModel):
    """The one field that is read here."""

    title: str


class Faults:
    """What the next event meets."""

    error: BaseException | None = None


@subscriber(ADDED, RENAMED)
async def remember_book(event: AddedBook, uow: UnitOfWork, meta: EventMeta) -> None:
    book = Book(
        title=event.title,
        copies=meta.aggregate_version,
        price_amount=1,
        bought_on=date(2026, 3, 31),
        read_at=meta.occurred_at,
        shelf_id=meta.aggregate_id,
    )
    uow.session.add(book)
    uow.publish(BookLent(book_id=uuid4(), copies=1), of=book)
    if Faults.error is not None:
        raise Faults.error


@subscriber(RENAMED)
async def count_rename(event: AddedBook, uow: UnitOfWork) -> None:
    assert uow.actor.org_id == MOH
    assert current_traceparent.get() == "a trace"


class GivenBook(AddedBook):
    """A book for another library."""

    for_org_id: UUID


@subscriber(GIVEN, acts_for="for_org_id")
async def keep_book(event: GivenBook, uow: UnitOfWork, meta: EventMeta) -> None:
    assert uow.actor.org_id == event.for_org_id != meta.org_id
    await remember_book(event, uow, meta)


def not_async(event: AddedBook, uow: UnitOfWork) -> None: ...


READERS = ModuleType("readers")
READERS.remember_book = remember_book  # type: ignore[attr-defined]
READERS.count_rename = count_rename  # type: ignore[attr-defined]
READERS.keep_book = keep_book  # type: ignore[attr-defined]
READERS.not_async = subscriber(ADDED)(not_async)  # type: ignore[attr-defined, type-var]
READERS.number = 7  # type: ignore[attr-defined]


class Clock:
    """The inbox's clock, moved by a test."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


def an_event(number: int = 1, subject: str = ADDED, **changes: Any) -> ReceivedEvent:
    data = changes.pop("data", {"title": f"Book {number}", "isbn": "unread"})
    told: dict[str, Any] = {
        "event_id": UUID(int=number),
        "source": "elsewhere",
        "source_seq": number,
        "subject": subject,
        "org_id": MOH,
        "actor_id": uuid4(),
        "aggregate_id": uuid4(),
        "aggregate_version": 3,
        "occurred_at": datetime(2026, 3, 31, tzinfo=UTC),
        "traceparent": "a trace",
    }
    return ReceivedEvent(EventMeta(**{**told, **changes}), data)


async def counts(administrator: asyncpg.Connection) -> tuple[int, ...]:
    tables = ("books", "outbox", "inbox", "parked_events")
    return tuple(
        [await administrator.fetchval(f"SELECT count(*) FROM lending.{name}") for name in tables]
    )
