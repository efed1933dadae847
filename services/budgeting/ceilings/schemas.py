"""Shapes of ceilings over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, Strict

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, Percent, RecordRead, Shape
from services.budgeting.ceilings.model import Enforcement
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.funding_sources.schemas import Sector
from services.budgeting.line_items.model import ExpenseClass

WarnAt = Annotated[int, Strict(), Field(ge=1, le=100)]


class CeilingCreate(Shape):
    budget_call_id: UUID
    for_org_id: Annotated[UUID | None, Field(description="Null: all organizations together.")] = (
        None
    )
    funding_source: FundingSource | None = None
    expense_class: ExpenseClass | None = None
    sector: Sector | None = None
    amount: Money
    enforcement: Enforcement = Enforcement.hard
    warn_at_percent: WarnAt = 90


class CeilingChange(ChangeShape):
    amount: Money = Decimal(0)
    enforcement: Enforcement = Enforcement.hard
    warn_at_percent: WarnAt = 90


class CeilingRead(RecordRead):
    budget_call_id: UUID
    fiscal_year: int
    for_org_id: UUID | None
    funding_source: FundingSource | None
    expense_class: ExpenseClass | None
    sector: str | None
    amount: Money
    enforcement: Enforcement
    warn_at_percent: int
    used_amount: Annotated[
        Money | None,
        Field(description="Submitted and approved under it; null where others' is not shown."),
    ]
    used_percent: Percent | None
    level: Literal["ok", "near", "critical", "exceeded"] | None


class CeilingPage(Page[CeilingRead]):
    pass


class CeilingFilter(ListParams):
    fiscal_year: YearAsked = None
    budget_call_id: UUID | None = None
    for_org_id: UUID | None = None
    sort: Literal["created_at", "-created_at"] = "created_at"
