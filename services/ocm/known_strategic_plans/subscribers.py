"""What planning announces about strategic plans, kept here."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.ocm.facts.schemas import Announced, Share
from services.ocm.facts.usecases import remember
from services.ocm.known_strategic_plans.model import KnownStrategicPlan

COUNTED_OUT = ("deferred", "cancelled")
EQUAL_WEIGHT = Decimal(100)


class GoalState(BaseModel):
    """A goal, as far as it counts for the progress of its plan."""

    status: str
    weight: Share | None
    progress: Share


class PlanState(Announced):
    """The fields of a strategic plan that ocm reads."""

    title: str
    start_year: int
    end_year: int
    status: str
    goals: list[GoalState]


@subscriber(
    "planning.strategic_plan.submitted.v1",
    "planning.strategic_plan.returned.v1",
    "planning.strategic_plan.approved.v1",
    "planning.strategic_plan.activated.v1",
    "planning.strategic_plan.progressed.v1",
    "planning.strategic_plan.completed.v1",
    "planning.strategic_plan.archived.v1",
)
async def remember_strategic_plan(event: PlanState, uow: UnitOfWork, meta: EventMeta) -> None:
    """Count a plan in the state that it now has, with the progress of its goals."""
    counted = [goal for goal in event.goals if goal.status not in COUNTED_OUT]
    # Weights add up to 100 or are not there at all; then the goals share 100 equally, so that
    # every plan weighs the same in a sum of plans.
    equal = EQUAL_WEIGHT / max(len(event.goals), 1)
    weighted = [(equal if goal.weight is None else goal.weight, goal.progress) for goal in counted]
    values = {
        **event.model_dump(exclude={"goals"}),
        "goals_by_status": Counter(goal.status for goal in event.goals),
        "goals_weight": sum((weight for weight, _ in weighted), Decimal(0)),
        "goals_progress": sum((weight * done for weight, done in weighted), Decimal(0)),
    }
    await remember(uow, event, meta, KnownStrategicPlan, values)
