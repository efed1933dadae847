"""What the contexts promise, as documents: built from the code, compared with the golden ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from libs.outbox.event import Event, to_cloudevent
from tests.contexts import ROOT, build, events

Document = dict[str, Any]

OPENAPI = ROOT / "contracts" / "openapi"
EVENTS = ROOT / "contracts" / "events"
MOMENT = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)


def openapi_of(service: str) -> Document:
    """Return the description of a service's operations."""
    return build(service).openapi()


def events_of(service: str) -> dict[str, Document]:
    """Return, by subject, the schema of each event's data and one whole example of it."""
    return {event.subject: _described(event) for event in events(service)}


def _described(event: type[Event]) -> Document:
    schema = _lean(event.model_json_schema(mode="serialization"))
    return {
        "subject": event.subject,
        "description": schema.pop("description"),
        "schema": schema,
        "example": to_cloudevent(
            SimpleNamespace(
                event_id=_id("event"),
                subject=event.subject,
                aggregate_id=_id("aggregate"),
                aggregate_version=3,
                org_id=_id("organization"),
                actor_id=_id("actor"),
                source_seq=1042,
                occurred_at=MOMENT,
                traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                data=example_of(schema, schema, event.subject),
            )
        ),
    }


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:bmms:{name}"))


def _lean(schema: Any) -> Any:
    """Leave out the titles that Pydantic makes of field names; they say nothing new."""
    if isinstance(schema, list):
        return [_lean(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: part for name, part in schema.items() if name != "title" or _is_field(part)}
    return {name: _lean(part) for name, part in kept.items()}


def _is_field(title: Any) -> bool:
    return isinstance(title, dict)


def example_of(document: Document, schema: Document, name: str) -> Any:
    """Return a value of a schema: every field present, one item in each list."""
    schema = resolved(document, schema)
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    if "properties" in schema:
        fields = schema["properties"].items()
        return {field: example_of(document, part, field) for field, part in fields}
    if "items" in schema:
        return [example_of(document, schema["items"], name)]
    by_form = {
        "uuid": _id(name),
        "date": MOMENT.date().isoformat(),
        "date-time": MOMENT.isoformat().replace("+00:00", "Z"),
    }
    by_type = {
        "object": {},
        "integer": MOMENT.year if name.endswith("year") else 2,
        "boolean": True,
        "null": None,
    }
    told = schema.get("const", by_form.get(schema.get("format", ""), name.replace("_", " ")))
    return by_type.get(schema.get("type", ""), told)


def resolved(document: Document, schema: Document) -> Document:
    """Follow a reference, and of several alternatives take the first."""
    if "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return resolved(document, found)
    if "anyOf" in schema:
        return resolved(document, schema["anyOf"][0])
    return schema


def breaks(before: Document, after: Document) -> list[str]:
    """Return what a reader of `before` would miss in `after`: nothing, or a list of fields."""
    was, now = dict(fields_of(before)), dict(fields_of(after))
    return [
        f"{name} is gone" if name not in now else f"{name} was {kind}, is {now[name]}"
        for name, kind in was.items()
        if now.get(name) != kind
    ]


def fields_of(document: Document, schema: Document | None = None, at: str = "") -> Iterator[Any]:
    """Yield each field of a schema as (path, type), through objects, lists and alternatives."""
    schema = document if schema is None else schema
    if "$ref" in schema:
        schema = resolved(document, schema)
    for part in schema.get("anyOf", ()):
        yield from fields_of(document, part, at)
    for name, part in schema.get("properties", {}).items():
        yield f"{at}/{name}", kind_of(document, part)
        yield from fields_of(document, part, f"{at}/{name}")
    if "items" in schema:
        yield from fields_of(document, schema["items"], f"{at}[]")


def kind_of(document: Document, schema: Document) -> str:
    """Return the type of a field as one word: `string(uuid) or null`."""
    if "$ref" in schema:
        schema = resolved(document, schema)
    if "anyOf" in schema:
        return " or ".join(sorted(kind_of(document, part) for part in schema["anyOf"]))
    form = schema.get("format") or schema.get("pattern")
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {kind_of(document, schema.get('items', {}))}"
    return f"{kind}({form})" if form else str(kind)
