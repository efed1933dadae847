"""The trace goes from request to answer, log line and event; logs are JSON; metrics count."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from libs.chassis.problems import broken
from libs.chassis.telemetry import Telemetry, configure_logging, next_traceparent, trace_id
from libs.chassis.testing import Person, org_id_of
from libs.outbox.uow import current_traceparent
from libs.tests.lending_http import BOOKS

TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def test_a_received_trace_goes_on_with_a_new_span() -> None:
    told = next_traceparent(f"00-{TRACE}-{SPAN}-01")
    assert FORM.fullmatch(told)
    assert told.startswith(f"00-{TRACE}-")
    assert told.endswith("-01")
    assert SPAN not in told


@pytest.mark.parametrize(
    "received",
    [
        None,
        "",
        "garbage",
        f"01-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_anything_else_begins_a_trace_of_our_own(received: str | None) -> None:
    told = next_traceparent(received)
    assert FORM.fullmatch(told)
    assert TRACE not in told


@given(st.text())
def test_no_header_breaks_a_trace(received: str) -> None:
    assert FORM.fullmatch(next_traceparent(received))


def test_outside_a_request_there_is_no_trace() -> None:
    assert trace_id() == ""


async def test_the_answer_names_the_trace_of_the_request(person: Callable[..., Person]) -> None:
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
    answer = await person().get("/api/v1/lending/nowhere", headers=headers)
    assert answer.headers["x-trace-id"] == TRACE
    assert answer.json()["trace_id"] == TRACE
    assert current_traceparent.get() == ""


async def test_requests_are_counted_by_template_and_never_by_id(
    person: Callable[..., Person],
) -> None:
    def counted(status: str) -> float:
        labels = {
            "service": "lending",
            "method": "GET",
            "route": f"{BOOKS.format('{org_code}')}/{{book_id}}",
            "status": status,
        }
        return REGISTRY.get_sample_value("bmms_http_requests_total", labels) or 0

    before = counted("404")
    await person().get(f"{BOOKS.format('MOH')}/01926c3e-0000-7000-8000-000000000000")
    assert counted("404") == before + 1
    metrics = (await person().get("/metrics")).text
    assert "bmms_http_request_seconds_bucket" in metrics
    assert "01926c3e" not in metrics


def test_a_log_line_is_one_json_object() -> None:
    before = logging.root.handlers[:], logging.root.level
    configure_logging("lending", "INFO")
    handler = logging.root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    stream = handler.setStream(told := io.StringIO())
    token = current_traceparent.set(f"00-{TRACE}-{SPAN}-01")
    try:
        logging.getLogger("bmms.test").info("hello\nworld", extra={"copies": 2})
    finally:
        current_traceparent.reset(token)
        handler.setStream(stream)
        logging.root.handlers[:], logging.root.level = before
    line: dict[str, Any] = json.loads(told.getvalue())
    assert told.getvalue().count("\n") == 1
    del line["at"]
    assert line == {
        "level": "INFO",
        "logger": "bmms.test",
        "message": "hello\nworld",
        "trace_id": TRACE,
        "service": "lending",
        "copies": 2,
    }


async def test_every_request_but_health_is_logged_with_who_asked_and_about_what(
    person: Callable[..., Person],
) -> None:
    told: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = told.append  # type: ignore[method-assign,assignment]
    logger = logging.getLogger("bmms.http")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        await person().get("/api/v1/lending/health/live")
        await person().get("/api/v1/lending/nowhere")
        reader, record = person(permissions=["lending.book.read"]), str(uuid4())
        await reader.get(f"{BOOKS.format('MOH')}/{record}")
        await reader.get(BOOKS.format("MOLE"))
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    nowhere, unknown, refused = [each.__dict__ for each in told]
    assert (nowhere["route"], nowhere["status"]) == ("unmatched", 404)
    who = {"actor_id": str(reader.user_id), "actor_org_id": str(org_id_of("MOH"))}
    assert unknown.items() >= {**who, "org_code": "MOH", "book_id": record, "status": 404}.items()
    assert refused.items() >= {**who, "org_code": "MOLE", "status": 403}.items()
    assert "actor_id" not in nowhere


async def test_an_answer_that_breaks_off_is_no_second_answer() -> None:
    async def half() -> Any:
        yield b"half"
        raise RuntimeError("gone")

    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(half())(scope, receive, send)

    app = Telemetry(breaking, service="lending", fault=broken)
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test")
    with pytest.raises(RuntimeError, match="gone"):
        await client.get("/")


async def test_what_is_not_http_passes_through() -> None:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: Any) -> Any:
        await asyncio.sleep(0)

    await Telemetry(inner, service="lending", fault=broken)({"type": "lifespan"}, nothing, nothing)
    assert seen == ["lifespan"]
