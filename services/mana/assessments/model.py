"""Assessments: their fields, stages and guards (mana sheet, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ARRAY, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.mana.areas.model import PSGC_FORMS, AreaLevel, area_constraints, check_area
from services.mana.db import Base


class AssessmentKind(StrEnum):
    """What an assessment is for."""

    needs_assessment = "needs_assessment"
    baseline_study = "baseline_study"
    impact_assessment = "impact_assessment"
    situational_analysis = "situational_analysis"
    community_mapping = "community_mapping"


class Methodology(StrEnum):
    """How facts are gathered; `kii` is the key informant interview."""

    desk_review = "desk_review"
    survey = "survey"
    kii = "kii"
    workshop = "workshop"
    participatory = "participatory"
    observation = "observation"
    mixed = "mixed"
    other = "other"


class AssessmentPriority(StrEnum):
    """How much an assessment matters, lowest first."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


class AssessmentStatus(StrEnum):
    """Stages of an assessment in their order, and `cancelled`, which ends it from any of them."""

    planning = "planning"
    preparation = "preparation"
    data_collection = "data_collection"
    analysis = "analysis"
    reporting = "reporting"
    completed = "completed"
    cancelled = "cancelled"


PROGRESS = {
    AssessmentStatus.planning: Decimal(0),
    AssessmentStatus.preparation: Decimal(20),
    AssessmentStatus.data_collection: Decimal(40),
    AssessmentStatus.analysis: Decimal(60),
    AssessmentStatus.reporting: Decimal(80),
    AssessmentStatus.completed: Decimal(100),
}
"""Percent done when a stage begins: five equal steps."""

STAGES = tuple(PROGRESS)
CLOSED = (AssessmentStatus.completed, AssessmentStatus.cancelled)
BEFORE_DATA = "status IN ('planning', 'preparation', 'cancelled')"


class AssessmentNotFound(NotFound):
    """There is no such assessment for this organization."""

    title = "There is no such assessment."


class AssessmentCodeTaken(Conflict):
    """Codes name one assessment of an organization in a year."""

    title = "Another assessment of that year already has this code."


class AssessmentClosed(Conflict):
    """A completed or cancelled assessment is not edited, advanced or cancelled."""

    title = "The assessment is closed."


class AssessmentNotCompleted(Conflict):
    """Only a completed assessment is reopened."""

    title = "Only a completed assessment can be reopened."


class StageNotReady(Conflict):
    """Something that the next stage demands is missing."""

    title = "The assessment is not ready for its next stage."


class DatesReversed(Invalid):
    """An end lies before its start."""

    title = "The end cannot lie before the start."


