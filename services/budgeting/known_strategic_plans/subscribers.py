"""What planning announces about strategic plans, kept here."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.mirrors import mirror
from libs.outbox.uow import UnitOfWork
from services.budgeting.known_strategic_plans.model import KnownStrategicPlan


class AnnouncedGoal(BaseModel):
    """The field of a goal that budgeting reads."""

    goal_id: UUID


class AnnouncedPlan(BaseModel):
    """The fields of a plan that budgeting reads."""

    title: str
    start_year: int
    end_year: int
    status: str
    goals: list[AnnouncedGoal]


@subscriber(
    "planning.strategic_plan.submitted.v1",
    "planning.strategic_plan.returned.v1",
    "planning.strategic_plan.approved.v1",
    "planning.strategic_plan.activated.v1",
    "planning.strategic_plan.progressed.v1",
    "planning.strategic_plan.completed.v1",
    "planning.strategic_plan.archived.v1",
)
async def remember_strategic_plan(event: AnnouncedPlan, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let programs serve its goals as they now are."""
    goal_ids = [goal.goal_id for goal in event.goals]
    told = {**event.model_dump(exclude={"goals"}), "goal_ids": goal_ids}
    await mirror(uow, meta, KnownStrategicPlan, told)
