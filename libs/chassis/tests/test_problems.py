"""Every no has one form, one mapping and one trace id."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from asyncpg.exceptions import (
    AdminShutdownError,
    DeadlockDetectedError,
    NumericValueOutOfRangeError,
)
from fastapi import FastAPI, HTTPException
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

from libs.chassis.database import Database
from libs.chassis.problems import PROBLEM, Problem, as_problems, both, problem, refuses
from libs.chassis.testing import Person
from libs.refusals import Conflict, Forbidden, Invalid, NotFound, Refusal
from libs.tests.lending_http import BOOKS, faults

FAULT = "/api/v1/lending/fault"


class Full(Conflict):
    title = "The shelf is full."


def from_database(original: Exception, kind: type[DBAPIError] = DBAPIError) -> DBAPIError:
    return kind("SELECT 1", {}, original)


class Coded(Exception):
    """An error as the driver's adapter gives it, with the SQLSTATE of the server."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("no words of the database reach the caller: secret")
        self.sqlstate = sqlstate


def checked(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), answer.text
    told = Problem.model_validate(answer.json(), strict=True)
    assert (told.status, told.code, told.type) == (status, code, f"urn:bmms:problem:{code}")
    assert answer.headers["x-trace-id"] == told.trace_id
    assert len(told.trace_id) == 32
    assert "secret" not in answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Full(), 409, "full"),
        (NotFound(), 404, "not_found"),
        (Forbidden(), 403, "forbidden"),
        (Invalid(), 422, "invalid"),
        (StaleDataError(), 412, "stale"),
        (from_database(Coded("23505"), IntegrityError), 409, "taken_already"),
        (from_database(Coded("23503"), IntegrityError), 409, "taken_already"),
        (from_database(Coded("23P01"), IntegrityError), 409, "taken_already"),
        (from_database(Coded("23514"), IntegrityError), 422, "not_storable"),
        (from_database(Coded(None), IntegrityError), 422, "not_storable"),
        (from_database(Coded("22003")), 422, "not_storable"),
        (from_database(NumericValueOutOfRangeError("secret")), 422, "not_storable"),
        (from_database(AdminShutdownError("secret")), 503, "out_of_reach"),
        (from_database(Coded("08006")), 503, "out_of_reach"),
        (from_database(Coded("53300")), 503, "out_of_reach"),
        (from_database(Coded(None), InterfaceError), 503, "out_of_reach"),
        (DBAPIError("SELECT 1", {}, Coded(None), connection_invalidated=True), 503, "out_of_reach"),
        (from_database(DeadlockDetectedError("secret")), 503, "too_contended"),
        (PoolTimeout(), 503, "out_of_reach"),
        (ConnectionRefusedError(), 503, "out_of_reach"),
        (from_database(Coded("42P01")), 500, "unexpected_fault"),
        (RuntimeError("secret"), 500, "unexpected_fault"),
        (HTTPException(404), 404, "no_such_address"),
        (HTTPException(415), 415, "unsupported_media_type"),
        (HTTPException(418, "I am a teapot."), 418, "http_error"),
    ],
)
async def test_every_fault_is_a_problem(
    person: Callable[..., Person], fault: Exception, status: int, code: str
) -> None:
    faults["one"] = fault
    checked(await person().get(FAULT, params={"name": "one"}), status, code)


async def test_an_unexpected_fault_is_logged_with_its_trace(
    person: Callable[..., Person], caplog: pytest.LogCaptureFixture
) -> None:
    faults["one"] = RuntimeError("secret")
    logger = logging.getLogger("bmms.http")
    logger.addHandler(caplog.handler)
    try:
        answer = await person().get(FAULT, params={"name": "one"})
    finally:
        logger.removeHandler(caplog.handler)
    assert answer.json()["trace_id"]
    assert "secret" in caplog.text


async def test_a_refusal_points_at_the_field(person: Callable[..., Person]) -> None:
    faults["one"] = Full("Take some out.", pointer="/body/copies")
    body = checked(await person().get(FAULT, params={"name": "one"}), 409, "full")
    assert (body["title"], body["detail"]) == ("The shelf is full.", "Take some out.")
    assert body["errors"] == [
        {"pointer": "/body/copies", "code": "full", "message": "Take some out."}
    ]


async def test_an_unknown_address_and_a_wrong_method_are_problems(
    person: Callable[..., Person],
) -> None:
    client = person()
    checked(await client.get("/api/v1/lending/nowhere"), 404, "no_such_address")
    answer = await client.delete(FAULT)
    checked(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize("body", [b"{", b"", b"null", b"[]", b'{"title": 1}', b'"text"', b"\xff"])
async def test_a_body_that_is_no_book_is_unprocessable(
    person: Callable[..., Person], body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await person().post(BOOKS.format("MOH"), content=body, headers=headers)
    told = checked(answer, 422, "invalid_request") if answer.status_code == 422 else None
    if told is None:
        checked(answer, 400, "malformed")
    else:
        assert told["errors"]


async def test_what_the_database_cannot_hold_is_unprocessable(
    person: Callable[..., Person],
) -> None:
    client = person()
    for told in ({"copies": -1}, {"title": "\ud800"}):
        answer = await client.post(
            BOOKS.format("MOH"),
            content=__import__("json").dumps({"title": "A book", **told}),
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code == 422, answer.text


async def test_a_second_book_of_one_title_is_a_conflict(person: Callable[..., Person]) -> None:
    client = person()
    assert (await client.post(BOOKS.format("MOH"), json={"title": "One"})).status_code == 201
    answer = await client.post(BOOKS.format("MOH"), json={"title": "One"})
    checked(answer, 409, "taken_already")
    assert len((await client.get(BOOKS.format("MOH"))).json()["items"]) == 1


async def test_without_its_database_a_service_says_when_to_ask_again(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    client = person()
    await app.state.database.close()
    app.state.database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    answer = await client.get(BOOKS.format("MOH"))
    checked(answer, 503, "out_of_reach")
    assert answer.headers["retry-after"] == "5"


def test_a_problem_without_more_to_say_repeats_its_title() -> None:
    assert b'"detail":"No."' in problem(403, "no", "No.").body


def test_declared_refusals_of_one_status_keep_all_their_sentences() -> None:
    declared = refuses(Full, NotFound, Full)
    assert declared[409]["description"] == "`full`: The shelf is full."
    joined = both(declared, refuses(Conflict))
    assert joined[409]["description"].splitlines()[::2] == [
        "`full`: The shelf is full.",
        "`conflict`: The state of the record does not allow this.",
    ]
    assert joined[404] == declared[404]


def test_only_refusals_are_described_as_problems() -> None:
    plain = {"application/json": {"schema": {"type": "object"}}}
    operation = {
        "responses": {"200": {"content": plain}, "404": {"content": dict(plain)}, "204": {}}
    }
    told = as_problems({"paths": {"/books": {"get": operation}}})
    answers = told["paths"]["/books"]["get"]["responses"]
    assert list(answers["200"]["content"]) == ["application/json"]
    assert list(answers["404"]["content"]) == [PROBLEM]
    assert as_problems({}) == {}


def test_every_kind_is_a_refusal() -> None:
    assert all(issubclass(kind, Refusal) for kind in (Full, NotFound, Forbidden, Invalid))
