"""What coordination announces about the answers of invited organizations, kept here."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_partnership_answers.model import KnownPartnershipAnswer


class AnswerState(Announced):
    """The fields of an answer that ocm reads; which it was, its subject says."""

    partnership_id: UUID
    lead_org_id: UUID


@subscriber(
    "coordination.inter_moa_partnership.accepted.v1",
    "coordination.inter_moa_partnership.declined.v1",
    "coordination.inter_moa_partnership.withdrawn.v1",
)
async def remember_answer(event: AnswerState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count a member, or count it no more, from its own answer on: the lead may be silent."""
    answer = meta.subject.split(".")[2]
    await remember(
        uow, event, meta, KnownPartnershipAnswer, {**event.model_dump(), "answer": answer}
    )
