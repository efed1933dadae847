"""One style for all operations of all contexts: what API.md rules, checked on every one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from uuid import uuid4

import pytest

from libs.tenancy.actor import Actor
from services.identity.role_catalogue.model import every_pattern
from tests.contexts import PRESENT, build, routes
from tests.contract.operations import Operation, operations
from tests.contract.promises import fields_of, kind_of, resolved

PROBLEM = "application/problem+json"
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
KEBAB = re.compile(
    r"[a-z][a-z0-9]*(-[a-z0-9]+)*|v1|\{[a-z][a-z0-9_]*\}|[a-z-]+\.(csv|json|pdf|xlsx)"
)
BOUND = re.compile(r"\[(gte|lte|gt|lt)\]$")
MONEY = re.compile(r"(^|_)amount$|^total$|(?<!rows)_total$")

pytestmark = pytest.mark.parametrize("service", PRESENT)


@cache
def described(service: str) -> tuple[Operation, ...]:
    found = tuple(operations(build(service).openapi()))
    assert found
    return found


@cache
def permissions(service: str) -> dict[str, str]:
    """Return, by operationId, the permission that each described operation requires."""
    return {str(route.unique_id): permission for route, permission in routes(build(service))}


def schemas(operation: Operation) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the schema of each JSON body that goes in or out, with its status or `in`."""
    bodies = {"in": operation.described.get("requestBody", {}), **operation.described["responses"]}
    for status, body in bodies.items():
        for kind, media in body.get("content", {}).items():
            if kind in ("application/json", PROBLEM):  # a file has no shape of ours
                yield status, media.get("schema", {})


def test_an_operation_is_named_after_its_service_and_function(service: str) -> None:
    named = {str(route.unique_id): route.name for route, _ in routes(build(service))}
    ids = [operation.name for operation in described(service)]
    assert sorted(ids) == sorted(named)
    assert {name: f"{service}_{function}" for name, function in named.items()} == {
        name: name for name in named
    }


def test_paths_are_kebab_case_and_names_are_snake_case(service: str) -> None:
    wrong = []
    for operation in described(service):
        parts = operation.path.strip("/").split("/")
        wrong += [operation.path for part in parts if not KEBAB.fullmatch(part)]
        for parameter in operation.described.get("parameters", []):
            name = BOUND.sub("", parameter["name"])
            if parameter["in"] != "header" and not SNAKE.fullmatch(name):
                wrong.append(f"{operation.name}: {name}")
        for _, schema in schemas(operation):
            names = (path.rpartition("/")[2] for path, _ in fields_of(operation.document, schema))
            wrong += [f"{operation.name}: {name}" for name in names if not SNAKE.fullmatch(name)]
    assert wrong == []


def test_every_refusal_is_a_declared_problem(service: str) -> None:
    wrong = []
    for operation in described(service):
        for status, answer in operation.described["responses"].items():
            if status >= "4" and list(answer["content"]) != [PROBLEM]:
                wrong.append(f"{operation.name}: {status}")
        if operation.is_tenant:
            missing = {"401", "403", "422", "503"} - set(operation.described["responses"])
            wrong += [f"{operation.name}: no {status}" for status in missing]
    assert wrong == []


def test_every_body_is_an_object(service: str) -> None:
    wrong = [
        f"{operation.name}: {status}"
        for operation in described(service)
        for status, schema in schemas(operation)
        if resolved(operation.document, schema).get("type") != "object"
        and schema.get("format") != "binary"  # a file, both ways
    ]
    assert wrong == []


def test_no_number_has_a_fraction_and_money_is_a_string(service: str) -> None:
    wrong = []
    for operation in described(service):
        for _, schema in schemas(operation):
            fields = dict(fields_of(operation.document, schema))
            if "/items" in fields and "/next" in fields:
                fields.pop("/total")  # how many records, not how many pesos
            for path, kind in fields.items():
                is_text = kind.removeprefix("null or ").startswith("string")
                if "number" in kind or (MONEY.search(path) and not is_text):
                    wrong.append(f"{operation.name}: {path} is {kind}")
    assert wrong == []


def test_a_tenants_operation_requires_a_permission(service: str) -> None:
    open_to_all = [
        operation.name
        for operation in described(service)
        if operation.is_tenant and not permissions(service)[operation.name]
    ]
    assert open_to_all == []


def test_every_permission_is_granted_to_somebody(service: str) -> None:
    everyone = Actor(uuid4(), uuid4(), "MOH", permissions=tuple(every_pattern()))
    useless = {one for one in permissions(service).values() if one and not everyone.may(one)}
    assert useless == set()


def test_a_list_pages(service: str) -> None:
    wrong = []
    for operation in described(service):
        answer = operation.described["responses"].get("200", {}).get("content", {})
        schema = answer.get("application/json", {}).get("schema", {})
        fields = resolved(operation.document, schema).get("properties", {})
        if operation.method != "get" or "items" not in fields or operation.path.endswith("}"):
            continue  # a record, such as an act, may have items of its own
        names = {parameter["name"] for parameter in operation.described.get("parameters", [])}
        if not {"limit", "cursor", "sort"} <= names or "next" not in fields:
            wrong.append(operation.name)
        assert kind_of(operation.document, fields["items"]).startswith("list of")
    assert wrong == []


def test_a_change_of_a_record_needs_its_etag(service: str) -> None:
    forgetful = [
        operation.name
        for operation in described(service)
        if operation.method in ("patch", "delete") and "428" not in operation.described["responses"]
    ]
    assert forgetful == []
