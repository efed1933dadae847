"""Shapes of requests for endorsement, and of what is shown with them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, ReadShape, Shape, Text
from services.budgeting.endorsements.schemas import Endorser
from services.budgeting.fiscal_years.schemas import YearAsked


class EndorsementRequestCreate(Shape):
    endorser: Endorser
    to_org_id: Annotated[UUID, Field(description="The organization that speaks as this office.")]
    message: Annotated[Text, Field(max_length=2_000)] = ""


class EndorsementRequestSummary(ReadShape):
    id: UUID
    org_id: Annotated[UUID, Field(description="The organization that asks.")]
    proposal_id: UUID
    to_org_id: UUID
    endorser: str
    kind: str
    title: str
    fiscal_year: int
    proposal_title: str
    message: str
    covered_amount: Annotated[Money, Field(description="The lines concerned, together.")]
    created_at: AwareDatetime


class EndorsementRequestRead(EndorsementRequestSummary):
    content: Annotated[
        list[dict[str, Any]], Field(description="The programs with the lines concerned, as asked.")
    ]


class EndorsementRequestPage(Page[EndorsementRequestSummary]):
    pass


class EndorsementRequestFilter(ListParams):
    submitted: Annotated[
        bool, Field(description="Those that others submitted to your organization.")
    ] = False
    proposal_id: UUID | None = None
    fiscal_year: YearAsked = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
