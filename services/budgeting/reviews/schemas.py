"""Shapes of reviews over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import Money, ReadShape, RecordRead, Remarks, Shape, Text
from services.budgeting.fiscal_years.schemas import YearAsked
from services.budgeting.reviews.model import ReviewStatus


class LineRecommendation(Shape):
    line_item_id: UUID
    recommended_amount: Money


class ProgramRecommendation(Shape):
    """An amount for the program, shared over its lines in proportion, or one for every line."""

    program_id: UUID
    recommended_amount: Money | None = None
    line_items: Annotated[list[LineRecommendation], Field(min_length=1)] | None = None


class RowRecommendation(Shape):
    """A whole program, or one line of it; as requested when no amount is given."""

    program_id: UUID
    line_item_id: UUID | None = None
    recommended_amount: Money | None = None


class RowReturn(Shape):
    """What is wrong with a program, or with one line of it."""

    program_id: UUID
    line_item_id: UUID | None = None
    remarks: Remarks


class ReviewCreate(Shape):
    submission_id: UUID


class ReviewRecommend(Shape):
    """Without `programs` everything is recommended as requested; with them, every one is named.

    With `rows` only these are changed: the others stay as recommended before, or as requested.
    """

    remarks: Annotated[Text, Field(max_length=2_000)] = ""
    programs: Annotated[list[ProgramRecommendation], Field(min_length=1)] | None = None
    rows: Annotated[list[RowRecommendation], Field(min_length=1, max_length=2_000)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.programs is not None and self.rows is not None:
            raise ValueError("give programs, all of them, or rows, some of them; not both")
        return self


class ReviewReturn(Shape):
    """With `rows`, the remarks say of each program or line that is named what is wrong with it."""

    remarks: Remarks
    rows: Annotated[list[RowReturn], Field(min_length=1, max_length=200)] | None = None


class ReviewReject(Shape):
    reason: Remarks


class ReviewApprove(Shape):
    remarks: Annotated[Text, Field(max_length=2_000)] = ""


class LineRecommended(ReadShape):
    line_item_id: UUID
    requested_amount: Money
    recommended_amount: Money


class ProgramRecommended(ReadShape):
    program_id: UUID
    title: str
    requested_amount: Money
    recommended_amount: Money
    line_items: list[LineRecommended]


class ReviewSummary(RecordRead):
    submission_org_id: UUID
    submission_id: UUID
    proposal_id: UUID
    revision: int
    budget_call_id: UUID
    fiscal_year: int
    title: str
    status: ReviewStatus
    remarks: str
    requested_amount: Money
    recommended_amount: Money | None
    approved_amount: Money | None
    recommended_by: UUID | None
    recommended_at: AwareDatetime | None
    decided_by: UUID | None
    decided_at: AwareDatetime | None


class ReviewRead(ReviewSummary):
    programs: list[ProgramRecommended]


class ReviewPage(Page[ReviewSummary]):
    pass


class ReviewFilter(ListParams):
    status: ReviewStatus | None = None
    fiscal_year: YearAsked = None
    proposal_id: UUID | None = None
    concerns: Annotated[UUID | None, Field(description="An organization's id.")] = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
