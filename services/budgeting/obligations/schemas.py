"""Shapes of obligations over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, ReadShape, RecordRead, Remarks, Shape, Text
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.line_items.schemas import Description, ObjectCode
from services.budgeting.obligations.model import DocumentKind, ObligationStatus
from services.budgeting.postings.schemas import OptionalReference, PositiveMoney, SignedMoney


class ObligationLineCreate(Shape):
    object_code: ObjectCode
    description: Description
    amount: PositiveMoney


Lines = Annotated[list[ObligationLineCreate], Field(min_length=1, max_length=200)]


class ObligationCreate(Shape):
    allotment_id: UUID
    payee_id: UUID
    work_item_id: Annotated[
        UUID | None, Field(description="Required where the allocation has a work plan.")
    ] = None
    document_kind: DocumentKind
    document_number: OptionalReference = ""
    document_on: date | None = None
    particulars: Text = ""
    obligation_on: date
    lines: Lines


class ObligationChange(ChangeShape):
    payee_id: UUID
    work_item_id: UUID | None = None
    document_kind: DocumentKind = DocumentKind.other
    document_number: OptionalReference = ""
    document_on: date | None = None
    particulars: Text = ""
    obligation_on: date
    lines: Lines


class ObligationAdjust(Shape):
    amount: SignedMoney
    adjusted_on: date
    reason: Remarks


class ObligationDeliver(Shape):
    delivered_on: Annotated[
        date, Field(description="From this day on what is unpaid is due and demandable.")
    ]


class ObligationCancel(Shape):
    cancelled_on: date
    reason: Remarks


class ObligationLineRead(ReadShape):
    id: UUID
    display_order: int
    object_code: str
    description: str
    amount: Money


class ObligationSummary(RecordRead):
    allotment_id: UUID
    allocation_id: UUID
    work_item_id: UUID | None
    payee_id: UUID
    fiscal_year: int
    expense_class: str
    document_kind: DocumentKind
    document_number: str
    document_on: date | None
    particulars: str
    obligation_on: date
    status: ObligationStatus
    payment: Literal["unpaid", "partial", "full"]
    ors_number: str | None
    amount: Money
    obligated_amount: Money
    disbursed_amount: Money
    unpaid_amount: Money
    delivered_on: date | None
    certified_by: UUID | None
    certified_at: AwareDatetime | None
    obligated_by: UUID | None
    obligated_at: AwareDatetime | None
    cancel_reason: str


class ObligationRead(ObligationSummary):
    lines: list[ObligationLineRead]


class ObligationPage(Page[ObligationSummary]):
    pass


class ObligationFilter(ListParams):
    allotment_id: UUID | None = None
    allocation_id: UUID | None = None
    work_item_id: UUID | None = None
    payee_id: UUID | None = None
    status: ObligationStatus | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    ors_number: Annotated[str | None, Field(max_length=50)] = None
    sort: Literal["created_at", "-created_at", "obligation_on", "-obligation_on"] = "-created_at"
