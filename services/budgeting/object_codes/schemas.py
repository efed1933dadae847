"""Shapes of object codes over HTTP."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from libs.chassis.shapes import Money, ReadShape
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.line_items.model import ExpenseClass


class ObjectCodeRead(ReadShape):
    code: str
    title: str
    expense_class: ExpenseClass
    semi_expendable_code: Annotated[
        str | None, Field(description="What to use below the threshold of capital outlays.")
    ]
    valid_from: Annotated[int, Field(description="The first fiscal year in which it is used.")]
    valid_to: Annotated[int | None, Field(description="The last one; null: still in use.")]
    is_sample: Annotated[bool, Field(description="Not confirmed by who keeps the account codes.")]


class CatalogueRead(ReadShape):
    """The codes of one fiscal year, and from which unit cost something is a capital outlay."""

    fiscal_year: int
    capital_threshold_amount: Money | None
    object_codes: list[ObjectCodeRead]


class ObjectCodeFilter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    fiscal_year: Annotated[
        int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR, description="Left out: this year.")
    ] = None
    expense_class: ExpenseClass | None = None
