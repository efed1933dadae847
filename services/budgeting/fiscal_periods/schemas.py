"""Shapes of fiscal periods over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead, Remarks, Shape
from services.budgeting.fiscal_periods.model import PeriodStatus
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.fiscal_years.schemas import Year


class FiscalYearOpen(Shape):
    fiscal_year: Year


class FiscalPeriodReopen(Shape):
    reason: Remarks


class FiscalPeriodRead(RecordRead):
    fiscal_year: int
    month: int
    status: PeriodStatus
    closed_by: UUID | None
    closed_at: AwareDatetime | None
    reopen_reason: str


class FiscalPeriodPage(Page[FiscalPeriodRead]):
    pass


class FiscalPeriodFilter(ListParams):
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    status: PeriodStatus | None = None
    sort: Literal["month", "-month"] = "month"
