"""Shapes of allotments over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, Strict

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Remarks, Shape, Text
from services.budgeting.allotments.model import AllotmentKind, AllotmentStatus
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.postings.schemas import (
    OptionalReference,
    PositiveMoney,
    Reference,
    SignedMoney,
)

Quarter = Annotated[int, Strict(), Field(ge=1, le=4, examples=[1])]


class AllotmentCreate(Shape):
    allocation_id: UUID
    amount: PositiveMoney
    quarter: Annotated[
        Quarter | None, Field(description="Left out only of a comprehensive release.")
    ] = None
    kind: AllotmentKind = AllotmentKind.regular
    remarks: Text = ""


class AllotmentChange(ChangeShape):
    amount: PositiveMoney
    remarks: Text = ""


class AllotmentSubmit(Shape):
    release_org_id: Annotated[UUID, Field(description="The office that is asked to release it.")]


class AllotmentRelease(Shape):
    released_on: date
    release_reference: OptionalReference = ""


class AllotmentAdjust(Shape):
    amount: SignedMoney
    adjusted_on: date
    reference: Reference
    reason: Remarks


class AllotmentCancel(Shape):
    cancelled_on: date
    reason: Remarks


class AllotmentRead(RecordRead):
    allocation_id: UUID
    fiscal_year: int
    expense_class: str
    funding_source: str
    quarter: int | None
    kind: AllotmentKind
    status: AllotmentStatus
    utilization: Annotated[
        Literal["unused", "partial", "full"], Field(description="How much of it is obligated.")
    ]
    remarks: str
    amount: Money
    allotted_amount: Money
    reserved_amount: Annotated[Money, Field(description="Certified, not yet obligated.")]
    obligated_amount: Money
    disbursed_amount: Money
    available_amount: Money
    release_number: Annotated[
        int | None, Field(description="Without gaps in an organization and year.")
    ]
    release_reference: str
    release_org_id: UUID | None
    released_on: date | None
    approved_by: UUID | None
    approved_at: AwareDatetime | None
    released_by: UUID | None
    released_at: AwareDatetime | None


class AllotmentPage(Page[AllotmentRead]):
    pass


class AllotmentFilter(ListParams):
    submitted: Annotated[
        bool, Field(description="Those that others submitted to your office for release.")
    ] = False
    allocation_id: UUID | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    quarter: Annotated[int | None, Field(ge=1, le=4)] = None
    status: AllotmentStatus | None = None
    expense_class: Literal["ps", "mooe", "fe", "co"] | None = None
    sort: Literal["created_at", "-created_at", "amount", "-amount"] = "-created_at"
