"""Every SELECT on strategic plans, goals and readings."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from libs.chassis.paging import Rows, page
from services.planning.goals.model import Goal, GoalNotFound, GoalReading
from services.planning.strategic_plans.model import PlanNotFound, PlanStatus, StrategicPlan
from services.planning.strategic_plans.schemas import PlanFilter, ReadingFilter

GOALS = selectinload(StrategicPlan.goals)
# A goal that is shown says what it allows, and asks its plan, which is loaded already.
SHOWN_GOALS = GOALS.immediateload(Goal.plan)


async def get_strategic_plan(
    session: AsyncSession, plan_id: UUID, *, lock: bool = False
) -> StrategicPlan:
    statement: Select[StrategicPlan] = (
        select(StrategicPlan).where(StrategicPlan.id == plan_id).options(SHOWN_GOALS)
    )
    if lock:
        statement = statement.with_for_update()
    plan = (await session.scalars(statement)).one_or_none()
    if plan is None:
        raise PlanNotFound
    return plan


async def list_strategic_plans(session: AsyncSession, params: PlanFilter) -> Rows[StrategicPlan]:
    statement = select(StrategicPlan).options(GOALS)
    if params.status is not None:
        statement = statement.where(StrategicPlan.status == params.status)
    if params.year is not None:
        statement = statement.where(
            StrategicPlan.start_year <= params.year, StrategicPlan.end_year >= params.year
        )
    return await page(session, statement, StrategicPlan, params)


async def find_overlapping_plan(session: AsyncSession, plan: StrategicPlan) -> StrategicPlan | None:
    statement = select(StrategicPlan).where(
        StrategicPlan.status == PlanStatus.active,
        StrategicPlan.id != plan.id,
        StrategicPlan.start_year <= plan.end_year,
        StrategicPlan.end_year >= plan.start_year,
    )
    return (await session.scalars(statement.limit(1))).one_or_none()


def get_goal(plan: StrategicPlan, goal_id: UUID) -> Goal:
    for goal in plan.goals:
        if goal.id == goal_id:
            return goal
    raise GoalNotFound


async def list_goal_readings(
    session: AsyncSession, plan_id: UUID, goal_id: UUID, params: ReadingFilter
) -> Rows[GoalReading]:
    get_goal(await get_strategic_plan(session, plan_id), goal_id)
    statement = select(GoalReading).where(GoalReading.goal_id == goal_id)
    return await page(session, statement, GoalReading, params)
