"""What an organization announces about its word on others' proposals."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.outbox.event import Event
from services.budgeting.endorsement_answers.model import EndorsementAnswer
from services.budgeting.endorsements.model import Word


class EndorsementAnswerIssued(Event):
    """An organization spoke; its word counts on the proposal of the one that it names."""

    subject: ClassVar[str] = "budgeting.endorsement_answer.issued.v1"

    endorsement_answer_id: UUID
    for_org_id: UUID
    endorsement_request_id: UUID
    endorser: str
    fiscal_year: int
    decision: Word
    document_reference: str
    document_on: date
    remarks: str

    @classmethod
    def about(cls, answer: EndorsementAnswer) -> Self:
        """Return this event for an answer as it now is."""
        names = set(cls.model_fields) - {"endorsement_answer_id"}
        told = {name: getattr(answer, name) for name in names}
        return cls(endorsement_answer_id=answer.id, **told)
