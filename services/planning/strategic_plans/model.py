"""Strategic plans: their fields, states and guards (planning sheet, section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from libs.refusals import Conflict, Forbidden, Invalid, NotFound
from libs.tenancy.actor import Actor
from libs.tenancy.rows import TenantOwned, check
from services.planning.db import Base
from services.planning.goals.model import COUNTED_OUT, Goal
from services.planning.progress.model import Band, band, weighted_mean

EARLIEST_YEAR = 2020
LATEST_YEAR = 2050
LONGEST_DIFFERENCE = 10
USUAL_DIFFERENCES = range(3, 7)
HUNDRED = Decimal(100)


class PlanStatus(StrEnum):
    """States of a strategic plan."""

    draft = "draft"
    submitted = "submitted"
    returned = "returned"
    approved = "approved"
    active = "active"
    completed = "completed"
    archived = "archived"


class PlanNotFound(NotFound):
    """There is no such plan for this organization."""

    title = "There is no such strategic plan."


class PlanNotEditable(Conflict):
    """Only a draft or returned plan is edited."""

    title = "Only a draft or returned plan can be changed."


class PlanNotDeletable(Conflict):
    """What was once submitted is archived, never deleted."""

    title = "Only a draft that was never submitted can be deleted."


class PlanNotSubmitted(Conflict):
    """Only a submitted plan is approved or returned."""

    title = "Only a submitted plan can be approved or returned."


class PlanNotApproved(Conflict):
    """Only an approved plan becomes active."""

    title = "Only an approved plan can be activated."


class PlanNotActive(Conflict):
    """Readings and completion belong to an active plan."""

    title = "The plan is not active."


class PlanActive(Conflict):
    """An active plan is completed before it is archived."""

    title = "An active plan is completed first, then archived."


class PlanNotOver(Conflict):
    """A plan is completed when its last year is over."""

    title = "The plan's last year is not over yet."


class PlanIncomplete(Conflict):
    """Something that submitting demands is missing."""

    title = "The plan is not complete enough to be submitted."


class PlanOverlaps(Conflict):
    """Another active plan covers a year of this one."""

    title = "Another active plan covers one of these years."


class PreparerMayNotApprove(Forbidden):
    """Who created, edited or submitted a plan never approves it."""

    title = "Someone who had no part in preparing the plan must approve it."


class PeriodNotValid(Invalid):
    """The years do not make a plan's period."""

    title = "The last year must be 1 to 10 years after the first."


