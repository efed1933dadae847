"""If-Match and Idempotency-Key: nothing is overwritten unseen, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from libs.chassis.preconditions import etag, expected_version
from libs.chassis.testing import Person
from libs.refusals import Stale
from libs.tests.lending_http import BOOKS, waiting

MOH = BOOKS.format("MOH")
ONCE = {"Idempotency-Key": "one"}


async def created(client: Person, **told: Any) -> dict[str, Any]:
    answer = await client.post(BOOKS.format(client.org), json={"title": "One", **told})
    assert answer.status_code == 201, answer.text
    book: dict[str, Any] = answer.json()
    return book


def a_request(**headers: str) -> Request:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": pairs})


def test_an_etag_is_the_version_in_quotes() -> None:
    assert etag(3) == '"3"'


@given(st.integers(0, 999_999_999))
def test_an_etag_is_read_back(version: int) -> None:
    assert expected_version(a_request(if_match=etag(version))) == version
    assert expected_version(a_request(if_match=f" {etag(version)} ")) == version


def test_no_condition_expects_nothing() -> None:
    assert expected_version(a_request()) is None
    assert expected_version(a_request(if_match="*")) is None


@pytest.mark.parametrize("value", ["3", 'W/"3"', '"3", "4"', '"x"', "", '"-1"', '"9999999999"'])
def test_what_no_record_could_have_is_stale(value: str) -> None:
    with pytest.raises(Stale):
        expected_version(a_request(if_match=value))


async def test_a_change_needs_the_etag_as_last_read(person: Callable[..., Person]) -> None:
    client = person()
    book = await created(client)
    url = f"{MOH}/{book['id']}"
    missing = await client.patch(url, json={"title": "Two"})
    assert (missing.status_code, missing.json()["code"]) == (428, "match_missing")
    any_version = await client.patch(url, json={"title": "Two"}, headers={"If-Match": "*"})
    assert any_version.status_code == 428
    first = await client.patch(url, json={"title": "Two"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (200, '"2"', 2)
    late = await client.patch(url, json={"title": "Three"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert (await client.get(url)).json()["title"] == "Two"


async def test_an_absent_field_stays_and_an_empty_change_changes_nothing(
    person: Callable[..., Person],
) -> None:
    client = person()
    book = await created(client, copies=5)
    url = f"{MOH}/{book['id']}"
    changed = await client.patch(url, json={"title": "Two"}, headers={"If-Match": '"1"'})
    assert (changed.json()["title"], changed.json()["copies"]) == ("Two", 5)
    same = await client.patch(url, json={}, headers={"If-Match": '"2"'})
    assert (same.headers["etag"], same.json()) == ('"2"', changed.json())


async def test_two_writers_at_once_get_one_yes_and_one_stale(person: Callable[..., Person]) -> None:
    client = person()
    url = f"{MOH}/{(await created(client))['id']}"
    headers = {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(client.patch(url, json={"title": f"By {n}"}, headers=headers) for n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_what_has_not_changed_is_not_sent_again(person: Callable[..., Person]) -> None:
    client = person()
    url = f"{MOH}/{(await created(client))['id']}"
    known = await client.get(url, headers={"If-None-Match": '"1"'})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", '"1"')
    assert "content-type" not in known.headers
    assert (await client.get(url, headers={"If-None-Match": '"0"'})).status_code == 200


async def test_a_repeat_gets_the_first_answer(person: Callable[..., Person]) -> None:
    client = person()
    first = await client.post(MOH, json={"title": "One"}, headers=ONCE)
    again = await client.post(MOH, json={"title": "One"}, headers=ONCE)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert again.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await client.get(MOH)).json()["items"]) == 1


async def test_a_key_stands_for_one_request(person: Callable[..., Person]) -> None:
    client = person()
    book = (await client.post(MOH, json={"title": "One"}, headers=ONCE)).json()
    for url, body in ((MOH, {"title": "Two"}), (f"{MOH}/{book['id']}/lend", None)):
        answer = await client.post(url, json=body, headers=ONCE)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert (await client.get(MOH, headers=ONCE)).status_code == 200, "a read needs no key"


async def test_a_key_belongs_to_one_organization(person: Callable[..., Person]) -> None:
    assert (await person("MOH").post(MOH, json={"title": "One"}, headers=ONCE)).status_code == 201
    mole = person("MOLE")
    answer = await mole.post(BOOKS.format("MOLE"), json={"title": "Other"}, headers=ONCE)
    assert (answer.status_code, answer.json()["title"]) == (201, "Other")


async def test_a_refused_request_leaves_its_key_free(person: Callable[..., Person]) -> None:
    client = person()
    assert (await client.post(MOH, json={"title": ""}, headers=ONCE)).status_code == 422
    assert (
        await client.post(MOH, json={"title": "X", "copies": -1}, headers=ONCE)
    ).status_code == 422
    assert (await client.post(MOH, json={"title": "One"}, headers=ONCE)).status_code == 201


async def test_a_preview_keeps_neither_row_nor_key(person: Callable[..., Person]) -> None:
    client = person()
    preview = {"validate_only": "true"}
    told = await client.post(MOH, json={"title": "One"}, params=preview, headers=ONCE)
    assert told.status_code == 201
    assert (await client.get(MOH)).json()["items"] == []
    assert (await client.post(MOH, json={"title": "One"}, headers=ONCE)).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "é"])
async def test_a_key_is_visible_ascii(person: Callable[..., Person], key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    answer = await person().post(MOH, json={"title": "One"}, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "/header/idempotency-key"


async def test_a_repeat_of_what_is_still_at_work_is_refused(person: Callable[..., Person]) -> None:
    client = person()
    url = f"{MOH}/{(await created(client))['id']}/wait"
    waiting.again()
    first = asyncio.create_task(client.post(url, headers=ONCE))
    await waiting.began.wait()
    again = await client.post(url, headers=ONCE)
    assert (again.status_code, again.json()["code"]) == (409, "still_at_work")
    other = await client.post(MOH, json={"title": "Two"}, headers={"Idempotency-Key": "two"})
    assert other.status_code == 201, "another key does not wait"
    waiting.go.set()
    assert (await first).status_code == 200
    assert (await client.post(url, headers=ONCE)).headers["idempotency-replayed"] == "true"


async def test_many_at_once_create_once(person: Callable[..., Person]) -> None:
    client = person()
    answers = await asyncio.gather(
        *(client.post(MOH, json={"title": "One"}, headers=ONCE) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"still_at_work"}
    assert len({a.json()["id"] for a in answers if a.status_code == 201}) == 1


async def test_a_key_is_free_again_after_a_day(
    person: Callable[..., Person], administrator: asyncpg.Connection
) -> None:
    client = person()
    await client.post(MOH, json={"title": "One"}, headers=ONCE)
    await administrator.execute(
        "UPDATE lending.idempotency_keys SET created_at = created_at - interval '24:00:01'"
    )
    answer = await client.post(MOH, json={"title": "Two"}, headers=ONCE)
    assert (answer.status_code, answer.json()["title"]) == (201, "Two")
    assert await administrator.fetchval("SELECT count(*) FROM lending.idempotency_keys") == 1
