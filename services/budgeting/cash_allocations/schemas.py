"""Shapes of cash allocations over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, Strict

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, RecordRead, Remarks, Shape, Text
from services.budgeting.cash_allocations.model import CashStatus
from services.budgeting.fiscal_years.schemas import Year, YearAsked
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.postings.schemas import PositiveMoney, Reference


class CashAllocationCreate(Shape):
    number: Reference
    received_on: date
    fiscal_year: Year
    quarter: Annotated[int, Strict(), Field(ge=1, le=4, examples=[1])]
    month: Annotated[
        Annotated[int, Strict(), Field(ge=1, le=12)] | None,
        Field(description="From which month of the quarter on; left out, from its first day."),
    ] = None
    funding_source: FundingSource
    amount: PositiveMoney
    remarks: Text = ""


class CashAllocationCancel(Shape):
    reason: Remarks


class CashAllocationRead(RecordRead):
    number: str
    received_on: date
    fiscal_year: int
    quarter: int
    month: int | None
    funding_source: FundingSource
    amount: Money
    used_amount: Annotated[Money, Field(description="What payments used, gross.")]
    left_amount: Money
    lapsed_amount: Annotated[Money, Field(description="Unused when the quarter was over.")]
    valid_from: date
    valid_until: date
    remarks: str
    status: CashStatus
    approved_by: UUID | None
    approved_at: AwareDatetime | None


class CashAllocationPage(Page[CashAllocationRead]):
    pass


class CashAllocationFilter(ListParams):
    fiscal_year: YearAsked = None
    quarter: Annotated[int | None, Field(ge=1, le=4)] = None
    funding_source: FundingSource | None = None
    sort: Literal["created_at", "-created_at", "valid_until", "-valid_until"] = "-created_at"
