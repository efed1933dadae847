"""Shapes of endorsements over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from libs.chassis.shapes import Money, ReadShape, Shape, Text
from services.budgeting.endorsements.model import Standing, Word

Endorser = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$"),
    Field(description="The office, as the list of what is required names it.", examples=["mpw"]),
]
SpokenBy = Annotated[
    UUID | None,
    Field(description="The organization that said so itself; null of a document recorded here."),
]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"\S")]


class WordCreate(Shape):
    """What an office says, in which document."""

    decision: Word
    document_reference: Annotated[Reference, Field(description="Which letter or form says so.")]
    document_on: Annotated[date, Field(ge=date(2019, 1, 1), le=date(2101, 12, 31))]
    remarks: Annotated[Text, Field(max_length=2_000)] = ""

    @model_validator(mode="after")
    def _with_reason(self) -> Self:
        if self.decision == Word.declined and not self.remarks.strip():
            raise ValueError("say in remarks why the office declined")
        return self


class EndorsementCreate(WordCreate):
    endorser: Endorser


class EndorsementRead(ReadShape):
    id: UUID
    proposal_id: UUID
    endorser: str
    kind: str
    decision: Word
    document_reference: str
    document_on: date
    remarks: str
    covered_amount: Money
    endorser_org_id: SpokenBy
    created_by: UUID
    created_at: AwareDatetime


class RequirementRead(ReadShape):
    endorser: str
    kind: str
    title: str
    is_sample: Annotated[bool, Field(description="The rule is not confirmed by its office.")]
    programs: Annotated[list[str], Field(description="The titles of the programs concerned.")]
    amount: Annotated[Money, Field(description="The lines concerned, together.")]
    standing: Annotated[
        Standing, Field(description="Outdated: the lines changed after the office had spoken.")
    ]
    document_reference: str | None
    endorser_org_id: SpokenBy


class EndorsementsRead(ReadShape):
    """What a proposal needs from other offices, and what they said so far."""

    is_complete: bool
    required: list[RequirementRead]
    recorded: list[EndorsementRead]
