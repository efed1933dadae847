"""Every no in one form: `application/problem+json` (RFC 9457), mapped in this one place."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException

from libs.chassis.limits import BodyTooLarge
from libs.chassis.telemetry import trace_id
from libs.refusals import Conflict, Invalid, Refusal, Stale

PROBLEM = "application/problem+json"

PASSING = ("08", "40", "53", "55P03", "57")
"""SQLSTATEs that pass: connection, deadlock, resources, lock timeout, operator."""

REPEATABLE = ("40001", "40P01")
"""SQLSTATEs of a transaction that was undone for the sake of others: it may begin again at once."""

log = logging.getLogger("bmms.http")


class Fault(BaseModel):
    """One thing wrong with what was sent, and where."""

    pointer: Annotated[str, Field(description="JSON pointer: /body/title, /query/limit …")]
    code: str
    message: str


class Problem(BaseModel):
    """The one shape of every refusal and error."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    trace_id: str
    errors: list[Fault]


class TakenAlready(Conflict):
    """Another record, perhaps of the same moment, stands in the way."""

    title = "Another record already holds what this one needs."


class Malformed(Refusal):
    """The request is not HTTP or JSON that can be read."""

    status = 400
    title = "The request could not be read."


class OutOfReach(Refusal):
    """A database or another part cannot be reached just now; nothing was changed."""

    status = 503
    title = "A part of the system is out of reach."


class TooContended(Refusal):
    """The change and others stood in each other's way, again and again; nothing was changed."""

    status = 503
    title = "Others are changing the same records just now."


class InvalidRequest(Invalid):
    """A field is missing, unknown, of the wrong type or outside its bounds."""


class NotStorable(Invalid):
    """The database cannot hold the value."""

    title = "A value is outside what can be stored."


def problem(
    status: int,
    code: str,
    title: str,
    *,
    detail: str = "",
    errors: list[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return one answer of the form; `detail` says what to do about it."""
    body = Problem(
        type=f"urn:bmms:problem:{code}",
        title=title,
        status=status,
        detail=detail or title,
        code=code,
        trace_id=trace_id(),
        errors=errors or [],
    )
    return JSONResponse(
        body.model_dump(), status_code=status, media_type=PROBLEM, headers=dict(headers or {})
    )


Declared = dict[int | str, dict[str, Any]]


def refuses(*refusals: type[Refusal]) -> Declared:
    """Declare refusals for OpenAPI: one entry a status, naming each code and sentence."""
    declared: Declared = {}
    for refusal in refusals:
        sentence = f"`{refusal.code()}`: {refusal.title}"
        declared = both(declared, {refusal.status: {"model": Problem, "description": sentence}})
    return declared


def both(first: Declared, second: Declared) -> Declared:
    """Join two declarations; a status in both keeps the sentences of both."""
    joined = dict(first)
    for status, entry in second.items():
        told = joined[status]["description"].split("\n\n") if status in joined else []
        told += [line for line in entry["description"].split("\n\n") if line not in told]
        joined[status] = {**entry, "description": "\n\n".join(told)}
    return joined


def as_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Give every declared refusal its true media type; FastAPI writes application/json."""
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            for status, answer in operation.get("responses", {}).items():
                content = answer.get("content", {})
                if status >= "4" and "application/json" in content:
                    answer["content"] = {PROBLEM: content["application/json"]}
    return document


def install_problems(app: FastAPI) -> None:
    """Answer refusals, bad requests and faults of this application as problem+json."""
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, _unprocessable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(StaleDataError, _stale)
    app.add_exception_handler(IntegrityError, _integrity)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeout, _unavailable)
    app.add_exception_handler(OSError, _unavailable)


async def refused(_request: Request, error: Exception) -> JSONResponse:
    """Answer a refusal."""
    assert isinstance(error, Refusal)
    # A refusal of many things sent at once has `faults`: each wrong one's pointer and message.
    one = [(error.pointer, error.detail or error.title)] if error.pointer else []
    faults = [
        Fault(pointer=pointer, code=error.code(), message=message)
        for pointer, message in getattr(error, "faults", one)
    ]
    headers: Mapping[str, str] = getattr(error, "headers", {})
    return problem(
        error.status,
        error.code(),
        error.title,
        detail=error.detail or "",
        errors=faults,
        headers=headers,
    )


async def _unprocessable(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        Fault(
            pointer="/" + "/".join(str(part) for part in fault["loc"]),
            code=fault["type"],
            message=fault["msg"].removeprefix("Value error, "),
        )
        for fault in error.errors()
    ]
    where = ", ".join(fault.pointer for fault in faults[:5])
    return problem(
        422, InvalidRequest.code(), InvalidRequest.title, detail=f"Correct {where}.", errors=faults
    )


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code, title = _HTTP.get(error.status_code, ("http_error", str(error.detail)))
    return problem(error.status_code, code, title, headers=error.headers)


_HTTP = {
    400: (Malformed.code(), Malformed.title),
    404: ("no_such_address", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    413: (BodyTooLarge.code(), BodyTooLarge.title),
    415: ("unsupported_media_type", "Send the body as JSON."),
}


async def _stale(_request: Request, _error: Exception) -> JSONResponse:
    return problem(412, Stale.code(), Stale.title, detail="Read it again, then repeat the change.")


async def _integrity(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, IntegrityError)
    state = getattr(error.orig, "sqlstate", "") or ""
    if state in ("23505", "23P01", "23503"):
        return problem(409, TakenAlready.code(), TakenAlready.title)
    log.error("constraint refused a write", exc_info=error)
    return problem(422, NotStorable.code(), NotStorable.title)


async def _database(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    state = getattr(error.orig, "sqlstate", "") or ""
    if state.startswith("22"):
        return problem(422, NotStorable.code(), NotStorable.title)
    if is_repeatable(error):
        log.warning("given up for the sake of others", exc_info=error)
        return problem(
            503,
            TooContended.code(),
            TooContended.title,
            detail="Nothing was changed. Try again in a moment.",
            headers={"Retry-After": "1"},
        )
    passing = error.connection_invalidated or state.startswith(PASSING)
    if passing or isinstance(error, InterfaceError):
        return await _unavailable(request, error)
    return broken(error)


def is_repeatable(error: Exception) -> bool:
    """Tell whether the database undid a transaction that may well succeed if begun again."""
    state = getattr(getattr(error, "orig", None), "sqlstate", "")
    return isinstance(error, DBAPIError) and state in REPEATABLE


async def _unavailable(_request: Request, error: Exception) -> JSONResponse:
    log.error("a part is out of reach", exc_info=error)
    return problem(
        503,
        OutOfReach.code(),
        OutOfReach.title,
        detail="Nothing was changed. Try again in a few seconds.",
        headers={"Retry-After": "5"},
    )


def broken(error: Exception) -> JSONResponse:
    """Answer what nobody expected; the log has the rest, under the same trace id."""
    log.error("unexpected fault", exc_info=error)
    return problem(
        500,
        "unexpected_fault",
        "Something went wrong on our side.",
        detail="Nothing was changed. Report the trace id if it happens again.",
    )
