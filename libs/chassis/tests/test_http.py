"""One request, one transaction: the answer leaves only after the commit, or nothing happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from starlette.routing import Match

from libs.chassis.database import Database
from libs.chassis.http import slice_router
from libs.chassis.testing import CountedStatements, Person, org_id_of
from libs.outbox.uow import UnitOfWork
from libs.refusals import Conflict
from libs.tenancy.actor import Actor
from libs.tests.lending_http import BOOKS, waiting

MOH = BOOKS.format("MOH")


async def created(client: Person, **told: Any) -> dict[str, Any]:
    answer = await client.post(MOH, json={"title": "One", **told})
    assert answer.status_code == 201, answer.text
    book: dict[str, Any] = answer.json()
    return book


async def test_row_and_event_are_there_when_the_answer_is(
    person: Callable[..., Person], administrator: asyncpg.Connection
) -> None:
    client = person()
    book = await created(client, copies=2)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = await client.post(f"{MOH}/{book['id']}/lend", headers={"traceparent": trace})
    assert (answer.json()["copies"], answer.headers["etag"]) == (1, '"2"')
    event = await administrator.fetchrow("SELECT * FROM lending.outbox")
    assert event["subject"] == "lending.book.lent.v1"
    assert event["org_id"] == org_id_of("MOH")
    assert event["actor_id"] == client.user_id
    assert (str(event["aggregate_id"]), event["aggregate_version"]) == (book["id"], 2)
    assert event["traceparent"].startswith(trace[:36])
    assert event["source_seq"] is None


async def test_a_refused_request_leaves_nothing(
    person: Callable[..., Person], administrator: asyncpg.Connection
) -> None:
    client = person()
    book = await created(client, copies=0)
    answer = await client.post(f"{MOH}/{book['id']}/lend")
    assert (answer.status_code, answer.json()["code"]) == (409, "book_away")
    assert (await client.get(f"{MOH}/{book['id']}")).json() == book
    assert await administrator.fetchval("SELECT count(*) FROM lending.outbox") == 0


async def test_a_commit_that_fails_is_a_request_that_failed(
    person: Callable[..., Person], administrator: asyncpg.Connection
) -> None:
    client = person()
    book = await created(client, copies=2)
    await administrator.execute(
        "ALTER TABLE lending.loans ADD CONSTRAINT once UNIQUE (org_id, book_id)"
        " DEFERRABLE INITIALLY DEFERRED"
    )
    try:
        assert (await client.post(f"{MOH}/{book['id']}/lend")).status_code == 200
        answer = await client.post(f"{MOH}/{book['id']}/lend")
    finally:
        await administrator.execute("ALTER TABLE lending.loans DROP CONSTRAINT once")
    assert (answer.status_code, answer.json()["code"]) == (409, "taken_already")
    assert (await client.get(f"{MOH}/{book['id']}")).json()["copies"] == 1
    assert await administrator.fetchval("SELECT count(*) FROM lending.outbox") == 1


async def test_an_answer_that_cannot_be_given_is_a_change_not_made(
    person: Callable[..., Person],
) -> None:
    client = person()
    answer = await client.post(f"{MOH}/misread", json={"title": "One"})
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected_fault")
    assert (await client.get(MOH)).json()["items"] == []


async def test_a_preview_answers_as_usual_and_keeps_nothing(
    person: Callable[..., Person], administrator: asyncpg.Connection
) -> None:
    client = person()
    book = await created(client, copies=1)
    lend = f"{MOH}/{book['id']}/lend"
    preview = await client.post(lend, params={"validate_only": "true"})
    assert (preview.status_code, preview.json()["copies"]) == (200, 0)
    assert (await client.get(f"{MOH}/{book['id']}")).json() == book
    assert await administrator.fetchval("SELECT count(*) FROM lending.outbox") == 0
    assert (await client.post(lend)).status_code == 200
    refused = await client.post(lend, params={"validate_only": "true"})
    assert refused.status_code == 409, "a preview keeps the rules"


async def test_a_request_cut_off_in_the_middle_leaves_nothing_locked(
    app: FastAPI, person: Callable[..., Person]
) -> None:
    client = person()
    book = await created(client)
    waiting.again()
    cut = asyncio.create_task(client.post(f"{MOH}/{book['id']}/wait"))
    await waiting.began.wait()
    cut.cancel()
    with suppress(asyncio.CancelledError):
        await cut
    assert app.state.database.engine.pool.checkedout() == 0
    assert (await client.post(f"{MOH}/{book['id']}/lend")).status_code == 200


async def test_a_deleted_book_has_no_answer_and_is_gone(person: Callable[..., Person]) -> None:
    client = person()
    book = await created(client)
    answer = await client.delete(f"{MOH}/{book['id']}", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(f"{MOH}/{book['id']}")).status_code == 404


async def test_a_list_takes_few_statements(app: FastAPI, person: Callable[..., Person]) -> None:
    client = person()
    await created(client)
    with CountedStatements(app.state.database.engine) as counted:
        await client.get(MOH)
    assert len(counted.statements) == 1, counted.statements


async def test_every_connection_goes_back(app: FastAPI, person: Callable[..., Person]) -> None:
    client = person()
    for _ in range(30):
        await asyncio.gather(
            client.get(MOH),
            client.get(f"{MOH}/{uuid4()}"),
            client.post(MOH, json={"title": ""}),
            client.post(MOH, json={"title": "One"}),
        )
    assert app.state.database.engine.pool.checkedout() == 0


async def test_operations_are_described_with_all_they_may_answer(app: FastAPI) -> None:
    document = app.openapi()
    create = document["paths"][BOOKS.format("{org_code}")]["post"]
    assert create["operationId"] == "lending_create_book"
    assert set(create["responses"]) >= {
        "201",
        "400",
        "401",
        "403",
        "409",
        "412",
        "413",
        "422",
        "503",
    }
    names = {parameter["name"] for parameter in create["parameters"]}
    assert names == {"org_code", "validate_only", "idempotency-key"}
    read = document["paths"][f"{BOOKS.format('{org_code}')}/{{book_id}}"]["get"]
    assert "404" in read["responses"]
    assert "409" not in read["responses"]
    assert document["paths"]["/api/v1/lending/echo"]["put"]["operationId"] == "lending_echo"


def test_a_route_that_would_block_is_refused_at_once() -> None:
    router = slice_router(prefix="/api/v1/moa/{org_code}/lending/things", tag="things")

    def blocking() -> None: ...

    with pytest.raises(TypeError, match="blocking must be async"):
        router.get("")(blocking)


async def test_health_and_metrics_are_there(person: Callable[..., Person]) -> None:
    client = person()
    for word in ("live", "ready"):
        answer = await client.get(f"/api/v1/lending/health/{word}")
        assert (answer.status_code, answer.json()["status"]) == (200, word)
    assert (await client.get("/metrics")).headers["content-type"].startswith("text/plain")
    paths = (await client.get("/api/v1/lending/openapi.json")).json()["paths"]
    assert not [path for path in paths if "health" in path or "metrics" in path]


async def test_an_application_closes_its_connections_when_it_ends(app: FastAPI) -> None:
    database: Database = app.state.database
    app.state.feed = None
    async with app.router.lifespan_context(app):
        async with database.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
            await uow.session.connection()
        assert database.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
    assert database.engine.pool.checkedin() == 0  # type: ignore[attr-defined]


async def test_a_unit_of_work_that_is_refused_rolls_back(connections: Database) -> None:
    async def refuse(uow: UnitOfWork) -> None:
        await uow.session.connection()
        raise Conflict

    with pytest.raises(Conflict):
        async with connections.unit_of_work(Actor.system(uuid4())) as uow:
            await refuse(uow)
    assert connections.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_request_is_compared_with_the_routes_of_its_own_slice_alone() -> None:
    router = slice_router(prefix="/api/v1/moa/{org_code}/lending/shelves", tag="shelves")
    for path in ("/api/v1/moa/MOH/lending/books", "/api/v1/moa/MOH/lending", "/health/live"):
        assert router.matches({"type": "http", "path": path}) == (Match.NONE, {})
