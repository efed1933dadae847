"""Shapes of submissions as the issuer of the call receives them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, ReadShape
from services.budgeting.fiscal_years.schemas import YearAsked


class TotalRead(ReadShape):
    expense_class: str
    funding_source: str | None
    sector: str | None
    amount: Money


class ReceivedSummary(ReadShape):
    id: UUID
    org_id: Annotated[UUID, Field(description="The organization that submitted.")]
    proposal_id: UUID
    budget_call_id: UUID | None
    revision: int
    fiscal_year: int | None
    kind: str | None
    title: str | None
    total_amount: Money | None
    created_at: AwareDatetime


class ReceivedRead(ReceivedSummary):
    totals: list[TotalRead] | None
    content: Annotated[
        dict[str, Any], Field(description="The proposal as it was then, in the shape of that day.")
    ]


class ReceivedPage(Page[ReceivedSummary]):
    pass


class ReceivedFilter(ListParams):
    fiscal_year: YearAsked = None
    org_id: UUID | None = None
    all_revisions: Annotated[
        bool, Field(description="Also earlier revisions and withdrawn ones.")
    ] = False
    sort: Literal["created_at", "-created_at"] = "-created_at"
