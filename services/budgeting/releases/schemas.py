"""Shapes of releases over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, RecordRead, Shape
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.postings.schemas import Reference
from services.budgeting.releases.model import ReleaseStatus


class ReleaseCreate(Shape):
    allotment_id: Annotated[
        UUID | None, Field(description="An allotment submitted to you for release.")
    ] = None
    allotment_transfer_id: Annotated[
        UUID | None, Field(description="Or a transfer submitted to you for release.")
    ] = None
    released_on: date
    reference: Reference

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if (self.allotment_id is None) == (self.allotment_transfer_id is None):
            raise ValueError("name either allotment_id or allotment_transfer_id")
        return self


class ReleaseRead(RecordRead):
    for_org_id: UUID
    allotment_id: UUID
    allotment_transfer_id: UUID | None
    to_org_id: Annotated[UUID | None, Field(description="Who is given it, by a transfer.")]
    fiscal_year: int
    expense_class: str
    funding_source: str
    quarter: int | None
    amount: Money
    released_on: date
    reference: str
    status: ReleaseStatus
    number: Annotated[int | None, Field(description="Without gaps in the issuer and year.")]
    approved_by: UUID | None
    approved_at: AwareDatetime | None


class ReleasePage(Page[ReleaseRead]):
    pass


class ReleaseFilter(ListParams):
    status: ReleaseStatus | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
