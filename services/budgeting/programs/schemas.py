"""Shapes of programs over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, Strict

from libs.chassis.shapes import ChangeShape, Decimal2, Money, RecordRead, Shape, Text, Title
from services.budgeting.line_items.schemas import LineItemApprove, LineItemCreate, LineItemRead

Rank = Annotated[int, Strict(), Field(ge=1, le=9999, examples=[1])]


class ProgramCreate(Shape):
    title: Title
    ppa_id: UUID | None = None
    justification: Text = ""
    expected_outcomes: Text = ""
    priority_rank: Annotated[
        Rank | None, Field(description="1 is first; after the last one when left out.")
    ] = None
    line_items: Annotated[list[LineItemCreate], Field(max_length=200, default_factory=list)]


class ProgramChange(ChangeShape):
    title: Title = ""
    ppa_id: UUID | None = None
    justification: Text = ""
    expected_outcomes: Text = ""
    priority_rank: Rank = 1


class ProgramRead(RecordRead):
    proposal_id: UUID
    ppa_id: UUID | None
    title: str
    justification: str
    expected_outcomes: str
    priority_rank: int
    requested_amount: Money
    approved_amount: Money | None
    variance_amount: Decimal2 | None
    line_items: list[LineItemRead]


class ProgramApprove(Shape):
    """An amount for the program, shared over its lines in proportion, or one for every line."""

    program_id: UUID
    approved_amount: Money | None = None
    line_items: Annotated[list[LineItemApprove], Field(min_length=1)] | None = None
