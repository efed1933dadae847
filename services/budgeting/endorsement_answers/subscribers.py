"""What other organizations say about this organization's proposals."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.deliveries.usecases import deliver
from services.budgeting.endorsement_answers import usecases
from services.budgeting.endorsements.model import Word
from services.budgeting.endorsements.schemas import WordCreate


class IssuedAnswer(BaseModel):
    """Which request it answers, and what it says."""

    endorsement_answer_id: UUID
    endorsement_request_id: UUID
    decision: Word
    document_reference: str
    document_on: date
    remarks: str


@subscriber("budgeting.endorsement_answer.issued.v1", acts_for="for_org_id")
async def follow_issued_answer(event: IssuedAnswer, uow: UnitOfWork, meta: EventMeta) -> None:
    """Keep the word, or tell the organization that spoke why it comes too late."""
    effect = usecases.follow_issued_answer(
        uow,
        event.endorsement_request_id,
        WordCreate.model_validate(event.model_dump(include=set(WordCreate.model_fields))),
        endorser_org_id=meta.org_id,
    )
    await deliver(uow, meta, event.endorsement_answer_id, effect)
