"""Waves, who is in them, their milestones and blockers, and the log of what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.rows import check
from services.identity.db import Base, Versioned

WAVE_DAYS, DAYS_BETWEEN = 14, 7
MOST_ORGANIZATIONS = 5


class WaveStatus(StrEnum):
    """Where a wave stands; a pause is no state of its own."""

    planned = "planned"
    in_progress = "in_progress"
    completed = "completed"
    cancelled = "cancelled"


class AssignmentStatus(StrEnum):
    """How far an organization is, one step after the other."""

    pending = "pending"
    training_scheduled = "training_scheduled"
    training_complete = "training_complete"
    system_access_granted = "system_access_granted"
    onboarding_complete = "onboarding_complete"


class MilestoneStatus(StrEnum):
    """How a milestone is doing."""

    pending = "pending"
    in_progress = "in_progress"
    completed = "completed"
    delayed = "delayed"
    blocked = "blocked"


class Severity(StrEnum):
    """How much a blocker blocks."""

    low = "low"
    medium = "medium"
    high = "high"
    critical = "critical"


class BlockerStatus(StrEnum):
    """What is being done about a blocker."""

    open = "open"
    investigating = "investigating"
    resolved = "resolved"
    wont_fix = "wont_fix"


class WaveNotFound(NotFound):
    """No wave has this id, or no part of it does."""

    title = "There is no such wave, or no such part of it."


class WaveStatusWrong(Conflict):
    """The step does not begin in the state that the wave is in."""

    title = "The wave is not in a state that allows this."


class WaveFull(Conflict):
    """A wave takes only so many."""

    title = "The wave has all the organizations that it takes."


class WaveTooEarly(Conflict):
    """Another wave must be completed first."""

    title = "A wave that must be completed first is not."


class WaveUnfinished(Conflict):
    """Something of the wave is still to be done."""

    title = "The wave is not finished: an organization or a critical blocker is open."


class StepSkipped(Conflict):
    """Steps are taken one after the other."""

    title = "The organization is not at the step before this one."


class WaveCircle(Invalid):
    """Waves that wait for each other never start."""

    title = "The wave would wait for itself."


class Wave(Versioned, Base):
    """One wave of the rollout."""

    __tablename__ = "waves"
    noun: ClassVar[str] = "identity.wave"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12), default=WaveStatus.planned.value)
    planned_from: Mapped[date] = mapped_column(Date)
    planned_until: Mapped[date] = mapped_column(Date)
    started_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    paused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    max_organizations: Mapped[int] = mapped_column(default=MOST_ORGANIZATIONS)
    prerequisites: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list)

    __table_args__ = (
        UniqueConstraint("number"),
        check("status", "status IN ('planned', 'in_progress', 'completed', 'cancelled')"),
        check("planned", "planned_until >= planned_from"),
        check("ended", "ended_on >= started_on"),
        check("started", "status <> 'in_progress' OR started_on IS NOT NULL"),
        check("paused", "paused_at IS NULL OR status = 'in_progress'"),
        check("size", "max_organizations BETWEEN 1 AND 100"),
    )

    @property
    def is_open(self) -> bool:
        """Tell whether organizations may still be put in or taken out."""
        return self.status in (WaveStatus.planned, WaveStatus.in_progress)

    def start(self, on: date, unfinished: Iterable[Wave]) -> None:
        """Begin; every wave that must come first is completed."""
        self._must_be(WaveStatus.planned)
        if waiting := ", ".join(str(wave.number) for wave in unfinished):
            raise WaveTooEarly(f"Wave {waiting} comes first.")
        self.status, self.started_on = WaveStatus.in_progress.value, on

    def pause(self, at: datetime) -> None:
        """Hold on for a while."""
        self._must_be(WaveStatus.in_progress)
        if self.paused_at is not None:
            raise WaveStatusWrong("It is paused.")
        self.paused_at = at

    def resume(self) -> None:
        """Go on after a pause."""
        if self.paused_at is None:
            raise WaveStatusWrong("It is not paused.")
        self.paused_at = None

    def complete(self, on: date) -> None:
        """End as planned."""
        self._must_be(WaveStatus.in_progress)
        self.status, self.ended_on, self.paused_at = WaveStatus.completed.value, on, None

    def cancel(self, on: date) -> None:
        """End without having come to an end; its organizations are free for another wave."""
        self._must_be(WaveStatus.planned, WaveStatus.in_progress)
        self.status, self.paused_at = WaveStatus.cancelled.value, None
        self.ended_on = on if self.started_on else None

    def must_be_open(self) -> None:
        """Refuse when the wave is over."""
        self._must_be(WaveStatus.planned, WaveStatus.in_progress)

    def must_run(self) -> None:
        """Refuse when the wave has not begun, is over, or is paused."""
        self._must_be(WaveStatus.in_progress)
        if self.paused_at is not None:
            raise WaveStatusWrong("It is paused.")

    def _must_be(self, *allowed: WaveStatus) -> None:
        if self.status not in allowed:
            raise WaveStatusWrong(f"It is {self.status}.")


class WaveAssignment(Versioned, Base):
    """One organization in one wave; it stands until the wave is cancelled or it is taken out."""

    __tablename__ = "wave_assignments"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    wave_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.waves.id"))
    organization_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.organizations.id"))
    status: Mapped[str] = mapped_column(String(24), default=AssignmentStatus.pending.value)
    is_standing: Mapped[bool] = mapped_column(default=True)
    data_loaded_on: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        Index(
            "uq_wave_assignments_standing",
            "organization_id",
            unique=True,
            postgresql_where=text("is_standing"),
        ),
        Index(None, "wave_id"),
        check("status", f"status IN ({', '.join(repr(each.value) for each in AssignmentStatus)})"),
    )

    @property
    def is_trained(self) -> bool:
        """Tell whether the training is behind it."""
        steps = list(AssignmentStatus)
        return steps.index(AssignmentStatus(self.status)) >= steps.index(
            AssignmentStatus.training_complete
        )

    def advance(self, to: AssignmentStatus) -> None:
        """Take the next step; no step is left out and none is taken back."""
        steps = list(AssignmentStatus)
        if steps.index(to) != steps.index(AssignmentStatus(self.status)) + 1:
            raise StepSkipped(f"It is at {self.status}.")
        self.status = to.value


class WaveMilestone(Versioned, Base):
    """Something that a wave has to reach by a day."""

    __tablename__ = "wave_milestones"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    wave_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.waves.id"), index=True)
    title: Mapped[str] = mapped_column(String(255))
    due_on: Mapped[date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(12), default=MilestoneStatus.pending.value)

    __table_args__ = (
        check("status", f"status IN ({', '.join(repr(each.value) for each in MilestoneStatus)})"),
    )


class WaveBlocker(Versioned, Base):
    """Something that is in a wave's way."""

    __tablename__ = "wave_blockers"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    wave_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.waves.id"), index=True)
    organization_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("identity.organizations.id")
    )
    title: Mapped[str] = mapped_column(String(255))
    severity: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(14), default=BlockerStatus.open.value)
    resolution: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        check("severity", f"severity IN ({', '.join(repr(each.value) for each in Severity)})"),
        check("status", f"status IN ({', '.join(repr(each.value) for each in BlockerStatus)})"),
    )


class WaveAction(Base):
    """What was decided about a wave, by whom and why; never changed."""

    __tablename__ = "wave_actions"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    wave_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.waves.id"), index=True)
    action: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[UUID] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
