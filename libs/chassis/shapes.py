"""Shapes of the API: strict on the way in, complete on the way out."""

from __future__ import annotations

from datetime import UTC, datetime
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
CENTAVO = Decimal("0.01")


class Shape(BaseModel):
    """What a caller sends: an unknown field is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ReadShape(BaseModel):
    """What a caller receives: read from a row, every field always present."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


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


def _money_in(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError('write the amount as a string with two decimals, such as "1234.50"')
    import re

    if not re.fullmatch(MONEY_PATTERN, value):
        raise ValueError('an amount is PHP, not negative, with two decimals, such as "1234.50"')
    return Decimal(value)


Money = Annotated[
    Decimal,
    BeforeValidator(_money_in),
    Field(ge=0, max_digits=18, decimal_places=2),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN, "examples": ["1234.50"]}),
]
"""PHP as a decimal string with two places, 0.00 to 9,999,999,999,999,999.99; never a float."""


def _percent_out(value: Decimal) -> str:
    return f"{value.quantize(CENTAVO, rounding=ROUND_HALF_UP):.2f}"


Percent = Annotated[
    Decimal,
    PlainSerializer(_percent_out, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["72.50"]}),
]
"""A percentage as a decimal string with two places, rounded half up."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"\S")]
"""A name of at most 255 characters that is not blank."""

Text = Annotated[str, StringConstraints(max_length=10_000)]
"""Prose of at most 10,000 characters; may be empty."""

Remarks = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"\S")]
"""A reason that is not blank, at most 2,000 characters."""


def utc(value: datetime) -> datetime:
    """Return the instant in UTC."""
    return value.astimezone(UTC)
