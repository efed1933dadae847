"""Isolation by machine: every operation with an organization in its path, for all services.

Nothing here names an operation: a new route is in the matrix the moment it exists, and a new
path parameter fails the test until its service's `seed` makes such a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase
from tests.contract.operations import Operation, operations
from tests.contract.promises import openapi_of

TENANT_SERVICES = ["identity", "planning", "budgeting", "mana", "coordination"]


@pytest.fixture(params=TENANT_SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@cache
def described(service: str) -> tuple[Operation, ...]:
    """Describing a service takes seconds, and says the same each time."""
    return tuple(each for each in operations(openapi_of(service)) if each.is_tenant)


@pytest.fixture
def tenant_operations(service: str) -> list[Operation]:
    found = list(described(service))
    assert found
    return found


@pytest.fixture
async def seeded(
    service: str, app: FastAPI, database: Any, person: Callable[..., Person]
) -> dict[str, str]:
    """Give the ids of one record of MOH for every path parameter of the service."""
    factories = import_module(f"services.{service}.tests.factories")
    ids: dict[str, str] = await factories.seed(person("MOH"), database)
    return ids


def unknown(operation: Operation) -> dict[str, str]:
    return {name: str(uuid4()) for name in operation.ids}


def comparable(answer: httpx.Response) -> dict[str, Any]:
    return {**answer.json(), "trace_id": ""}


async def test_no_token_is_401(
    tenant_operations: list[Operation], person: Callable[..., Person]
) -> None:
    nobody = person("MOH")
    del nobody.headers["Authorization"]
    for operation in tenant_operations:
        answer = await nobody.request(**operation.request("MOH", unknown(operation)))
        assert answer.status_code == 401, operation.name
        assert answer.headers["www-authenticate"].startswith("Bearer"), operation.name


async def test_another_organization_in_the_path_is_403_known_or_not(
    tenant_operations: list[Operation], person: Callable[..., Person]
) -> None:
    mole = person("MOLE")
    for operation in tenant_operations:
        known = await mole.request(**operation.request("MOH", unknown(operation)))
        never = await mole.request(**operation.request("NOSUCH", unknown(operation)))
        assert known.status_code == never.status_code == 403, operation.name
        assert comparable(known) == comparable(never), operation.name
        assert known.json()["code"] == "other_organization", operation.name


async def test_another_organizations_record_is_404_like_an_unknown_one(
    tenant_operations: list[Operation],
    seeded: dict[str, str],
    person: Callable[..., Person],
    database: ServiceDatabase,
) -> None:
    moh, mole = person("MOH"), person("MOLE")
    checked = 0
    for operation in tenant_operations:
        if not operation.ids:
            continue
        missing = set(operation.ids) - set(seeded)
        assert not missing, f"seed of {operation.name} makes no {missing}"
        foreign = await mole.request(**operation.request("MOLE", seeded))
        invented = await mole.request(**operation.request("MOLE", unknown(operation)))
        assert foreign.status_code == invented.status_code == 404, (
            f"{operation.name}: {foreign.status_code} {foreign.text} / {invented.text}"
        )
        assert comparable(foreign) == comparable(invented), operation.name
        own = await moh.request(**operation.request("MOH", seeded))
        assert own.status_code != 404, f"{operation.name}: the seeded record is not there"
        checked += 1
        seeded.update(await again(operation, moh, database))
    assert checked or not seeded


async def again(operation: Operation, moh: Person, database: ServiceDatabase) -> dict[str, str]:
    """Seed anew when the owner's own call has deleted the record."""
    if operation.method != "delete":
        return {}
    factories = import_module(f"services.{operation.name.split('_', 1)[0]}.tests.factories")
    renewed: dict[str, str] = await factories.seed(moh, database)
    return renewed


async def test_a_module_switched_off_is_403(
    service: str, tenant_operations: list[Operation], person: Callable[..., Person]
) -> None:
    if service == "identity":
        return  # identity is no module: nobody can switch off the door
    without = person("MOH", modules=[])
    for operation in tenant_operations:
        answer = await without.request(**operation.request("MOH", unknown(operation)))
        assert answer.status_code == 403, operation.name
        assert answer.json()["code"] == "module_disabled", operation.name


