"""Shapes of proposals, their decisions and their submissions over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import (
    ChangeShape,
    Money,
    ReadShape,
    RecordRead,
    Remarks,
    Shape,
    Text,
    Title,
)
from services.budgeting.decisions.model import Stage, Step
from services.budgeting.fiscal_years.model import EARLIEST_YEAR, LATEST_YEAR
from services.budgeting.fiscal_years.schemas import Year
from services.budgeting.line_items.model import ExpenseClass
from services.budgeting.programs.schemas import ProgramApprove, ProgramCreate, ProgramRead
from services.budgeting.proposal_states.model import ProposalKind, ProposalStatus


class ProposalCreate(Shape):
    title: Title
    fiscal_year: Year
    kind: ProposalKind = ProposalKind.annual
    description: Text = ""
    programs: Annotated[list[ProgramCreate], Field(max_length=50, default_factory=list)]


class ProposalChange(ChangeShape):
    title: Title = ""
    description: Text = ""


class ProposalReturn(Shape):
    remarks: Remarks


class ProposalReject(Shape):
    reason: Remarks


class ProposalApprove(Shape):
    """Without `programs` everything is approved as requested; with them, every one is named."""

    remarks: Annotated[Text, Field(max_length=2_000)] = ""
    programs: Annotated[list[ProgramApprove], Field(min_length=1)] | None = None


class ClassTotalRead(ReadShape):
    expense_class: ExpenseClass
    requested_amount: Money
    approved_amount: Money | None


class ProposalSummary(RecordRead):
    title: str
    fiscal_year: int
    kind: ProposalKind
    number: Annotated[int | None, Field(description="Of a supplemental one, from 1 each year.")]
    status: ProposalStatus
    revision: Annotated[int, Field(description="How often it was submitted.")]
    total_requested_amount: Money
    total_approved_amount: Money | None
    submitted_at: AwareDatetime | None
    decided_at: AwareDatetime | None


class ProposalRead(ProposalSummary):
    description: str
    remarks: str
    submitted_by: UUID | None
    reviewed_by: UUID | None
    reviewed_at: AwareDatetime | None
    decided_by: UUID | None
    endorsed_by: Annotated[UUID | None, Field(description="The head, until the next edit.")]
    endorsed_at: AwareDatetime | None
    budget_call_id: UUID | None
    reviewer_org_id: Annotated[
        UUID | None, Field(description="Who decides on it; null: this organization itself.")
    ]
    totals_by_class: list[ClassTotalRead]
    programs: list[ProgramRead]


class DecisionRead(ReadShape):
    id: UUID
    proposal_id: UUID
    revision: int
    stage: Stage
    decision: Step
    amount: Money
    remarks: str
    for_user_id: Annotated[
        UUID | None, Field(description="Who was away, and had delegated the decision.")
    ]
    created_by: UUID
    created_at: AwareDatetime


class SubmissionSummary(ReadShape):
    id: UUID
    proposal_id: UUID
    revision: int
    created_by: UUID
    created_at: AwareDatetime


class SubmissionRead(SubmissionSummary):
    content: Annotated[
        dict[str, Any], Field(description="The proposal as it was then, in the shape of that day.")
    ]


class ProposalPage(Page[ProposalSummary]):
    pass


class DecisionPage(Page[DecisionRead]):
    pass


class SubmissionPage(Page[SubmissionSummary]):
    pass


class ProposalFilter(ListParams):
    status: ProposalStatus | None = None
    fiscal_year: Annotated[int | None, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)] = None
    kind: ProposalKind | None = None
    total_gte: Annotated[
        Money | None, Field(alias="total[gte]", description="Requested in all, at least.")
    ] = None
    total_lte: Annotated[
        Money | None, Field(alias="total[lte]", description="Requested in all, at most.")
    ] = None
    sort: Literal[
        "created_at",
        "-created_at",
        "title",
        "-title",
        "fiscal_year",
        "-fiscal_year",
        "total_requested_amount",
        "-total_requested_amount",
    ] = "-created_at"


class DecisionFilter(ListParams):
    sort: Literal["created_at", "-created_at"] = "created_at"


class SubmissionFilter(ListParams):
    sort: Literal["revision", "-revision"] = "-revision"
