"""Events are what `contracts/events` promises, and every consumer can read the promise."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel

from libs.outbox.event import from_cloudevent
from tests.contexts import PRESENT, consumers, events
from tests.contract.goldens import read
from tests.contract.promises import EVENTS, breaks, events_of, fields_of

SUBJECT = re.compile(r"([a-z]+)\.[a-z_]+\.[a-z_]+\.v[1-9][0-9]*")
PERSONAL = re.compile(r"(^|_)(email|phone|mobile|birth|address|first_name|last_name|full_name)")

Consumed = tuple[str, str, type[BaseModel]]
CONSUMED: list[Consumed] = [
    (service, subject, model)
    for service in PRESENT
    for subject, models in consumers(service).items()
    for model in models
]


@pytest.mark.parametrize("service", PRESENT)
def test_every_event_is_what_is_promised(service: str) -> None:
    promised = {
        path.name.removesuffix(".json"): read(path) for path in EVENTS.glob(f"{service}.*.json")
    }
    assert events_of(service) == promised, "on purpose? then `make contracts`"


@pytest.mark.parametrize("service", PRESENT)
def test_every_event_is_named_after_its_service(service: str) -> None:
    subjects = [event.subject for event in events(service)]
    assert len(set(subjects)) == len(subjects)
    for subject in subjects:
        found = SUBJECT.fullmatch(subject)
        assert found, subject
        assert found.group(1) == service, subject


@pytest.mark.parametrize("service", PRESENT)
def test_every_example_is_an_event(service: str) -> None:
    for event in events(service):
        received = from_cloudevent(read(EVENTS / f"{event.subject}.json")["example"])
        assert event.model_validate(received.data).model_dump(mode="json") == received.data
        assert received.meta.subject == event.subject


@pytest.mark.parametrize("service", PRESENT)
def test_no_event_carries_personal_data(service: str) -> None:
    fields = [
        f"{subject}{field}"
        for subject, promise in events_of(service).items()
        for field, _ in fields_of(promise["schema"])
        if PERSONAL.search(field.rpartition("/")[2])
    ]
    assert fields == []


def test_somebody_listens() -> None:
    assert CONSUMED


@pytest.mark.parametrize(
    ("service", "subject", "model"), CONSUMED, ids=[f"{c[0]}:{c[1]}" for c in CONSUMED]
)
def test_a_consumer_reads_the_producers_example(
    service: str, subject: str, model: type[BaseModel]
) -> None:
    promise = read(EVENTS / f"{subject}.json")
    model.model_validate(promise["example"]["data"])
    offered = {field for field, _ in fields_of(promise["schema"])}
    asked = {field for field, _ in fields_of(model.model_json_schema())}
    assert asked - offered == set()


def a_schema(**fields: Any) -> dict[str, Any]:
    part = {"type": "object", "properties": {"weight": {"type": "string"}}}
    return {
        "type": "object",
        "properties": {
            "title": {"type": "string"},
            "year": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "goals": {"type": "array", "items": {"$ref": "#/$defs/Goal"}},
            **fields,
        },
        "$defs": {"Goal": part},
    }


def test_a_new_field_breaks_nobody() -> None:
    assert breaks(a_schema(), a_schema(vision={"type": "string"})) == []


def test_a_removed_field_breaks_a_version() -> None:
    assert breaks(a_schema(vision={"type": "string"}), a_schema()) == ["/vision is gone"]


def test_a_retyped_field_breaks_a_version() -> None:
    told = breaks(a_schema(), a_schema(year={"type": "integer"}))
    assert told == ["/year was integer or null, is integer"]


def test_a_field_of_a_part_counts_too() -> None:
    after = deepcopy(a_schema())
    after["$defs"]["Goal"]["properties"]["weight"] = {"type": "number"}
    assert breaks(a_schema(), after) == ["/goals[]/weight was string, is number"]
