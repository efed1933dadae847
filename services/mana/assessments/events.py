"""What mana announces about assessments; each carries the assessment's public state."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.mana.assessments.model import Assessment


class AssessmentEvent(Event):
    """The public state of an assessment; it is announced from the moment it is planned."""

    assessment_id: UUID
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
    estimated_budget_amount: Money | None

    @classmethod
    def about(cls, assessment: Assessment) -> Self:
        """Return this event for an assessment as it now is."""
        told = {name: getattr(assessment, name) for name in cls.model_fields if name in _COLUMNS}
        return cls(assessment_id=assessment.id, **told)


_COLUMNS = frozenset(AssessmentEvent.model_fields) - {"assessment_id"}


class AssessmentRegistered(AssessmentEvent):
    """An assessment was planned; others may count on its dates."""

    subject: ClassVar[str] = "mana.assessment.registered.v1"


class AssessmentChanged(AssessmentEvent):
    """Dates, area, budget or wording of an open assessment changed; copies follow it."""

    subject: ClassVar[str] = "mana.assessment.changed.v1"


class AssessmentAdvanced(AssessmentEvent):
    """An assessment entered its next stage."""

    subject: ClassVar[str] = "mana.assessment.advanced.v1"


class AssessmentCompleted(AssessmentEvent):
    """An assessment ended with findings; needs may be drawn from it."""

    subject: ClassVar[str] = "mana.assessment.completed.v1"


class AssessmentCancelled(AssessmentEvent):
    """An assessment ended without findings; nothing begins."""

    subject: ClassVar[str] = "mana.assessment.cancelled.v1"


class AssessmentReopened(AssessmentEvent):
    """A completed assessment went back to reporting; its findings may change."""

    subject: ClassVar[str] = "mana.assessment.reopened.v1"
