"""Goals and their readings: fields, states and guards (planning sheet, section 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check, tenant_fk
from services.planning.db import Base
from services.planning.progress.model import achieved_percent


class GoalNotFound(NotFound):
    """The plan has no such goal."""

    title = "This plan has no such goal."


class GoalClosed(Conflict):
    """A completed, deferred or cancelled goal takes no readings."""

    title = "The goal is closed and takes no readings."


class ReasonMissing(Invalid):
    """Deferring or cancelling needs a reason."""

    title = "Say why the goal is deferred or cancelled."


class ReadingInFuture(Invalid):
    """A reading says what was measured, not what will be."""

    title = "A reading cannot lie in the future."


class GoalStatus(StrEnum):
    """States of a strategic goal."""

    not_started = "not_started"
    in_progress = "in_progress"
    completed = "completed"
    deferred = "deferred"
    cancelled = "cancelled"


CLOSED = (GoalStatus.completed, GoalStatus.deferred, GoalStatus.cancelled)
COUNTED_OUT = (GoalStatus.deferred, GoalStatus.cancelled)


class GoalPriority(StrEnum):
    """How much a goal matters, highest first."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"


class Goal(TenantOwned, Base):
    """A strategic goal of one plan: metric, baseline, target, and where it stands."""

    __tablename__ = "strategic_goals"
    __table_args__ = (
        tenant_fk("plan_id", "planning.strategic_plans"),
        check("target_positive", "target_value IS NULL OR target_value > 0"),
        check("weight_percent", "weight IS NULL OR (weight >= 0 AND weight <= 100)"),
        Index(None, "org_id", "plan_id", "display_order"),
    )
    noun: ClassVar[str] = "planning.strategic_plan"

    plan_id: Mapped[UUID] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    display_order: Mapped[int]
    target_metric: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    baseline_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    target_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    current_value: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    priority: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    status_reason: Mapped[str] = mapped_column(Text)
    weight: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    # Its class stands above this slice, which may not import it.
    plan: Mapped[Any] = relationship("StrategicPlan", lazy="raise_on_sql", back_populates="goals")

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state of its plan leaves open."""
        del actor
        if self.plan.is_editable:
            yield "change"
        if self.plan.takes_readings and self.status not in CLOSED:
            yield "record"

    @property
    def progress(self) -> Decimal:
        """Percent of the way from baseline to target, by the latest reading."""
        if self.status == GoalStatus.completed:
            return Decimal("100.00")
        return achieved_percent(self.baseline_value, self.target_value, self.current_value)

    @property
    def is_measurable(self) -> bool:
        """Whether metric and target are there, as submitting a plan demands."""
        return bool(self.target_metric.strip()) and self.target_value is not None

    def move(self, status: GoalStatus, reason: str) -> None:
        """Take another state by hand; deferring and cancelling need a reason."""
        if status in COUNTED_OUT and not reason.strip():
            raise ReasonMissing(pointer="/body/status_reason")
        self.status = status
        self.status_reason = reason

    def read(self, value: Decimal, *, on: date, today: date) -> None:
        """Take the latest reading as current; the first one starts the goal."""
        if self.status in CLOSED:
            raise GoalClosed
        if on > today:
            raise ReadingInFuture(pointer="/body/measured_on")
        self.current_value = value
        if self.status == GoalStatus.not_started:
            self.status = GoalStatus.in_progress


class GoalReading(TenantOwned, Base):
    """One measurement of a goal; append-only, so that the history of a figure stays."""

    __tablename__ = "goal_readings"
    __table_args__ = (
        tenant_fk("goal_id", "planning.strategic_goals"),
        Index(None, "org_id", "goal_id", "measured_on"),
    )
    noun: ClassVar[str] = "planning.strategic_plan"

    goal_id: Mapped[UUID] = mapped_column(Uuid)
    measured_on: Mapped[date]
    value: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    note: Mapped[str] = mapped_column(Text)