class StrategicPlan(TenantOwned, Base):
    """The multi-year direction of one organization; at most one is active in any year."""

    __tablename__ = "strategic_plans"
    __table_args__ = (
        check("period", "end_year > start_year AND end_year - start_year <= 10"),
        check("years", "start_year >= 2020 AND end_year <= 2050"),
        check("approver", "NOT approved_by = ANY (prepared_by)"),
        ExcludeConstraint(
            ("org_id", "="),
            (text("int4range(start_year, end_year, '[]')"), "&&"),
            where=text("status = 'active'"),
            using="gist",
            name="ex_strategic_plans_one_active",
        ),
        Index(None, "org_id", "created_at", "id"),
        Index(None, "org_id", "status"),
    )
    noun: ClassVar[str] = "planning.strategic_plan"

    title: Mapped[str] = mapped_column(Text)
    start_year: Mapped[int]
    end_year: Mapped[int]
    vision: Mapped[str] = mapped_column(Text)
    mission: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    remarks: Mapped[str] = mapped_column(Text)
    prepared_by: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    submitted_by: Mapped[UUID | None] = mapped_column(Uuid)
    submitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    approved_by: Mapped[UUID | None] = mapped_column(Uuid)
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    goals: Mapped[list[Goal]] = relationship(
        lazy="raise", order_by=Goal.display_order, back_populates="plan", passive_deletes="all"
    )

    @property
    def plan_years(self) -> int:
        """Calendar years covered, both ends counted: 2025 to 2030 are 6."""
        return self.end_year - self.start_year + 1

    @property
    def warnings(self) -> list[str]:
        """What is allowed but unusual, and what a submission still waits for."""
        told = []
        if self.end_year - self.start_year not in USUAL_DIFFERENCES:
            told.append(f"{self.plan_years} plan years are unusual; most plans cover 4 to 7.")
        if self.is_editable:
            told += [f"Before it is submitted it needs {each}." for each in self._missing()]
        return told

    @property
    def goals_count(self) -> int:
        """Number of goals."""
        return len(self.goals)

    @property
    def overall_progress(self) -> Decimal | None:
        """Weighted mean of the goals that count, in percent; None without goals."""
        return weighted_mean(
            (goal.weight, goal.progress) for goal in self.goals if goal.status not in COUNTED_OUT
        )

    @property
    def on_track(self) -> Band | None:
        """Whether the plan as a whole is on track today; None without goals that count."""
        progress = self.overall_progress
        if progress is None:
            return None
        begins, ends = date(self.start_year, 1, 1), date(self.end_year, 12, 31)
        return band(progress, begins=begins, ends=ends, today=self.today)

    def open_actions(self, actor: Actor) -> Iterable[str]:
        """Return the verbs that the state leaves open; its preparer never approves."""
        yield from _OPEN.get(self.status, ())
        if self.status == PlanStatus.draft and self.submitted_at is None:
            yield "delete"
        if self.status == PlanStatus.submitted and actor.user_id not in self.prepared_by:
            yield "approve"
        if self.status == PlanStatus.active and self.today.year > self.end_year:
            yield "complete"
        if self.status not in (PlanStatus.active, PlanStatus.archived):
            yield "archive"

    def check_period(self) -> None:
        """Refuse years that make no period of 1 to 10 years' difference."""
        if not 1 <= self.end_year - self.start_year <= LONGEST_DIFFERENCE:
            raise PeriodNotValid(pointer="/body/end_year")

    @property
    def is_editable(self) -> bool:
        """Whether text and goals may change: in a draft or returned plan only."""
        return self.status in (PlanStatus.draft, PlanStatus.returned)

    @property
    def takes_readings(self) -> bool:
        """Whether goals may be measured: in an active plan only."""
        return self.status == PlanStatus.active

    def prepare(self, *, by: UUID, at: datetime) -> None:
        """Let someone work on text or goals: from now on a preparer, who never approves it."""
        if not self.is_editable:
            raise PlanNotEditable(f"It is {self.status}.")
        if by not in self.prepared_by:
            self.prepared_by = [*self.prepared_by, by]
        self.touch(at)

    def check_deletable(self) -> None:
        """Refuse to delete what was ever submitted."""
        if self.status != PlanStatus.draft or self.submitted_at is not None:
            raise PlanNotDeletable("Archive it instead.")

    def check_active(self) -> None:
        """Refuse readings before activation and after completion."""
        if not self.takes_readings:
            raise PlanNotActive(f"It is {self.status}.")

    def submit(self, *, by: UUID, at: datetime) -> None:
        """Hand the plan in for approval; it cannot be edited from here on."""
        self.prepare(by=by, at=at)
        missing = list(self._missing())
        if missing:
            raise PlanIncomplete(f"Missing: {'; '.join(missing)}.")
        self.status = PlanStatus.submitted
        self.submitted_by, self.submitted_at = by, at
        self.remarks = ""

    def return_(self, *, remarks: str) -> None:
        """Give the plan back to its preparer with remarks."""
        if self.status != PlanStatus.submitted:
            raise PlanNotSubmitted(f"It is {self.status}.")
        self.status = PlanStatus.returned
        self.remarks = remarks

    def approve(self, *, by: UUID, at: datetime) -> None:
        """Approve the plan, as someone who neither wrote nor submitted it."""
        if self.status != PlanStatus.submitted:
            raise PlanNotSubmitted(f"It is {self.status}.")
        if by in self.prepared_by:
            raise PreparerMayNotApprove
        self.status = PlanStatus.approved
        self.approved_by, self.approved_at = by, at

    def activate(self) -> None:
        """Put the approved plan into force; the database refuses a second one for any year."""
        if self.status != PlanStatus.approved:
            raise PlanNotApproved(f"It is {self.status}.")
        self.status = PlanStatus.active

    def complete(self, *, note: str, today: date) -> None:
        """Close the active plan after its last year, with a note."""
        self.check_active()
        if today.year <= self.end_year:
            raise PlanNotOver(f"It runs to the end of {self.end_year}.")
        self.status = PlanStatus.completed
        self.remarks = note

    def archive(self) -> None:
        """Put the plan away; it can still be read."""
        if self.status == PlanStatus.active:
            raise PlanActive
        if self.status == PlanStatus.archived:
            raise PlanNotEditable("It is archived already.")
        self.status = PlanStatus.archived

    def _missing(self) -> Iterable[str]:
        if not self.vision.strip():
            yield "vision"
        if not self.mission.strip():
            yield "mission"
        if not self.goals:
            yield "at least one goal"
        for goal in self.goals:
            if not goal.is_measurable:
                yield f"metric and target of the goal “{goal.title}”"
        weights = [goal.weight for goal in self.goals]
        if any(weights) and (None in weights or sum(filter(None, weights)) != HUNDRED):
            yield "goal weights that add up to 100"


_OPEN: dict[str, tuple[str, ...]] = {
    PlanStatus.draft: ("change", "submit"),
    PlanStatus.returned: ("change", "submit"),
    PlanStatus.submitted: ("return",),
    PlanStatus.approved: ("activate",),
    PlanStatus.active: ("record",),
}
