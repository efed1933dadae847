"""Lending over HTTP: shapes, routes, and places where a test meets a request in mid-flight."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, FastAPI, Query
from pydantic import AwareDatetime, Field, Strict
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.access import CurrentActor, requires
from libs.chassis.http import Uow, install, slice_router
from libs.chassis.paging import ListParams, Page, Rows, page
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.chassis.settings import ServiceSettings
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Shape, Title
from libs.outbox.uow import UnitOfWork
from libs.refusals import Stale
from libs.tests.lending import Base, Book, BookAway, BookLent, BookNotFound, Loan

BOOKS = "/api/v1/moa/{}/lending/books"


class BookCreate(Shape):
    title: Title
    copies: Annotated[int, Strict(), Field(ge=-5, le=2_147_483_647)] = 1
    price_amount: Money = Decimal("10.00")
    bought_on: date = date(2026, 3, 31)


class BookChange(ChangeShape):
    title: Title = ""
    copies: Annotated[int, Strict(), Field(ge=0)] = 0


class BookRead(RecordRead):
    title: str
    copies: int
    price_amount: Money
    bought_on: date
    read_at: AwareDatetime


class BookPage(Page[BookRead]):
    pass


Rising = Literal[
    "created_at",
    "title",
    "copies",
    "price_amount",
    "bought_on",
    "read_at",
    "shelf_id",
    "lost_on",
]
Falling = Literal[
    "-created_at",
    "-title",
    "-copies",
    "-price_amount",
    "-bought_on",
    "-read_at",
    "-shelf_id",
    "-lost_on",
]


class BookFilter(ListParams):
    copies_gte: Annotated[int | None, Field(alias="copies[gte]")] = None
    sort: Rising | Falling = "-created_at"


router = slice_router(prefix="/api/v1/moa/{org_code}/lending/books", tag="books")
open_router = slice_router(prefix="/api/v1/lending", tag="open")


async def get_book(session: AsyncSession, book_id: UUID, *, lock: bool = False) -> Book:
    statement: Select[Book] = select(Book).where(Book.id == book_id)
    found = (
        await session.scalars(statement.with_for_update() if lock else statement)
    ).one_or_none()
    if found is None:
        raise BookNotFound
    return found


async def add_book(uow: UnitOfWork, told: BookCreate) -> Book:
    book = Book(**told.model_dump(), read_at=uow.now(), shelf_id=uow.actor.org_id, shown_to=None)
    uow.session.add(book)
    return book


@router.get("", response_model=BookPage, dependencies=[requires("lending.book.read")])
async def list_books(params: Annotated[BookFilter, Query()], uow: Uow) -> Rows[Book]:
    statement = select(Book)
    if params.copies_gte is not None:
        statement = statement.where(Book.copies >= params.copies_gte)
    return await page(uow.session, statement, Book, params)


@router.post(
    "", response_model=BookRead, status_code=201, dependencies=[requires("lending.book.create")]
)
async def create_book(body: BookCreate, uow: Uow) -> Book:
    return await add_book(uow, body)


@router.get(
    "/{book_id}",
    response_model=BookRead,
    dependencies=[requires("lending.book.read")],
    responses=refuses(BookNotFound),
)
async def read_book(book_id: UUID, uow: Uow) -> Book:
    return await get_book(uow.session, book_id)


@router.patch(
    "/{book_id}",
    response_model=BookRead,
    dependencies=[requires("lending.book.change"), match_required],
    responses=refuses(BookNotFound, MatchMissing, Stale),
)
async def change_book(book_id: UUID, body: BookChange, uow: Uow) -> Book:
    book = await get_book(uow.session, book_id, lock=True)
    uow.expect(book)
    for name, value in body.changes().items():
        setattr(book, name, value)
    return book


@router.delete("/{book_id}", status_code=204, dependencies=[requires("lending.book.delete")])
async def delete_book(book_id: UUID, uow: Uow) -> None:
    await uow.session.delete(await get_book(uow.session, book_id, lock=True))


@router.post(
    "/{book_id}/lend",
    response_model=BookRead,
    dependencies=[requires("lending.book.lend")],
    responses=refuses(BookNotFound, BookAway),
)
async def lend_book(book_id: UUID, uow: Uow) -> Book:
    book = await get_book(uow.session, book_id, lock=True)
    book.lend()
    uow.session.add(Loan(book_id=book.id))
    uow.publish(BookLent(book_id=book.id, copies=book.copies), of=book)
    return book


@router.post("/{book_id}/wait", dependencies=[requires("lending.book.lend")])
async def wait_for_book(book_id: UUID, uow: Uow) -> dict[str, str]:
    """Hold the transaction open until somebody sets `waiting.go`."""
    waiting.began.set()
    await waiting.go.wait()
    return {"book_id": str(book_id)}


@router.post("/misread", response_model=BookRead, dependencies=[requires("lending.book.create")])
async def misread_book(body: BookCreate, uow: Uow) -> Any:
    """Write a book and answer with something that is none."""
    await add_book(uow, body)
    return {"title": "no book"}


class Waiting:
    """Where a test meets a request in mid-flight."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self.again()

    def again(self) -> None:
        """Forget who waited."""
        self.began, self.go = asyncio.Event(), asyncio.Event()


waiting = Waiting()
faults: dict[str, BaseException] = {}


@open_router.get("/whoami")
async def tell_whoami(actor: CurrentActor) -> dict[str, str]:
    """Say who asks, whichever organization it is for."""
    return {"org_code": actor.org_code}


@open_router.get("/fault")
async def raise_fault(name: str) -> dict[str, Any]:
    """Fail in a way that a test has put into `faults`."""
    raise faults[name]


@open_router.put("/echo")
async def echo(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Say what was said; opens no unit of work."""
    return body


def create_app(settings: ServiceSettings) -> FastAPI:
    app = install(
        service="lending",
        module="planning",
        settings=settings,
        metadata=Base.metadata,
        title="Lending",
        description="Books of public libraries.",
    )
    app.include_router(router)
    app.include_router(open_router)
    return app
