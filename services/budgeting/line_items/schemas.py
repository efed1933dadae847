"""Shapes of line items over HTTP."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from libs.chassis.shapes import ChangeShape, Money, RecordRead, Shape, Text
from services.budgeting.line_items.model import ExpenseClass

QUANTITY_PATTERN = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?$"
THOUSANDTH = Decimal("0.001")


def _quantity(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not re.fullmatch(QUANTITY_PATTERN, value):
        raise ValueError('write the quantity as a string with at most three decimals, like "12.5"')
    if Decimal(value) == 0:
        raise ValueError("the quantity must be more than 0")
    return Decimal(value)


Quantity = Annotated[
    Decimal,
    BeforeValidator(_quantity),
    PlainSerializer(
        lambda value: f"{value.quantize(THOUSANDTH):.3f}", return_type=str, when_used="json"
    ),
    WithJsonSchema({"type": "string", "pattern": QUANTITY_PATTERN, "examples": ["12.000"]}),
]
ObjectCode = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{8}([0-9]{2})?$"),
    Field(description="Object of expenditure: 8 digits and 2 more.", examples=["5020301000"]),
]
Description = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")]
Short = Annotated[str, StringConstraints(max_length=255)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=r"\S")]


class LineItemCreate(Shape):
    expense_class: ExpenseClass
    object_code: ObjectCode
    description: Description
    unit: Unit
    unit_cost_amount: Money
    quantity: Quantity
    justification: Text = ""
    sub_category: Short = ""
    procurement_mode: Short = ""
    procurement_reference: Short = ""
    q1_amount: Money | None = None
    q2_amount: Money | None = None
    q3_amount: Money | None = None
    q4_amount: Money | None = None


class LineItemChange(ChangeShape):
    expense_class: ExpenseClass = ExpenseClass.mooe
    object_code: ObjectCode = ""
    description: Description = ""
    unit: Unit = ""
    unit_cost_amount: Money = Decimal(0)
    quantity: Quantity = Decimal(0)
    justification: Text = ""
    sub_category: Short = ""
    procurement_mode: Short = ""
    procurement_reference: Short = ""
    q1_amount: Money | None = None
    q2_amount: Money | None = None
    q3_amount: Money | None = None
    q4_amount: Money | None = None


class LineItemRead(RecordRead):
    program_id: UUID
    display_order: int
    expense_class: ExpenseClass
    object_code: str
    description: str
    unit: str
    unit_cost_amount: Money
    quantity: Quantity
    justification: str
    sub_category: str
    procurement_mode: str
    procurement_reference: str
    q1_amount: Money | None
    q2_amount: Money | None
    q3_amount: Money | None
    q4_amount: Money | None
    requested_amount: Money
    approved_amount: Money | None


class LineItemApprove(Shape):
    line_item_id: UUID
    approved_amount: Money
