"""What mana announces about assessments, kept here."""

from __future__ import annotations

from datetime import date, datetime, time

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from libs.tenancy.rows import MANILA
from services.ocm.facts.schemas import Amount, Announced
from services.ocm.facts.usecases import remember
from services.ocm.known_assessments.model import KnownAssessment


class AssessmentState(Announced):
    """The fields of an assessment that ocm reads."""

    code: str
    title: str
    kind: str
    level: str
    status: str
    priority: str
    fiscal_year: int
    region_psgc: str | None
    province_psgc: str | None
    municipality_psgc: str | None
    planned_start_on: date
    planned_end_on: date
    actual_end_on: date | None
    estimated_budget_amount: Amount | None

    @property
    def holds_since(self) -> datetime | None:
        """A completion holds since the day on which the work ended."""
        ended = self.actual_end_on
        return None if ended is None else datetime.combine(ended, time(), MANILA)


@subscriber(
    "mana.assessment.registered.v1",
    "mana.assessment.changed.v1",
    "mana.assessment.advanced.v1",
    "mana.assessment.completed.v1",
    "mana.assessment.cancelled.v1",
    "mana.assessment.reopened.v1",
)
async def remember_assessment(event: AssessmentState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count an assessment in the stage that it now has."""
    await remember(uow, event, meta, KnownAssessment, event.model_dump())
