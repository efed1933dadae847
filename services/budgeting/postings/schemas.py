"""Shapes of the ledger over HTTP, and amounts that other slices take."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import MONEY_PATTERN, ReadShape
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.postings.model import PostingKind

SIGNED_PATTERN = r"^-?(0|[1-9][0-9]{0,15})\.[0-9]{2}$"


def _positive(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(MONEY_PATTERN, value):
        raise ValueError('write PHP as a string with two decimals, such as "1234.50"')
    if Decimal(value) == 0:
        raise ValueError("the amount must be more than 0.00")
    return Decimal(value)


def _signed(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(SIGNED_PATTERN, value):
        raise ValueError('write PHP as a string with two decimals, such as "-1234.50"')
    if Decimal(value) == 0:
        raise ValueError("the amount must not be 0.00")
    return Decimal(value)


def _told(value: Decimal) -> str:
    return f"{value:.2f}"


PositiveMoney = Annotated[
    Decimal,
    BeforeValidator(_positive),
    PlainSerializer(_told, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN, "examples": ["1234.50"]}),
]
"""PHP of at least a centavo."""

SignedMoney = Annotated[
    Decimal,
    BeforeValidator(_signed),
    PlainSerializer(_told, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": SIGNED_PATTERN, "examples": ["-1234.50"]}),
]
"""PHP up or down, never nothing."""

Reference = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"\S")]
OptionalReference = Annotated[str, StringConstraints(max_length=100)]


class PostingRead(ReadShape):
    id: UUID
    kind: PostingKind
    amount: SignedMoney
    balance_amount: Annotated[
        SignedMoney, Field(description="What the level above had left after this posting.")
    ]
    posted_on: date
    fiscal_year: int
    expense_class: str
    funding_source: str
    item_id: UUID
    allocation_id: UUID | None
    allotment_id: UUID | None
    obligation_id: UUID | None
    disbursement_id: UUID | None
    reference: str
    reason: str
    reverses_id: UUID | None
    created_by: UUID
    created_at: AwareDatetime


class PostingPage(Page[PostingRead]):
    pass


class PostingFilter(ListParams):
    kind: PostingKind | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    item_id: UUID | None = None
    allocation_id: UUID | None = None
    allotment_id: UUID | None = None
    obligation_id: UUID | None = None
    disbursement_id: UUID | None = None
    sort: Literal["created_at", "-created_at", "posted_on", "-posted_on"] = "-created_at"
