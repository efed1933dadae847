"""Shapes of transfers over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, RecordRead, Remarks, Shape, Title
from services.budgeting.allotment_transfers.model import TransferStatus
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.postings.schemas import PositiveMoney


class AllotmentTransferCreate(Shape):
    allotment_id: Annotated[UUID, Field(description="A released allotment of your own.")]
    to_org_id: Annotated[UUID, Field(description="The organization that is to spend it.")]
    amount: PositiveMoney
    legal_basis: Annotated[Title, Field(description="Which law or provision lets it move.")]
    reason: Remarks


class AllotmentTransferRead(RecordRead):
    allotment_id: UUID
    to_org_id: UUID
    issuer_org_id: Annotated[UUID, Field(description="Whose release gives the money.")]
    act_item_id: UUID
    fiscal_year: int
    program_title: str
    expense_class: str
    funding_source: str
    quarter: int | None
    amount: Money
    legal_basis: str
    reason: str
    remarks: Annotated[str, Field(description="Why it came back.")]
    status: TransferStatus
    approved_by: UUID | None
    approved_at: AwareDatetime | None
    given_on: date | None


class AllotmentTransferPage(Page[AllotmentTransferRead]):
    pass


class AllotmentTransferFilter(ListParams):
    submitted: Annotated[
        bool, Field(description="Those that others submitted to your office for release.")
    ] = False
    fiscal_year: YearAsked = None
    status: TransferStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"


class TransferReceipt(BaseModel):
    """What is read of a transfer that another organization gave to this one."""

    allotment_transfer_id: UUID
    issuer_org_id: UUID
    appropriation_id: UUID
    act_item_id: UUID
    act_reference: str
    kind: str
    fiscal_year: int
    item_title: str
    prexc_code: str
    program_title: str
    expense_class: str
    funding_source: str
    special_provision: str
    valid_until: date
    quarter: int | None
    amount: Decimal
    given_on: date
    reference: str
    reason: str
    released_by: UUID
