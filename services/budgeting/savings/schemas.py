"""Shapes of savings over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, RecordRead, Remarks, Shape
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.postings.schemas import PositiveMoney
from services.budgeting.savings.model import SavingStatus


class SavingCreate(Shape):
    item_id: UUID
    amount: PositiveMoney
    reason: Annotated[Remarks, Field(description="Why the program no longer needs it.")]


class SavingEnd(Shape):
    reason: Remarks


class SavingRead(RecordRead):
    item_id: UUID
    fiscal_year: int
    amount: Money
    used_amount: Annotated[Money, Field(description="What augmented other items.")]
    left_amount: Money
    reason: str
    remarks: str
    status: SavingStatus
    decided_by: UUID | None
    decided_at: AwareDatetime | None


class SavingPage(Page[SavingRead]):
    pass


class SavingFilter(ListParams):
    fiscal_year: YearAsked = None
    item_id: UUID | None = None
    status: SavingStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
