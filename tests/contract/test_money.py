"""Money by machine: every amount that any operation takes, found in its description.

Nothing here names an operation: a new amount is tried the moment it is described.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args
from uuid import uuid4

import pytest
from pydantic import BaseModel, PlainSerializer

from libs.chassis.shapes import MONEY_PATTERN, ReadShape, Shape
from libs.chassis.testing import Issuer, Person
from services.budgeting.postings.schemas import SIGNED_PATTERN
from tests.contexts import PRESENT, build
from tests.contract.operations import Operation, operations
from tests.contract.promises import openapi_of

SERVICE = "budgeting"
LARGEST, SMALLEST, NOTHING = "9999999999999999.99", "0.01", "0.00"
NO_MONEY = ("-1.00", "0.001", "1.0", "10000000000000000.00", "1e3", "NaN", "", 1, 1.5)
STRANGER: tuple[object, ...] = (
    *("-0.01", "-0.00", "+1.00", "1.005", "1", "1.", ".50", "01.00", "1E+3", "1.00e0", "-1e-2"),
    *("sNaN", "Infinity", "-Infinity", " 1.00", "1.00 ", "1.00\n", "1,000.00", "1_000.00"),
    *("0x1.00", "\u0661.\u0660\u0660", "PHP 1.00", -1, True, [], {}),
)
"""What is tried besides where an amount of its kind is first met: it is slow to try everywhere."""
MAY_BE_NOTHING = {
    # What nobody asked for, granted or deducted is an amount like any other.
    *("unit_cost_amount", "withholding_tax_amount", "other_deductions_amount"),
    *("approved_amount", "recommended_amount"),
    *("prior_year_actual_amount", "current_year_appropriation_amount"),
    *("q1_amount", "q2_amount", "q3_amount", "q4_amount"),
    *("total[gte]", "total[lte]", "get scenarios total_amount"),
    # Nothing at all may be proposed under it; nothing of a program serves a concern; a PPA of a
    # scenario may get nothing.
    *("post ceilings amount", "patch ceilings amount", "tags amount", "rows amount"),
}

Steps = tuple[str | int, ...]


@cache
def described() -> tuple[Operation, ...]:
    return tuple(operations(openapi_of(SERVICE)))


def fields(document: dict[str, Any], schema: dict[str, Any], at: Steps = ()) -> Iterator[Any]:
    """Yield where each field of a body is, and what its schema says."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        yield from fields(document, part, at)
    if "items" in schema:
        yield from fields(document, schema["items"], (*at, 0))
    for name, field in schema.get("properties", {}).items():
        yield from fields(document, field, (*at, name))
    yield at, schema


def amounts(operation: Operation) -> dict[Steps, str]:
    """Return the pattern of every amount in the operation's body, by where it is."""
    content = operation.described.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    found = {}
    for at, schema in fields(operation.document, body):
        if schema.get("pattern") in (MONEY_PATTERN, SIGNED_PATTERN):
            found[at] = schema["pattern"]
    for at, schema in fields(operation.document, body):
        is_named_so = at and "amount" in str(at[-1])
        assert not is_named_so or at in found, f"{operation.name}: {at} is {schema}"
    return found


def asked(operation: Operation) -> list[str]:
    """Return the amounts that the operation takes in its query."""
    return [
        parameter["name"]
        for parameter in operation.described.get("parameters", ())
        for _, schema in fields(operation.document, parameter["schema"])
        if schema.get("pattern") == MONEY_PATTERN
    ]


def body_with(places: dict[Steps, str], value: object) -> Any:
    """Return a body in which every amount has this value, and nothing else has any."""
    body: dict[str, Any] = {}
    for at in places:
        inner: Any = body
        for step, following in zip(at, (*at[1:], None), strict=True):
            empty: Any = value if following is None else [] if following == 0 else {}
            if step == 0:
                inner.extend([empty] if not inner else [])
                inner = inner[0]
            else:
                inner = inner.setdefault(step, empty)
    return body


async def refused(person: Person, operation: Operation, value: object) -> set[str]:
    """Return which fields the answer names when every amount is `value`."""
    called = operation.request("MOH", {name: str(uuid4()) for name in operation.ids})
    if places := amounts(operation):
        called["json"] = body_with(places, value)
    if names := asked(operation):
        called["params"] = dict.fromkeys(names, str(value))
    answer = await person.request(**called)
    named = {each["pointer"] for each in answer.json()["errors"]} if answer.is_error else set()
    assert not named or answer.status_code == 422, answer.text
    return named


def pointers(operation: Operation) -> dict[str, str]:
    """Return the kind of every amount of an operation, by the pointer that a refusal has."""
    told = {"/body/" + "/".join(map(str, at)): kind for at, kind in amounts(operation).items()}
    return told | {f"/query/{name}": MONEY_PATTERN for name in asked(operation)}


@pytest.fixture
async def person(issuer: Issuer) -> Any:
    app = build(SERVICE)
    app.state.verifier = issuer.verifier()
    async with Person(app, issuer, "MOH") as made:
        yield made


def wrong(kinds: dict[str, str], value: object) -> set[str]:
    """Return which amounts must not take the value; a query has strings alone."""
    is_less = value in ("-1.00", "-0.01")
    refusing = {each for each, kind in kinds.items() if not (is_less and kind == SIGNED_PATTERN)}
    return {each for each in refusing if isinstance(value, str) or each.startswith("/body")}


def may_be_nothing(operation: Operation, pointer: str) -> bool:
    name, noun = pointer.rpartition("/")[2], operation.path.split("/")[6]
    parts = [part for part in ("tags", "rows") if f"/{part}/" in pointer]
    within = f"{parts[0]} " if parts else f"{operation.method} {noun} "
    return name in MAY_BE_NOTHING or f"{within}{name}" in MAY_BE_NOTHING


async def test_what_is_no_amount_is_refused_with_its_field_everywhere(person: Person) -> None:
    taking = [each for each in described() if pointers(each)]
    assert len(taking) > 25, "the description no longer shows where money is"
    met: set[str] = set()
    for operation in taking:
        all_of_them = pointers(operation)
        is_new = not met.issuperset(all_of_them.values())
        met.update(all_of_them.values())
        for value in (*NO_MONEY, *(STRANGER if is_new else ())):
            missing = wrong(all_of_them, value) - await refused(person, operation, value)
            assert not missing, f"{operation.name} took {value!r} as {missing}"
        for value in (SMALLEST, LARGEST):
            taken = all_of_them.keys() & await refused(person, operation, value)
            assert not taken, f"{operation.name} refused {value} as {taken}"
        nothing = all_of_them.keys() & await refused(person, operation, NOTHING)
        expected = {each for each in all_of_them if not may_be_nothing(operation, each)}
        assert nothing == expected, operation.name


def written(kind: Any) -> Iterator[PlainSerializer]:
    """Yield how an annotation, and all that it holds, is written."""
    for part in (*get_args(kind), *getattr(kind, "__metadata__", ())):
        yield from [part] if isinstance(part, PlainSerializer) else written(part)


def test_what_a_row_is_made_of_keeps_its_numbers() -> None:
    """A shape becomes a row by `model_dump`: text there would be added up as text."""
    for service in PRESENT:
        build(service)
    shapes: list[type[BaseModel]] = [ReadShape, Shape]
    found = 0
    for shape in shapes:
        shapes.extend(shape.__subclasses__())
        for name, field in shape.model_fields.items():
            for each in (*field.metadata, *written(field.annotation)):
                if isinstance(each, PlainSerializer):
                    assert each.when_used == "json", f"{shape.__name__}.{name} becomes text"
                    found += 1
    assert found > 100
