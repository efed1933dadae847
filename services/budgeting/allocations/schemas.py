"""Shapes of allocations over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Remarks, Shape, Text, Title
from services.budgeting.allocations.model import AllocationStatus
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.line_items.model import ExpenseClass
from services.budgeting.postings.schemas import PositiveMoney


class AllocationCreate(Shape):
    appropriation_item_id: UUID
    program_id: Annotated[UUID | None, Field(description="A program of an approved proposal.")] = (
        None
    )
    program_title: Annotated[
        Title | None,
        Field(description="The program's, or the item's, when left out. A lump sum needs one."),
    ] = None
    office: Annotated[Text, Field(description="Which office or field unit spends it.")] = ""
    amount: PositiveMoney
    remarks: Text = ""


class AllocationChange(ChangeShape):
    amount: PositiveMoney = Decimal(0)
    remarks: Text = ""


class AllocationCancel(Shape):
    reason: Remarks


class AllocationRead(RecordRead):
    appropriation_item_id: UUID
    program_id: UUID | None
    ppa_id: UUID | None
    program_title: str
    office: str
    fiscal_year: int
    expense_class: ExpenseClass
    funding_source: str
    status: AllocationStatus
    remarks: str
    amount: Annotated[Money, Field(description="As asked for; allocated once approved.")]
    allocated_amount: Money
    allotted_amount: Money
    obligated_amount: Money
    disbursed_amount: Money
    unallotted_amount: Money
    approved_by: UUID | None
    approved_at: AwareDatetime | None


class AllocationPage(Page[AllocationRead]):
    pass


class AllocationFilter(ListParams):
    fiscal_year: YearAsked = None
    appropriation_item_id: UUID | None = None
    program_id: UUID | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
