"""What mana announces about assessments, kept here."""

from __future__ import annotations

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.mirrors import mirror
from libs.outbox.uow import UnitOfWork
from services.budgeting.known_assessments.model import KnownAssessment


class AnnouncedAssessment(BaseModel):
    """The fields of an assessment that budgeting reads."""

    code: str
    title: str
    fiscal_year: int
    status: str


@subscriber(
    "mana.assessment.registered.v1",
    "mana.assessment.changed.v1",
    "mana.assessment.advanced.v1",
    "mana.assessment.completed.v1",
    "mana.assessment.cancelled.v1",
    "mana.assessment.reopened.v1",
)
async def remember_assessment(event: AnnouncedAssessment, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let programs name it as evidence as it now is."""
    await mirror(uow, meta, KnownAssessment, event.model_dump())
