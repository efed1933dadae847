"""What is not even read: too much, too deep, NUL, parameters that nobody knows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from fastapi import FastAPI, Query
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from libs.chassis.limits import _STRING, MAX_BODY_BYTES, MAX_JSON_DEPTH, _depth, query_names
from libs.chassis.testing import Person
from libs.tests.lending_http import BOOKS

ECHO = "/api/v1/lending/echo"
JSON = {"Content-Type": "application/json"}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(), parts, max_size=3),
    max_leaves=30,
)


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(VALUES)
def test_the_depth_is_that_of_the_value(value: Any) -> None:
    assert _depth(json.dumps(value).encode()) == min(depth_of(value), MAX_JSON_DEPTH + 1)


@given(st.binary())
def test_any_bytes_have_a_depth(body: bytes) -> None:
    assert 0 <= _depth(body) <= MAX_JSON_DEPTH + 1


@pytest.mark.parametrize("piece", [b'\\"', b"[", b"\\\\", b"x"])
def test_an_open_string_is_looked_at_once(piece: bytes) -> None:
    body = b'"' + piece * (MAX_BODY_BYTES // len(piece))
    assert [len(found) for found in _STRING.findall(body)] == [len(body)]
    assert _depth(body) == 0


async def test_brackets_in_strings_are_text(person: Callable[..., Person]) -> None:
    told = {"text": '[{["\\"' * 100}
    assert (await person().put(ECHO, json=told)).json() == told


async def test_thirty_two_levels_are_read_and_one_more_is_not(
    person: Callable[..., Person],
) -> None:
    client = person()
    assert (await client.put(ECHO, content=nested(32), headers=JSON)).status_code == 200
    answer = await client.put(ECHO, content=nested(33), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_deep")
    answer = await client.put(ECHO, content="[" * 500_000, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_deep")


async def test_a_mebibyte_is_read_and_one_byte_more_is_not(person: Callable[..., Person]) -> None:
    client = person()
    whole = json.dumps({"a": "x" * (MAX_BODY_BYTES - 9)}).encode()
    assert len(whole) == MAX_BODY_BYTES
    assert (await client.put(ECHO, content=whole, headers=JSON)).status_code == 200
    answer = await client.put(ECHO, content=whole + b" ", headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_that_does_not_tell_its_length_is_bounded_too(
    person: Callable[..., Person],
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (MAX_BODY_BYTES // 32)

    answer = await person().put(ECHO, content=pieces(), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("body", [b'{"a": "\\u0000"}', b'{"a": "x\x00"}', b'{"\\u0000": 1}'])
async def test_a_body_holds_no_nul(person: Callable[..., Person], body: bytes) -> None:
    answer = await person().put(ECHO, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "null_character")


async def test_an_escaped_backslash_before_u0000_is_text(person: Callable[..., Person]) -> None:
    told = {"path": "C:\\u0000"}
    answer = await person().put(ECHO, json=told)
    assert (answer.status_code, answer.json()) == (200, told)


async def test_an_address_holds_no_nul(person: Callable[..., Person]) -> None:
    client = person()
    for url in (f"{BOOKS.format('MOH')}/%00", f"{BOOKS.format('MOH')}?cursor=%00"):
        answer = await client.get(url)
        assert (answer.status_code, answer.json()["code"]) == (422, "null_character"), url


async def test_an_unknown_parameter_is_refused_with_the_known_ones(
    person: Callable[..., Person],
) -> None:
    answer = await person().get(BOOKS.format("MOH"), params={"colour": "red"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
    assert answer.json()["errors"][0]["pointer"] == "/query/colour"
    assert "copies[gte], count, cursor, limit, sort" in answer.json()["detail"]
    answer = await person().get(f"{BOOKS.format('MOH')}/01926c3e-0000-7000-8000-000000000000?a=1")
    assert answer.json()["detail"] == "Known parameters: none."


async def test_a_parameter_with_a_bound_is_known_by_its_alias(
    person: Callable[..., Person],
) -> None:
    client = person()
    await client.post(BOOKS.format("MOH"), json={"title": "Two", "copies": 2})
    assert (await client.get(BOOKS.format("MOH"), params={"copies[gte]": 2})).json()["items"]
    assert not (await client.get(BOOKS.format("MOH"), params={"copies[gte]": 3})).json()["items"]


def test_names_come_from_models_and_from_plain_parameters() -> None:
    class Filter(BaseModel):
        status: str = ""
        least: int = Field(0, alias="amount[gte]")

    async def listed(params: Filter = Query(), year: int = Query(0, alias="y")) -> None: ...

    async def plain(year: int = 0) -> None: ...

    FastAPI()
    assert query_names(APIRoute("/", plain).dependant) == {"year"}
    assert "y" in query_names(APIRoute("/", listed).dependant)
