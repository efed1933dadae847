"""Shapes of answers to requests for endorsement."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import RecordRead
from services.budgeting.endorsement_answers.model import AnswerStatus
from services.budgeting.endorsements.model import Word
from services.budgeting.endorsements.schemas import WordCreate
from services.budgeting.fiscal_years.schemas import YearAsked


class EndorsementAnswerCreate(WordCreate):
    endorsement_request_id: Annotated[UUID, Field(description="A request submitted to you.")]


class EndorsementAnswerRead(RecordRead):
    for_org_id: UUID
    endorsement_request_id: UUID
    endorser: str
    fiscal_year: int
    decision: Word
    document_reference: str
    document_on: date
    remarks: str
    status: AnswerStatus
    approved_by: UUID | None
    approved_at: AwareDatetime | None


class EndorsementAnswerPage(Page[EndorsementAnswerRead]):
    pass


class EndorsementAnswerFilter(ListParams):
    fiscal_year: YearAsked = None
    endorsement_request_id: UUID | None = None
    status: AnswerStatus | None = None
    sort: Literal["created_at", "-created_at"] = "-created_at"