class Assessment(TenantOwned, Base):
    """One inquiry of an organization into the needs of an area; it names no person."""

    __tablename__ = "assessments"
    __table_args__ = (
        check("status", f"status IN {tuple(AssessmentStatus.__members__)}"),
        check("planned_dates", "planned_end_on >= planned_start_on"),
        check("actual_dates", "actual_end_on >= actual_start_on"),
        check("year", "fiscal_year = extract(year FROM planned_start_on)"),
        check("ended_when_completed", "(actual_end_on IS NOT NULL) = (status = 'completed')"),
        check("reason_when_cancelled", "status <> 'cancelled' OR status_reason <> ''"),
        check("notice_before_data", f"privacy_notice_approved OR {BEFORE_DATA}"),
        check(
            "consent_before_data",
            f"level <> 'community' OR consent_procedure <> '' OR {BEFORE_DATA}",
        ),
        check("findings_when_completed", "status <> 'completed' OR findings <> ''"),
        check("budget", "estimated_budget_amount >= 0"),
        *area_constraints(),
        Index(None, "org_id", "fiscal_year", "code", unique=True),
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "status"),
    )
    noun: ClassVar[str] = "mana.assessment"

    code: Mapped[str] = mapped_column(Text)
    fiscal_year: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    objectives: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    region_psgc: Mapped[str] = mapped_column(Text)
    province_psgc: Mapped[str | None] = mapped_column(Text)
    municipality_psgc: Mapped[str | None] = mapped_column(Text)
    barangay_psgc: Mapped[str | None] = mapped_column(Text)
    methodology: Mapped[str] = mapped_column(Text)
    secondary_methodologies: Mapped[list[str]] = mapped_column(ARRAY(Text))
    priority: Mapped[str] = mapped_column(Text)
    planned_start_on: Mapped[date]
    planned_end_on: Mapped[date]
    actual_start_on: Mapped[date | None]
    actual_end_on: Mapped[date | None]
    estimated_budget_amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    privacy_notice_approved: Mapped[bool]
    consent_procedure: Mapped[str] = mapped_column(Text)
    findings: Mapped[str] = mapped_column(Text)
    recommendations: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    status_reason: Mapped[str] = mapped_column(Text)

    @property
    def duration_days(self) -> int:
        """Days planned, both ends counted."""
        return (self.planned_end_on - self.planned_start_on).days + 1

    @property
    def is_overdue(self) -> bool:
        """Whether the planned end has passed while the assessment is open."""
        return self.status not in CLOSED and self.today > self.planned_end_on

    @property
    def progress(self) -> Decimal | None:
        """Percent done by the stage reached; None for a cancelled assessment."""
        return PROGRESS.get(AssessmentStatus(self.status))

    def open_actions(self, actor: Actor) -> Iterable[str]:  # noqa: ARG002 (the hook's contract)
        """Return the verbs that the stage leaves open; `advance` may still lack what it needs."""
        if self.status not in CLOSED:
            yield from ("change", "advance", "cancel")
        if self.status == AssessmentStatus.completed:
            yield "reopen"

    def check_open(self) -> None:
        """Refuse to touch what is completed or cancelled."""
        if self.status in CLOSED:
            raise AssessmentClosed(f"It is {self.status}.")

    def settle(self) -> None:
        """Bring the year in line with the dates; refuse what fits neither itself nor the stage."""
        if self.planned_end_on < self.planned_start_on:
            raise DatesReversed(pointer="/body/planned_end_on")
        check_area(self.level, {name: getattr(self, name) for name in PSGC_FORMS})
        self.fiscal_year = self.planned_start_on.year
        for stage in STAGES[: STAGES.index(AssessmentStatus(self.status)) + 1]:
            self._check_ready(stage)

    def advance(self, *, today: date) -> None:
        """Go one stage forward; the first step starts the work, the last one ends it."""
        self.check_open()
        stage = STAGES[STAGES.index(AssessmentStatus(self.status)) + 1]
        self._check_ready(stage)
        self.status = stage
        self.actual_start_on = self.actual_start_on or today
        if stage == AssessmentStatus.completed:
            self.actual_end_on = today

    def cancel(self, *, reason: str) -> None:
        """End the assessment without findings, with the reason."""
        self.check_open()
        self.status = AssessmentStatus.cancelled
        self.status_reason = reason

    def reopen(self) -> None:
        """Go back to reporting; the assessment has no end again."""
        if self.status != AssessmentStatus.completed:
            raise AssessmentNotCompleted(f"It is {self.status}.")
        self.status = AssessmentStatus.reporting
        self.actual_end_on = None

    def _check_ready(self, stage: AssessmentStatus) -> None:
        missing = list(self._missing_for(stage))
        if missing:
            raise StageNotReady(f"Missing for {stage}: {'; '.join(missing)}.")

    def _missing_for(self, stage: AssessmentStatus) -> Iterable[str]:
        # Republic Act 10173 asks for the notice before the first question is put to anyone.
        if stage == AssessmentStatus.data_collection:
            if not self.privacy_notice_approved:
                yield "an approved privacy notice"
            if self.level == AreaLevel.community and not self.consent_procedure.strip():
                yield "the consent procedure"
        if stage == AssessmentStatus.completed and not self.findings.strip():
            yield "findings"
