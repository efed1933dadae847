"""Shapes of year-end lines over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, ReadShape
from services.budgeting.year_end_lines.model import Level


class YearEndLineRead(ReadShape):
    id: UUID
    level: Level
    item_id: UUID
    allocation_id: UUID | None
    allotment_id: UUID | None
    is_lapsing: bool
    amount: Annotated[Money, Field(description="Of this level, before the closing.")]
    rest_amount: Annotated[Money, Field(description="What the level below had not taken.")]
    obligated_amount: Money
    disbursed_amount: Money
    due_amount: Money
    not_yet_due_amount: Money
    lapsed_amount: Annotated[Money, Field(description="Taken off here, with what lapsed below.")]
    posting_id: UUID | None


class YearEndLinePage(Page[YearEndLineRead]):
    pass


class YearEndLineFilter(ListParams):
    is_lapsing: bool | None = None
    level: Level | None = None
    sort: Literal["created_at", "-created_at"] = "created_at"
