"""Shapes of decisions on realignments over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, RecordRead, Shape, Text
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.realignment_decisions.model import DecisionStatus, Verdict


class RealignmentDecisionCreate(Shape):
    realignment_id: Annotated[UUID, Field(description="A realignment submitted to you.")]
    verdict: Verdict
    remarks: Annotated[Text, Field(description="Why; a rejection needs it.")] = ""


class RealignmentDecisionRead(RecordRead):
    for_org_id: UUID
    realignment_id: UUID
    from_act_item_id: UUID
    to_act_item_id: UUID
    fiscal_year: int
    amount: Money
    verdict: Verdict
    remarks: str
    status: DecisionStatus
    approved_by: UUID | None
    approved_at: AwareDatetime | None


class RealignmentDecisionPage(Page[RealignmentDecisionRead]):
    pass


class RealignmentDecisionFilter(ListParams):
    fiscal_year: YearAsked = None
    realignment_id: UUID | None = None
    status: DecisionStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
