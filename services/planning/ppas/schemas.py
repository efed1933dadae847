"""Shapes of PPAs and their indicators over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer, Strict, StringConstraints, WithJsonSchema

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Money,
    ReadShape,
    RecordRead,
    Remarks,
    Shape,
    Text,
    Title,
)
from services.planning.indicators.model import IndicatorKind, TargetUnit
from services.planning.ppas.model import EARLIEST_YEAR, LATEST_YEAR, PpaStatus

FiscalYear = Annotated[int, Strict(), Field(ge=EARLIEST_YEAR, le=LATEST_YEAR, examples=[2025])]
Code = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,39}$"),
    Field(description="Unique in the organization's fiscal year.", examples=["PPA-2025-001"]),
]
IndicatorText = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"\S")]
TargetText = Annotated[
    str, Field(max_length=2_000, description="The target as published.", examples=["100%"])
]


def _plainly(value: Decimal) -> str:
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


Figure = Annotated[
    Decimal,
    PlainSerializer(_plainly, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$", "examples": ["244.259"]}),
]


class IndicatorIn(Shape):
    kind: IndicatorKind
    text: IndicatorText
    target_text: TargetText = ""


class IndicatorRead(ReadShape):
    id: UUID
    kind: IndicatorKind
    position: int
    text: str
    target_text: str
    target_value: Annotated[
        Figure | None, Field(description="The target as a number, where its text is one.")
    ]
    target_unit: TargetUnit | None


Indicators = Annotated[list[IndicatorIn], Field(max_length=200)]


class PpaCreate(Shape):
    code: Annotated[Code | None, Field(description="The next free one when left out.")] = None
    title: Title
    description: Text = ""
    fiscal_year: FiscalYear
    approved_budget_amount: Money | None = None
    indicators: Annotated[Indicators, Field(default_factory=list)]


class PpaChange(ChangeShape):
    title: Title = ""
    description: Text = ""
    approved_budget_amount: Money | None = None
    indicators: Annotated[Indicators, Field(default_factory=list)]


class PpaReason(Shape):
    reason: Remarks


class PpaComplete(Shape):
    actual_end_on: date


class PpaSummary(RecordRead):
    code: str
    title: str
    fiscal_year: int
    status: PpaStatus
    approved_budget_amount: Money | None
    actual_end_on: date | None


class PpaRead(PpaSummary):
    description: str
    status_reason: str
    source_file: Annotated[str | None, Field(description="The published file it came from.")]
    source_position: str | None
    indicators_count: int
    indicators: list[IndicatorRead]


class PpaPage(Page[PpaSummary]):
    pass


class PpaFilter(ListParams):
    status: PpaStatus | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    sort: Literal["created_at", "-created_at", "code", "-code", "title", "-title"] = "-created_at"
