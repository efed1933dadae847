"""Everything a person can do with a strategic plan, one function a verb."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.planning.goals.model import Goal, GoalReading, GoalStatus
from services.planning.strategic_plans.events import (
    PlanActivated,
    PlanApproved,
    PlanArchived,
    PlanCompleted,
    PlanProgressed,
    PlanReturned,
    PlanSubmitted,
)
from services.planning.strategic_plans.model import PlanOverlaps, PlanStatus, StrategicPlan
from services.planning.strategic_plans.queries import (
    find_overlapping_plan,
    get_goal,
    get_strategic_plan,
)
from services.planning.strategic_plans.schemas import (
    GoalChange,
    GoalCreate,
    PlanChange,
    PlanCreate,
    ReadingCreate,
)


async def create_strategic_plan(uow: UnitOfWork, told: PlanCreate) -> StrategicPlan:
    """Begin a draft, with its goals if they are known; nobody else sees it yet."""
    plan = StrategicPlan(
        title=told.title,
        start_year=told.start_year,
        end_year=told.end_year,
        vision=told.vision,
        mission=told.mission,
        status=PlanStatus.draft,
        remarks="",
        prepared_by=[uow.actor.user_id],
        goals=[],
    )
    plan.check_period()
    uow.session.add(plan)
    for position, goal in enumerate(told.goals, start=1):
        plan.goals.append(_goal(goal, position))
    return plan


async def change_strategic_plan(uow: UnitOfWork, plan_id: UUID, told: PlanChange) -> StrategicPlan:
    """Edit a draft or returned plan; a submitted one can no longer be changed."""
    plan = await _locked(uow, plan_id)
    plan.prepare(by=uow.actor.user_id, at=uow.now())
    _assign(plan, told.changes())
    plan.check_period()
    return plan


async def delete_strategic_plan(uow: UnitOfWork, plan_id: UUID) -> None:
    """Remove a draft that was never submitted, with its goals."""
    plan = await _locked(uow, plan_id)
    plan.check_deletable()
    for goal in plan.goals:
        await uow.session.delete(goal)
    await uow.session.flush()
    await uow.session.delete(plan)


async def add_goal(uow: UnitOfWork, plan_id: UUID, told: GoalCreate) -> Goal:
    """Add a goal at the end of a plan that is still edited."""
    plan = await _locked(uow, plan_id)
    plan.prepare(by=uow.actor.user_id, at=uow.now())
    last = max((goal.display_order for goal in plan.goals), default=0)
    goal = _goal(told, last + 1)
    plan.goals.append(goal)
    return goal


async def change_goal(uow: UnitOfWork, plan_id: UUID, goal_id: UUID, told: GoalChange) -> Goal:
    """Edit a goal of a plan that is still edited."""
    plan = await get_strategic_plan(uow.session, plan_id, lock=True)
    goal = get_goal(plan, goal_id)
    uow.expect(goal)
    plan.prepare(by=uow.actor.user_id, at=uow.now())
    changes = told.changes()
    status = changes.pop("status", goal.status)
    reason = changes.pop("status_reason", goal.status_reason)
    _assign(goal, changes)
    goal.move(GoalStatus(status), reason)
    return goal


async def delete_goal(uow: UnitOfWork, plan_id: UUID, goal_id: UUID) -> None:
    """Take a goal out of a plan that is still edited."""
    plan = await get_strategic_plan(uow.session, plan_id, lock=True)
    goal = get_goal(plan, goal_id)
    uow.expect(goal)
    plan.prepare(by=uow.actor.user_id, at=uow.now())
    await uow.session.delete(goal)


async def record_goal_reading(
    uow: UnitOfWork, plan_id: UUID, goal_id: UUID, told: ReadingCreate
) -> GoalReading:
    """Record a measurement of a goal of the active plan; readings are never changed."""
    plan = await get_strategic_plan(uow.session, plan_id, lock=True)
    goal = get_goal(plan, goal_id)
    plan.check_active()
    goal.read(told.value, on=told.measured_on, today=plan.today)
    reading = GoalReading(
        goal_id=goal.id, measured_on=told.measured_on, value=told.value, note=told.note
    )
    uow.session.add(reading)
    plan.touch(uow.now())
    uow.publish(PlanProgressed.about(plan), of=plan)
    return reading


async def submit_strategic_plan(uow: UnitOfWork, plan_id: UUID) -> StrategicPlan:
    """Hand a complete plan in for approval; it can no longer be edited."""
    plan = await _locked(uow, plan_id)
    plan.submit(by=uow.actor.user_id, at=uow.now())
    uow.publish(PlanSubmitted.about(plan), of=plan)
    return plan


async def return_strategic_plan(uow: UnitOfWork, plan_id: UUID, remarks: str) -> StrategicPlan:
    """Give a submitted plan back with remarks; its preparer can edit it again."""
    plan = await _locked(uow, plan_id)
    plan.return_(remarks=remarks)
    uow.publish(PlanReturned.about(plan), of=plan)
    return plan


async def approve_strategic_plan(uow: UnitOfWork, plan_id: UUID) -> StrategicPlan:
    """Approve a plan that someone else prepared; its text is fixed from here on."""
    plan = await _locked(uow, plan_id)
    plan.approve(by=uow.actor.user_id, at=uow.now())
    uow.publish(PlanApproved.about(plan), of=plan)
    return plan


async def activate_strategic_plan(uow: UnitOfWork, plan_id: UUID) -> StrategicPlan:
    """Put an approved plan into force; no other may be active in any of its years."""
    plan = await _locked(uow, plan_id)
    other = await find_overlapping_plan(uow.session, plan)
    if other is not None and plan.status == PlanStatus.approved:
        raise PlanOverlaps(f"“{other.title}” is active {other.start_year} to {other.end_year}.")
    plan.activate()
    uow.publish(PlanActivated.about(plan), of=plan)
    return plan


async def complete_strategic_plan(uow: UnitOfWork, plan_id: UUID, note: str) -> StrategicPlan:
    """Close the active plan after its last year; it takes no more readings."""
    plan = await _locked(uow, plan_id)
    plan.complete(note=note, today=plan.today)
    uow.publish(PlanCompleted.about(plan), of=plan)
    return plan


async def archive_strategic_plan(uow: UnitOfWork, plan_id: UUID) -> StrategicPlan:
    """Put a plan away; it stays readable and can never be changed again."""
    plan = await _locked(uow, plan_id)
    was_announced = plan.submitted_at is not None
    plan.archive()
    if was_announced:
        uow.publish(PlanArchived.about(plan), of=plan)
    return plan


async def _locked(uow: UnitOfWork, plan_id: UUID) -> StrategicPlan:
    plan = await get_strategic_plan(uow.session, plan_id, lock=True)
    uow.expect(plan)
    return plan


def _goal(told: GoalCreate, position: int) -> Goal:
    return Goal(
        **told.model_dump(exclude={"priority"}),
        priority=told.priority,
        display_order=position,
        status=GoalStatus.not_started,
        status_reason="",
    )


def _assign(row: object, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
