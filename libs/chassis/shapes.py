"""Shapes of the API: strict on the way in, complete on the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

MONEY_PATTERN = r"^(0|[1-9][0-9]{0,15})\.[0-9]{2}$"
DECIMAL_PATTERN = r"^-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,2})?$"
PERCENT_PATTERN = r"^(100(\.00?)?|[0-9]{1,2}(\.[0-9]{1,2})?)$"
CENTAVO = Decimal("0.01")


class Shape(BaseModel):
    """What a caller sends: an unknown field is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class ChangeShape(Shape):
    """A merge patch (RFC 7396): what is absent stays, null clears. Defaults are never used."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    def changes(self) -> dict[str, Any]:
        """Return the fields that were sent, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class ReadShape(BaseModel):
    """What a caller receives: read from a row, every field always present."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_serialization_defaults_required=True
    )


class RecordRead(ReadShape):
    """A record of one organization: identity, ETag version, who and when, and what is open now."""

    id: UUID
    version: Annotated[int, Field(description="The record's ETag is this number in quotes.")]
    created_at: AwareDatetime
    created_by: UUID
    updated_at: AwareDatetime
    updated_by: UUID
    allowed_actions: Annotated[
        list[str], Field(description="The verbs open to this caller in the present state.")
    ]


def _decimal_in(pattern: str, hint: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if isinstance(value, Decimal):
            return value
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(hint)
        return Decimal(value)

    return read


def _two_places(value: Decimal) -> str:
    return f"{value.quantize(CENTAVO, rounding=ROUND_HALF_UP):.2f}"


Money = Annotated[
    Decimal,
    BeforeValidator(
        _decimal_in(MONEY_PATTERN, 'write PHP as a string with two decimals, such as "1234.50"')
    ),
    PlainSerializer(_two_places, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN, "examples": ["1234.50"]}),
]
"""PHP as a decimal string with two places, 0.00 to 9999999999999999.99; never a float."""

Decimal2 = Annotated[
    Decimal,
    BeforeValidator(
        _decimal_in(DECIMAL_PATTERN, 'write the number as a string, such as "12" or "-0.25"')
    ),
    PlainSerializer(_two_places, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": DECIMAL_PATTERN, "examples": ["131.00"]}),
]
"""A number as a decimal string with at most two places and sixteen digits before them."""

PercentIn = Annotated[
    Decimal,
    BeforeValidator(
        _decimal_in(PERCENT_PATTERN, 'write the percentage as a string, such as "33.33"')
    ),
    PlainSerializer(_two_places, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": PERCENT_PATTERN, "examples": ["33.33"]}),
]
"""A percentage from 0 to 100 as a decimal string with at most two places."""

Percent = Annotated[
    Decimal,
    PlainSerializer(_two_places, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["72.50"]}),
]
"""A percentage as a decimal string with two places, rounded half up."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"\S")]
"""A name of at most 255 characters that is not blank."""

Text = Annotated[str, StringConstraints(max_length=10_000)]
"""Prose of at most 10,000 characters; may be empty."""

Remarks = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"\S")]
"""A reason that is not blank, at most 2,000 characters."""
