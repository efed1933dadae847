"""Shapes of realignments over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ChangeShape, Money, RecordRead, Remarks, Shape
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.postings.schemas import PositiveMoney
from services.budgeting.realignments.model import RealignmentStatus


class RealignmentCreate(Shape):
    from_item_id: UUID | None = None
    to_item_id: UUID | None = None
    from_allocation_id: UUID | None = None
    to_allocation_id: UUID | None = None
    saving_id: Annotated[
        UUID | None, Field(description="The declared saving, of from_item_id, that augments.")
    ] = None
    amount: PositiveMoney
    reason: Remarks


class RealignmentChange(ChangeShape):
    amount: PositiveMoney = Decimal(0)
    reason: Remarks = ""


class RealignmentReject(Shape):
    reason: Remarks


class RealignmentRead(RecordRead):
    fiscal_year: int
    from_item_id: UUID | None
    to_item_id: UUID | None
    from_allocation_id: UUID | None
    to_allocation_id: UUID | None
    saving_id: UUID | None
    decides_org_id: Annotated[
        UUID | None, Field(description="The issuer that decides; null when the house does.")
    ]
    from_act_item_id: Annotated[UUID | None, Field(description="The issuer's own act item.")]
    to_act_item_id: UUID | None
    amount: Money
    reason: str
    remarks: str
    status: RealignmentStatus
    decided_by: UUID | None
    decided_at: AwareDatetime | None


class RealignmentPage(Page[RealignmentRead]):
    pass


class RealignmentFilter(ListParams):
    submitted: Annotated[
        bool, Field(description="Those that others submitted to your office for decision.")
    ] = False
    fiscal_year: YearAsked = None
    status: RealignmentStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
