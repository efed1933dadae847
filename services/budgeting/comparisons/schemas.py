"""Shapes of comparisons over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from libs.chassis.shapes import Money, ReadShape
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.line_items.model import ExpenseClass
from services.budgeting.proposal_states.model import ProposalStatus


class AmountsRead(ReadShape):
    requested_amount: Money
    recommended_amount: Annotated[
        Money | None, Field(description="Null until the issuer's review is settled.")
    ]
    approved_amount: Money | None


class EnactedAmountsRead(AmountsRead):
    enacted_amount: Annotated[Money | None, Field(description="Null as long as there is no act.")]


class ClassSideRead(EnactedAmountsRead):
    expense_class: ExpenseClass


class LineSideRead(AmountsRead):
    line_item_id: UUID
    expense_class: ExpenseClass
    object_code: str
    description: str


class ProgramSideRead(EnactedAmountsRead):
    program_id: UUID
    title: str
    by_class: list[ClassSideRead]
    line_items: list[LineSideRead]


class UnmatchedRead(ReadShape):
    """What an act gave under a title and code that no program of the proposal has."""

    appropriation_item_id: Annotated[UUID, Field(validation_alias="id")]
    program_title: str
    expense_class: ExpenseClass
    funding_source: FundingSource
    enacted_amount: Money


class ComparisonRead(EnactedAmountsRead):
    proposal_id: UUID
    revision: int
    status: ProposalStatus
    by_class: list[ClassSideRead]
    programs: list[ProgramSideRead]
    unmatched: list[UnmatchedRead]


class FieldRead(ReadShape):
    field: str
    before: str | None
    after: str | None


class ChangedLineRead(ReadShape):
    line_item_id: Annotated[UUID, Field(validation_alias="id")]
    description: Annotated[str, Field(validation_alias="name")]
    change: Literal["added", "removed", "changed"]
    before_amount: Money | None
    after_amount: Money | None
    fields: list[FieldRead]


class ChangedProgramRead(ReadShape):
    program_id: Annotated[UUID, Field(validation_alias="id")]
    title: Annotated[str, Field(validation_alias="name")]
    change: Literal["added", "removed", "changed"]
    before_amount: Money | None
    after_amount: Money | None
    fields: list[FieldRead]
    line_items: list[ChangedLineRead]


class RevisionsRead(ReadShape):
    """What differs; programs and lines that are the same are left out."""

    proposal_id: UUID
    before: int
    after: Annotated[int | None, Field(description="Null: as the proposal stands now.")]
    before_amount: Money
    after_amount: Money
    programs: list[ChangedProgramRead]


class RevisionsAsked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: Annotated[
        int | None,
        Field(ge=1, le=32_767, description="Left out: the one before `after`, or the last one."),
    ] = None
    after: Annotated[
        int | None, Field(ge=2, le=32_767, description="A later one; left out: as it is now.")
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.after is not None and self.before is not None and self.after <= self.before:
            raise ValueError("after must be a later revision than before")
        return self
