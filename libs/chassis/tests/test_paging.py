"""Paging: the pages put together are the whole list, in order, once; no cursor can break it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.database import Database
from libs.chassis.paging import MAX_LIMIT, CursorNotOurs, ListParams, page
from libs.chassis.testing import CountedStatements, Person
from libs.tenancy.actor import Actor
from libs.tests.lending import Book
from libs.tests.lending_http import BOOKS, Falling, Rising

MOH = BOOKS.format("MOH")
SORTS = [*get_args(Rising), *get_args(Falling)]
FEW = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
BOOK_LISTS = st.lists(
    st.fixed_dictionaries(
        {
            "copies": st.integers(0, 3),
            "price_amount": st.sampled_from([Decimal("0.10"), Decimal("9.99"), Decimal(10)]),
            "bought_on": st.one_of(st.just(date(2026, 1, 1)), DAYS),
            "read_at": st.one_of(st.just(datetime(2026, 1, 1, tzinfo=UTC)), INSTANTS),
            "shelf_id": st.one_of(st.just(UUID(int=7)), st.uuids()),
        }
    ),
    max_size=9,
)


async def pages(session: AsyncSession, sort: str, limit: int) -> list[list[UUID]]:
    """Read a list to its end, as a caller does."""
    found: list[list[UUID]] = []
    cursor: str | None = None
    while True:
        params = ListParams(limit=limit, sort=sort, cursor=cursor)
        rows = await page(session, select(Book), Book, params)
        found.append([row.id for row in rows.items])
        cursor = rows.next
        if cursor is None:
            return found


def in_order(books: list[Book], sort: str) -> list[Book]:
    """Sort as PostgreSQL does: nulls last, and first when the order falls."""
    name = sort.removeprefix("-")

    def place(book: Book) -> tuple[Any, ...]:
        value = getattr(book, name)
        return (value is None, 0 if value is None else value, book.id)

    return sorted(books, key=place, reverse=sort != name)


@pytest.mark.parametrize("sort", SORTS)
async def test_the_pages_are_the_list(connections: Database, sort: str) -> None:
    @FEW
    @given(BOOK_LISTS, st.integers(1, 13))
    async def check(told: list[dict[str, Any]], limit: int) -> None:
        async with connections.unit_of_work(Actor.system(uuid4())) as uow:
            books = [
                Book(title=f"Book {n % 3} {n}", shown_to=None, **t) for n, t in enumerate(told)
            ]
            uow.session.add_all(books)
            await uow.session.flush()
            whole = in_order(books, sort)
            found = await pages(uow.session, sort, limit)
        assert [row for each in found for row in each] == [book.id for book in whole]
        assert all(len(each) == limit for each in found[:-1])
        assert 0 < len(found[-1]) <= limit or not books

    await run_given(check)


async def run_given(check: Callable[..., Any]) -> None:
    """Run an async property in this loop, as the plugin does for a test function."""
    loop = asyncio.get_running_loop()
    inner = check.hypothesis.inner_test  # type: ignore[attr-defined]

    def run(*args: Any, **values: Any) -> None:
        asyncio.run_coroutine_threadsafe(inner(*args, **values), loop).result()

    check.hypothesis.inner_test = run  # type: ignore[attr-defined]
    await asyncio.to_thread(check)


async def some_books(client: Person, many: int = 5) -> None:
    for number in range(many):
        answer = await client.post(MOH, json={"title": f"Book {number}", "copies": number % 2})
        assert answer.status_code == 201


async def test_a_list_says_where_it_goes_on(person: Callable[..., Person]) -> None:
    client = person()
    await some_books(client)
    params: dict[str, Any] = {"limit": 2, "sort": "title"}
    titles: list[str] = []
    while True:
        told = (await client.get(MOH, params=params)).json()
        assert told["total"] is None
        titles += [book["title"] for book in told["items"]]
        if told["next"] is None:
            break
        params["cursor"] = told["next"]
    assert titles == [f"Book {number}" for number in range(5)]


async def test_the_newest_come_first_and_twenty_at_once(person: Callable[..., Person]) -> None:
    client = person()
    await some_books(client, 22)
    told = (await client.get(MOH)).json()
    assert [book["title"] for book in told["items"][:2]] == ["Book 21", "Book 20"]
    assert len(told["items"]) == 20


async def test_the_total_is_counted_on_demand_and_with_the_filter(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    client = person()
    await some_books(client)
    with CountedStatements(app.state.database.engine) as counted:
        told = await client.get(MOH, params={"count": "exact", "copies[gte]": 1, "limit": 1})
    assert told.json()["total"] == 2
    assert len(counted.statements) == 2, "count, page"
    assert (await client.get(MOH, params={"count": "about"})).status_code == 422


@pytest.mark.parametrize(
    ("asked", "given"), [("1", 1), ("200", 200), ("201", 200), ("9" * 30, 200)]
)
def test_a_large_limit_counts_as_the_largest(asked: str, given: int) -> None:
    assert ListParams.model_validate({"limit": asked}).limit == given
    assert MAX_LIMIT == 200


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", ""])
async def test_a_limit_that_is_none_is_refused(person: Callable[..., Person], limit: str) -> None:
    answer = await person().get(MOH, params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/limit"


async def test_an_order_that_the_list_does_not_have_is_refused(
    person: Callable[..., Person],
) -> None:
    for sort in ("colour", "-", "", "title,copies", "org_id", "--title"):
        answer = await person().get(MOH, params={"sort": sort})
        assert answer.status_code == 422, sort


def a_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


ID = "01a1fe34-d6a4-7019-bd69-fd46d44b008e"
FORGED = [
    "nonsense",
    "é",
    "=",
    "AAAA",
    a_cursor(),
    a_cursor(1),
    a_cursor("-created_at", "2026-03-31T00:00:00Z"),
    a_cursor("-created_at", "yesterday", ID),
    a_cursor("-created_at", "2026-03-31T00:00:00", ID),
    a_cursor("-created_at", "2026-03-31", ID),
    a_cursor("-created_at", 7, ID),
    a_cursor("-created_at", None, ID),
    a_cursor("-created_at", "2026-03-31T00:00:00Z", 7),
    a_cursor("-created_at", "2026-03-31T00:00:00Z", "7"),
    a_cursor("-created_at", "2026-03-31T00:00:00Z", [ID]),
    a_cursor("title", "a", ID),
    a_cursor(["-created_at"], "2026-03-31T00:00:00Z", ID),
    base64.urlsafe_b64encode(b"[" * 700).decode().rstrip("="),
    base64.urlsafe_b64encode(b'{"a":1,"b":2,"c":3}').decode().rstrip("="),
    base64.urlsafe_b64encode(b"9" * 700).decode().rstrip("="),
]


@pytest.mark.parametrize("cursor", FORGED)
async def test_a_forged_cursor_is_refused(person: Callable[..., Person], cursor: str) -> None:
    answer = await person().get(MOH, params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_not_ours"), answer.text
    assert answer.json()["errors"][0]["pointer"] == "/query/cursor"


VALUES: list[Any] = [None, True, -1, 2**31, 2**63, 10**400, 1.5, 1e308, "", "x", "NaN"]
VALUES += ["Infinity", "1e999999", "9" * 400, "\x00", "\ud800", [], {}, [ID], "0001-01-01"]
VALUES += ["9999-12-31T23:59:59+00:00"]


@pytest.mark.parametrize("sort", SORTS)
async def test_no_value_in_a_cursor_is_a_fault(person: Callable[..., Person], sort: str) -> None:
    client = person()
    await some_books(client, 1)
    for value in VALUES:
        cursor = a_cursor(sort, value, ID)
        if len(cursor) <= 1000:
            answer = await client.get(MOH, params={"sort": sort, "cursor": cursor})
            assert answer.status_code in (200, 422), (sort, value, answer.text)


@FEW
@given(
    st.text(max_size=50) | st.binary(max_size=50).map(base64.urlsafe_b64encode).map(bytes.decode)
)
async def test_any_text_is_a_cursor_or_a_refusal(connections: Database, cursor: str) -> None:
    async with connections.unit_of_work(Actor.system(uuid4())) as uow:
        with pytest.raises(CursorNotOurs):
            await page(uow.session, select(Book), Book, ListParams(cursor=cursor))


async def test_a_cursor_of_another_order_is_refused(person: Callable[..., Person]) -> None:
    client = person()
    await some_books(client)
    first = (await client.get(MOH, params={"limit": 1, "sort": "title"})).json()
    params = {"limit": 1, "sort": "-title", "cursor": first["next"]}
    assert (await client.get(MOH, params=params)).json()["code"] == "cursor_not_ours"


async def test_a_list_that_grows_shows_nothing_twice(person: Callable[..., Person]) -> None:
    client = person()
    await some_books(client)
    first = (await client.get(MOH, params={"limit": 3})).json()
    await client.post(MOH, json={"title": "Later"})
    rest = (await client.get(MOH, params={"limit": 3, "cursor": first["next"]})).json()
    titles = [book["title"] for book in first["items"] + rest["items"]]
    assert titles == [f"Book {number}" for number in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
