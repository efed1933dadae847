"""Shapes of disbursements over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Remarks, Shape, Text
from services.budgeting.disbursements.model import DisbursementStatus, PaymentMethod
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.postings.schemas import OptionalReference, PositiveMoney


class DisbursementCreate(Shape):
    obligation_id: UUID
    gross_amount: PositiveMoney
    withholding_tax_amount: Money = Decimal(0)
    other_deductions_amount: Money = Decimal(0)
    payment_method: PaymentMethod
    particulars: Text = ""


class DisbursementChange(ChangeShape):
    gross_amount: PositiveMoney = Decimal(1)
    withholding_tax_amount: Money = Decimal(0)
    other_deductions_amount: Money = Decimal(0)
    payment_method: PaymentMethod = PaymentMethod.other
    particulars: Text = ""


class DisbursementPay(Shape):
    paid_on: date
    check_number: OptionalReference = ""
    jev_number: OptionalReference = ""
    cash_allocation_id: Annotated[
        UUID | None,
        Field(description="The cash that it uses; where the ceiling is on, chosen if left out."),
    ] = None


class DisbursementVoid(Shape):
    voided_on: date
    reason: Remarks


class DisbursementCancel(Shape):
    reason: Remarks


class DisbursementRead(RecordRead):
    obligation_id: UUID
    fiscal_year: int
    gross_amount: Annotated[Money, Field(description="Counts against the obligation.")]
    withholding_tax_amount: Money
    other_deductions_amount: Money
    net_amount: Annotated[Money, Field(description="Reaches the payee.")]
    payment_method: PaymentMethod
    particulars: str
    status: DisbursementStatus
    dv_number: Annotated[
        int | None, Field(description="Voucher number, without gaps in an organization and year.")
    ]
    ada_number: str
    check_number: str
    jev_number: str
    certified_by: UUID | None
    certified_at: AwareDatetime | None
    approved_by: UUID | None
    approved_at: AwareDatetime | None
    paid_by: UUID | None
    paid_on: date | None
    cleared_on: date | None
    voided_by: UUID | None
    voided_on: date | None
    end_reason: str


class DisbursementPage(Page[DisbursementRead]):
    pass


class DisbursementFilter(ListParams):
    obligation_id: UUID | None = None
    status: DisbursementStatus | None = None
    payment_method: PaymentMethod | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    sort: Literal["created_at", "-created_at", "gross_amount", "-gross_amount"] = "-created_at"
