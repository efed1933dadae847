"""Shapes of budget calls and their extensions over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, ReadShape, RecordRead, Remarks, Shape, Text, Title
from services.budgeting.budget_calls.model import CallStatus
from services.budgeting.fiscal_years.schemas import Year, YearAsked

Day = Annotated[date, Field(ge=date(2019, 1, 1), le=date(2101, 12, 31))]


class CalendarStep(Shape):
    """A step of the budget cycle; the law, the guides and practice differ, so it is data."""

    name: Title
    starts_on: Day
    ends_on: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("a step ends on or after its first day")
        return self


Calendar = Annotated[list[CalendarStep], Field(max_length=50, default_factory=list)]


class BudgetCallCreate(Shape):
    fiscal_year: Year
    title: Title
    guidelines: Text = ""
    opens_on: Day
    deadline_on: Day
    calendar: Calendar

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.deadline_on < self.opens_on:
            raise ValueError("the deadline is on or after the first day")
        return self


class BudgetCallChange(ChangeShape):
    title: Title = ""
    guidelines: Text = ""
    opens_on: Day = date(2026, 1, 1)
    deadline_on: Day = date(2026, 1, 1)
    calendar: Calendar


class BudgetCallRead(RecordRead):
    issuer_org_id: Annotated[UUID, Field(validation_alias="org_id")]
    fiscal_year: int
    title: str
    guidelines: str
    opens_on: date
    deadline_on: date
    calendar: list[CalendarStep]
    status: CallStatus
    opened_at: AwareDatetime | None
    closed_at: AwareDatetime | None


class ExtensionCreate(Shape):
    for_org_id: UUID
    deadline_on: Day
    reason: Remarks


class ExtensionRead(ReadShape):
    id: UUID
    budget_call_id: UUID
    for_org_id: UUID
    deadline_on: date
    reason: str
    created_at: AwareDatetime
    created_by: UUID


class BudgetCallPage(Page[BudgetCallRead]):
    pass


class ExtensionPage(Page[ExtensionRead]):
    pass


class BudgetCallFilter(ListParams):
    fiscal_year: YearAsked = None
    status: CallStatus | None = None
    sort: Literal["created_at", "-created_at", "fiscal_year", "-fiscal_year"] = "-fiscal_year"


class ExtensionFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "created_at"
