"""Shapes of appropriations over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Shape, Title
from services.budgeting.act_items.schemas import ActItemCreate, ActItemRead
from services.budgeting.appropriations.model import AppropriationKind, AppropriationStatus
from services.budgeting.fiscal_years.schemas import Year, YearAsked

Day = Annotated[date, Field(ge=date(2019, 1, 1), le=date(2110, 12, 31))]


class AppropriationCreate(Shape):
    fiscal_year: Year
    act_reference: Title
    title: Title
    kind: AppropriationKind = AppropriationKind.general
    enacted_on: Day
    valid_until: Day
    items: Annotated[list[ActItemCreate], Field(max_length=2000, default_factory=list)]


class AppropriationChange(ChangeShape):
    act_reference: Title = ""
    title: Title = ""
    kind: AppropriationKind = AppropriationKind.general
    enacted_on: Day = date(2026, 1, 1)
    valid_until: Day = date(2026, 1, 1)


class AppropriationExtend(Shape):
    act_reference: Title
    valid_until: Day


class AppropriationSummary(RecordRead):
    issuer_org_id: Annotated[UUID, Field(validation_alias="org_id")]
    fiscal_year: int
    act_reference: str
    title: str
    kind: AppropriationKind
    status: AppropriationStatus
    enacted_on: date
    valid_until: date
    enacted_by: UUID | None
    enacted_at: AwareDatetime | None


class AppropriationRead(AppropriationSummary):
    total_amount: Annotated[Money, Field(description="Of the items that this caller sees.")]
    items: list[ActItemRead]


class AppropriationPage(Page[AppropriationSummary]):
    pass


class AppropriationFilter(ListParams):
    fiscal_year: YearAsked = None
    status: AppropriationStatus | None = None
    sort: Literal["created_at", "-created_at", "fiscal_year", "-fiscal_year"] = "-created_at"
