"""Shapes of programs over HTTP."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, Strict, StrictBool, StringConstraints

from libs.chassis.shapes import ChangeShape, Decimal2, Money, RecordRead, Shape, Text, Title
from services.budgeting.funding_sources.model import FundingSource
from services.budgeting.funding_sources.schemas import Sector
from services.budgeting.line_items.schemas import LineItemApprove, LineItemCreate, LineItemRead

Rank = Annotated[int, Strict(), Field(ge=1, le=9999, examples=[1])]


PrexcCode = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{15})?$"),
    Field(description="15 digits: outcome, program, sub-program, activity or project."),
]
Tier = Annotated[int, Strict(), Field(ge=1, le=2, description="1: ongoing, 2: new.")]


class Tag(StrEnum):
    """What a part of a program's amount is for, across programs."""

    gad = "gad"
    ccet = "ccet"
    peace = "peace"
    ip = "ip"
    sdg = "sdg"


class TagShare(Shape):
    """The share of the program's amount that serves a concern."""

    tag: Tag
    amount: Money


def _each_once(tags: list[TagShare]) -> list[TagShare]:
    if len({share.tag for share in tags}) < len(tags):
        raise ValueError("name each tag once")
    return tags


Tags = Annotated[
    list[TagShare], Field(max_length=len(Tag), default_factory=list), AfterValidator(_each_once)
]


class ProgramCreate(Shape):
    title: Title
    ppa_id: UUID | None = None
    justification: Text = ""
    expected_outcomes: Text = ""
    priority_rank: Annotated[
        Rank | None, Field(description="1 is first; after the last one when left out.")
    ] = None
    alignment: Text = ""
    prexc_code: PrexcCode = ""
    location: Text = ""
    beneficiaries: Text = ""
    funding_source: FundingSource | None = None
    sector: Sector | None = None
    tier: Tier | None = None
    is_multi_year: StrictBool = False
    tags: Tags
    goal_id: UUID | None = None
    assessment_id: UUID | None = None
    prior_year_actual_amount: Money | None = None
    current_year_appropriation_amount: Money | None = None
    line_items: Annotated[list[LineItemCreate], Field(max_length=200, default_factory=list)]


class ProgramChange(ChangeShape):
    title: Title = ""
    ppa_id: UUID | None = None
    justification: Text = ""
    expected_outcomes: Text = ""
    priority_rank: Rank = 1
    alignment: Text = ""
    prexc_code: PrexcCode = ""
    location: Text = ""
    beneficiaries: Text = ""
    funding_source: FundingSource | None = None
    sector: Sector | None = None
    tier: Tier | None = None
    is_multi_year: StrictBool = False
    tags: Tags
    goal_id: UUID | None = None
    assessment_id: UUID | None = None
    prior_year_actual_amount: Money | None = None
    current_year_appropriation_amount: Money | None = None


class ProgramRead(RecordRead):
    proposal_id: UUID
    ppa_id: UUID | None
    title: str
    justification: str
    expected_outcomes: str
    priority_rank: int
    alignment: str
    prexc_code: str
    location: str
    beneficiaries: str
    funding_source: FundingSource | None
    sector: str | None
    tier: int | None
    is_multi_year: bool
    tags: list[TagShare]
    goal_id: UUID | None
    assessment_id: UUID | None
    prior_year_actual_amount: Money | None
    current_year_appropriation_amount: Money | None
    requested_amount: Money
    approved_amount: Money | None
    variance_amount: Decimal2 | None
    line_items: list[LineItemRead]


class ProgramApprove(Shape):
    """An amount for the program, shared over its lines in proportion, or one for every line."""

    program_id: UUID
    approved_amount: Money | None = None
    line_items: Annotated[list[LineItemApprove], Field(min_length=1)] | None = None
