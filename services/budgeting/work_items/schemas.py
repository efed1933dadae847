"""Shapes of work items over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, Percent, RecordRead, Remarks, Shape, Text, Title
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.line_items.schemas import QUANTITY_PATTERN, THOUSANDTH, Quantity, Unit
from services.budgeting.postings.schemas import PositiveMoney
from services.budgeting.work_items.model import WorkItemStatus

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,29}$")]


def _part(value: Any) -> Any:
    if value in ("0", "0.0", "0.00", "0.000"):
        return Decimal(0)
    return value


Part = Annotated[
    Quantity,
    BeforeValidator(_part),
    PlainSerializer(
        lambda value: f"{value.quantize(THOUSANDTH):.3f}", return_type=str, when_used="json"
    ),
    WithJsonSchema({"type": "string", "pattern": QUANTITY_PATTERN, "examples": ["3.000"]}),
]
"""A quantity that may be nothing."""

SPLIT = "All four quarters or none; none is an even split."


class WorkItemCreate(Shape):
    allocation_id: UUID
    code: Annotated[
        Code | None, Field(description="Given as WI-<year>-<serial> when left out.")
    ] = None
    title: Title
    output: Text = ""
    unit: Unit
    quantity: Quantity
    q1_quantity: Annotated[Part | None, Field(description=SPLIT)] = None
    q2_quantity: Part | None = None
    q3_quantity: Part | None = None
    q4_quantity: Part | None = None
    estimated_cost_amount: PositiveMoney
    q1_amount: Annotated[Money | None, Field(description=SPLIT)] = None
    q2_amount: Money | None = None
    q3_amount: Money | None = None
    q4_amount: Money | None = None
    target_completion_on: date
    planning_work_item_id: UUID | None = None


class WorkItemChange(ChangeShape):
    title: Title = ""
    output: Text = ""
    unit: Unit = ""
    quantity: Quantity = Decimal(1)
    q1_quantity: Part | None = None
    q2_quantity: Part | None = None
    q3_quantity: Part | None = None
    q4_quantity: Part | None = None
    estimated_cost_amount: PositiveMoney = Decimal(1)
    q1_amount: Money | None = None
    q2_amount: Money | None = None
    q3_amount: Money | None = None
    q4_amount: Money | None = None
    target_completion_on: date
    planning_work_item_id: UUID | None = None


class WorkItemAdvance(Shape):
    accomplished_quantity: Part
    accomplished_on: Annotated[
        date | None, Field(description="By which day; today when left out.")
    ] = None


class WorkItemCancel(Shape):
    reason: Remarks


class WorkItemRead(RecordRead):
    allocation_id: UUID
    ppa_id: UUID | None
    planning_work_item_id: UUID | None
    fiscal_year: int
    code: str
    title: str
    output: str
    unit: str
    quantity: Part
    q1_quantity: Part
    q2_quantity: Part
    q3_quantity: Part
    q4_quantity: Part
    estimated_cost_amount: Money
    q1_amount: Money
    q2_amount: Money
    q3_amount: Money
    q4_amount: Money
    target_completion_on: date
    status: WorkItemStatus
    is_delayed: bool
    accomplished_quantity: Part
    physical_percent: Percent


class WorkItemPage(Page[WorkItemRead]):
    pass


class WorkItemFilter(ListParams):
    allocation_id: UUID | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    status: WorkItemStatus | None = None
    sort: Literal["created_at", "-created_at", "code", "-code"] = "code"
