"""The smallest valid body of an operation, made from its schema in the OpenAPI document."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import uuid4

from hypothesis import find
from hypothesis.strategies import from_regex

Document = dict[str, Any]


def body_of(document: Document, operation: dict[str, Any]) -> Any | None:
    """Return a body with the required fields only, or None when the operation takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    for media in content.values():
        return sample(document, media["schema"])
    return None


def sample(document: Document, schema: dict[str, Any]) -> Any:
    """Return one value that the schema accepts."""
    if "$ref" in schema:
        return sample(document, _resolve(document, schema["$ref"]))
    for word in ("anyOf", "allOf"):
        if word in schema:
            return sample(document, schema[word][0])
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    return _typed(document, schema)


def _typed(document: Document, schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        fields = schema.get("properties", {})
        return {name: sample(document, fields[name]) for name in schema.get("required", [])}
    if kind == "array":
        return [sample(document, schema["items"])] * schema.get("minItems", 0)
    if kind == "integer":
        return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
    if kind == "boolean":
        return False
    return _text(schema)


def _text(schema: dict[str, Any]) -> str:
    made = {
        "uuid": str(uuid4()),
        "date": "2026-03-31",
        "date-time": "2026-03-31T00:00:00Z",
        "email": "person@moh.example",
    }
    if schema.get("format") in made:
        return made[schema["format"]]
    if "pattern" in schema:
        return _matching(schema["pattern"], schema.get("minLength", 0))
    return "x" * max(schema.get("minLength", 1), 1)


@cache
def _matching(pattern: str, least: int) -> str:
    found: str = find(from_regex(pattern, fullmatch=False), lambda text: len(text) >= least)
    return found


def _resolve(document: Document, reference: str) -> dict[str, Any]:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
