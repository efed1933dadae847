"""What planning announces about strategic plans; each carries the plan's public state."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from libs.chassis.shapes import Percent
from libs.outbox.event import Event
from services.planning.strategic_plans.model import StrategicPlan


class GoalState(Event):
    """A goal as others may know it."""

    goal_id: UUID
    title: str
    priority: str
    status: str
    weight: Percent | None
    progress: Percent


class PlanEvent(Event):
    """The public state of a strategic plan; drafts are never announced."""

    plan_id: UUID
    title: str
    start_year: int
    end_year: int
    status: str
    overall_progress: Percent | None
    goals: list[GoalState]

    @classmethod
    def about(cls, plan: StrategicPlan) -> PlanEvent:
        """Return this event for a plan as it now is."""
        return cls(
            plan_id=plan.id,
            title=plan.title,
            start_year=plan.start_year,
            end_year=plan.end_year,
            status=plan.status,
            overall_progress=plan.overall_progress,
            goals=[
                GoalState(
                    goal_id=goal.id,
                    title=goal.title,
                    priority=goal.priority,
                    status=goal.status,
                    weight=goal.weight,
                    progress=goal.progress,
                )
                for goal in plan.goals
            ],
        )


class PlanSubmitted(PlanEvent):
    """A plan was handed in; approval may begin."""

    subject: ClassVar[str] = "planning.strategic_plan.submitted.v1"


class PlanReturned(PlanEvent):
    """A plan went back to its preparer; editing may begin again."""

    subject: ClassVar[str] = "planning.strategic_plan.returned.v1"


class PlanApproved(PlanEvent):
    """A plan was approved by someone else; it may be activated."""

    subject: ClassVar[str] = "planning.strategic_plan.approved.v1"


class PlanActivated(PlanEvent):
    """A plan came into force; annual work may refer to it and goals take readings."""

    subject: ClassVar[str] = "planning.strategic_plan.activated.v1"


class PlanProgressed(PlanEvent):
    """A goal took a reading; the progress of the plan may have moved."""

    subject: ClassVar[str] = "planning.strategic_plan.progressed.v1"


class PlanCompleted(PlanEvent):
    """A plan was closed after its last year; it may be archived."""

    subject: ClassVar[str] = "planning.strategic_plan.completed.v1"


class PlanArchived(PlanEvent):
    """A plan was put away; nothing begins."""

    subject: ClassVar[str] = "planning.strategic_plan.archived.v1"