async def test_a_viewer_cannot_write(
    tenant_operations: list[Operation], seeded: dict[str, str], person: Callable[..., Person]
) -> None:
    viewer = person("MOH", permissions=["*.*.read"])
    nobody = person("MOH", permissions=[])
    for operation in tenant_operations:
        answer = await viewer.request(**operation.request("MOH", seeded))
        if operation.writes:
            assert answer.status_code == 403, operation.name
            assert answer.json()["code"] == "not_permitted", operation.name
        else:
            assert answer.status_code == 200, f"{operation.name}: {answer.text}"
            denied = await nobody.request(**operation.request("MOH", seeded))
            assert denied.status_code == 403, operation.name


def is_id(told: str) -> bool:
    try:
        return bool(UUID(told))
    except ValueError:
        return False


async def test_lists_of_another_organization_are_empty(
    tenant_operations: list[Operation], seeded: dict[str, str], person: Callable[..., Person]
) -> None:
    mole = person("MOLE")
    for operation in tenant_operations:
        if operation.writes or operation.ids:
            continue
        answer = await mole.request(**operation.request("MOLE", {}))
        if answer.headers["content-type"].partition(";")[0] != "application/json":
            # A file: no id of the other organization stands anywhere in it.
            assert not [one for one in set(seeded.values()) if is_id(one) and one in answer.text]
            continue
        items = answer.json().get("items", [])
        told = {str(value) for item in items for value in item.values()}
        assert not told & set(seeded.values()), operation.name


def places(document: Any, schema: dict[str, Any], at: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield where a body names a record by its id."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("format") == "uuid":
        yield at
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from places(document, part, at)
    if "items" in schema:
        yield from places(document, schema["items"], (*at, 0))
    for name, field in schema.get("properties", {}).items():
        yield from places(document, field, (*at, name))


def with_id(body: Any, at: tuple[Any, ...], named: str) -> Any:
    """Return a copy of a body that names this id there."""
    if not at:
        return named
    if at[0] == 0:
        return [with_id(body[0] if body else {}, at[1:], named)]
    body = body or {}
    return {**body, at[0]: with_id(body.get(at[0]), at[1:], named)}


def told(answer: httpx.Response, named: str) -> str:
    """Return what an answer says, whichever id it was asked about."""
    return re.sub(r'"trace_id":"[0-9a-f]*"', "", answer.text.replace(named, "an id"))


def is_another_noun(name: str, key: str, ids: Collection[str]) -> bool:
    """Whether a field says which noun it means, and this seeded id is of another."""
    meant = {each for each in ids if each in name or name in each}
    return bool(meant) and key not in meant


def naming(
    operation: Operation, called: dict[str, Any], named: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each field and filter that takes an id, with the call that names this one there."""
    content = operation.described.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    for at in places(operation.document, body):
        yield ".".join(map(str, at)), {**called, "json": with_id(called.get("json"), at, named)}
    for parameter in operation.described.get("parameters", ()):
        if parameter["in"] == "query" and [*places(operation.document, parameter["schema"])]:
            yield parameter["name"], {**called, "params": {parameter["name"]: named}}


async def test_another_organizations_id_in_a_body_or_filter_is_like_an_unknown_one(
    tenant_operations: list[Operation], seeded: dict[str, str], person: Callable[..., Person]
) -> None:
    mole = person("MOLE")
    ids = {name: told for name, told in seeded.items() if is_id(told)}
    for operation in tenant_operations:
        if operation.ids:
            continue  # its record is another's already: the test of paths has it
        called, invented = operation.request("MOLE", {}), str(uuid4())
        nobodys = dict(naming(operation, called, invented))
        for key, foreign in ids.items():
            for name, call in naming(operation, called, foreign):
                if is_another_noun(name, key, ids):
                    continue
                theirs = await mole.request(**call)
                unknown_one = await mole.request(**nobodys[name])
                assert theirs.status_code == unknown_one.status_code, (operation.name, name)
                if theirs.status_code != 201:
                    assert told(theirs, foreign) == told(unknown_one, invented), operation.name
