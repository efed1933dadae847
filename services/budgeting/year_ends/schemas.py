"""Shapes of year-end documents over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, ReadShape, RecordRead, Remarks, Shape, Text
from services.budgeting.fiscal_years.schemas import Year, YearAsked
from services.budgeting.year_ends.model import YearEndKind, YearEndStatus


class YearEndCreate(Shape):
    fiscal_year: Year
    closing_on: Annotated[
        date,
        Field(description="The last day of the year, or a later one: what lapses, lapses then."),
    ]
    reason: Text = ""


class YearEndReverse(Shape):
    reason: Remarks


class YearEndReject(Shape):
    reason: Remarks


class YearEndFigures(ReadShape):
    appropriated_amount: Annotated[Money, Field(description="Of the items, before the closing.")]
    lapsed_amount: Annotated[Money, Field(description="Free, and valid no longer.")]
    continued_amount: Annotated[Money, Field(description="Free, and valid in the next year.")]
    obligated_amount: Money
    disbursed_amount: Money
    due_amount: Annotated[Money, Field(description="Accounts payable, due and demandable.")]
    not_yet_due_amount: Annotated[Money, Field(description="Accounts payable, not yet due.")]


class YearEndRead(RecordRead, YearEndFigures):
    fiscal_year: int
    kind: YearEndKind
    closing_on: date
    reason: str
    remarks: str
    status: YearEndStatus
    reverses_id: UUID | None
    decided_by: UUID | None
    decided_at: AwareDatetime | None


class YearEndPreview(YearEndFigures):
    obstacles: Annotated[
        list[str], Field(description="What must be settled before the year can be closed.")
    ]
    items_lapsing: int
    items_continuing: int


class YearEndPage(Page[YearEndRead]):
    pass


class YearEndFilter(ListParams):
    fiscal_year: YearAsked = None
    status: YearEndStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
