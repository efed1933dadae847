"""Strategic plans over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from libs.refusals import Stale
from services.planning.goals.model import (
    Goal,
    GoalClosed,
    GoalNotFound,
    GoalReading,
    ReadingInFuture,
    ReasonMissing,
)
from services.planning.strategic_plans import model, queries, schemas, usecases
from services.planning.strategic_plans.model import PlanNotFound, StrategicPlan

router = slice_router(
    prefix="/api/v1/moa/{org_code}/planning/strategic-plans", tag="strategic plans"
)


def _may(verb: str) -> list[Any]:
    return [requires(f"planning.strategic_plan.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


CHANGE = (PlanNotFound, MatchMissing, Stale)


@router.get("", response_model=schemas.PlanPage, dependencies=_may("read"), summary="List plans")
async def list_strategic_plans(
    params: Annotated[schemas.PlanFilter, Query()], uow: Uow
) -> Rows[StrategicPlan]:
    return await queries.list_strategic_plans(uow.session, params)


@router.post(
    "",
    response_model=schemas.PlanRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(model.PeriodNotValid),
    summary="Begin a plan, with its goals if they are known",
)
async def create_strategic_plan(body: schemas.PlanCreate, uow: Uow) -> StrategicPlan:
    return await usecases.create_strategic_plan(uow, body)


@router.get(
    "/{plan_id}",
    response_model=schemas.PlanRead,
    dependencies=_may("read"),
    responses=refuses(PlanNotFound),
    summary="Read a plan with its goals",
)
async def get_strategic_plan(plan_id: UUID, uow: Uow) -> StrategicPlan:
    return await queries.get_strategic_plan(uow.session, plan_id)


@router.patch(
    "/{plan_id}",
    response_model=schemas.PlanRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, model.PlanNotEditable, model.PeriodNotValid),
    summary="Edit a draft or returned plan",
)
async def change_strategic_plan(plan_id: UUID, body: schemas.PlanChange, uow: Uow) -> StrategicPlan:
    return await usecases.change_strategic_plan(uow, plan_id, body)


@router.delete(
    "/{plan_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE, model.PlanNotDeletable),
    summary="Delete a draft that was never submitted",
)
async def delete_strategic_plan(plan_id: UUID, uow: Uow) -> None:
    await usecases.delete_strategic_plan(uow, plan_id)


@router.post(
    "/{plan_id}/submit",
    response_model=schemas.PlanRead,
    dependencies=_may_now("submit"),
    responses=refuses(*CHANGE, model.PlanNotEditable, model.PlanIncomplete),
    summary="Hand a plan in for approval",
)
async def submit_strategic_plan(plan_id: UUID, uow: Uow) -> StrategicPlan:
    return await usecases.submit_strategic_plan(uow, plan_id)


@router.post(
    "/{plan_id}/return",
    response_model=schemas.PlanRead,
    dependencies=_may_now("return"),
    responses=refuses(*CHANGE, model.PlanNotSubmitted),
    summary="Give a submitted plan back with remarks",
)
async def return_strategic_plan(plan_id: UUID, body: schemas.PlanReturn, uow: Uow) -> StrategicPlan:
    return await usecases.return_strategic_plan(uow, plan_id, body.remarks)


@router.post(
    "/{plan_id}/approve",
    response_model=schemas.PlanRead,
    dependencies=_may_now("approve"),
    responses=refuses(*CHANGE, model.PlanNotSubmitted, model.PreparerMayNotApprove),
    summary="Approve a plan that someone else prepared",
)
async def approve_strategic_plan(plan_id: UUID, uow: Uow) -> StrategicPlan:
    return await usecases.approve_strategic_plan(uow, plan_id)


@router.post(
    "/{plan_id}/activate",
    response_model=schemas.PlanRead,
    dependencies=_may_now("activate"),
    responses=refuses(*CHANGE, model.PlanNotApproved, model.PlanOverlaps),
    summary="Put an approved plan into force",
)
async def activate_strategic_plan(plan_id: UUID, uow: Uow) -> StrategicPlan:
    return await usecases.activate_strategic_plan(uow, plan_id)


@router.post(
    "/{plan_id}/complete",
    response_model=schemas.PlanRead,
    dependencies=_may_now("complete"),
    responses=refuses(*CHANGE, model.PlanNotActive, model.PlanNotOver),
    summary="Close an active plan after its last year",
)
async def complete_strategic_plan(
    plan_id: UUID, body: schemas.PlanComplete, uow: Uow
) -> StrategicPlan:
    return await usecases.complete_strategic_plan(uow, plan_id, body.note)


@router.post(
    "/{plan_id}/archive",
    response_model=schemas.PlanRead,
    dependencies=_may_now("archive"),
    responses=refuses(*CHANGE, model.PlanActive, model.PlanNotEditable),
    summary="Put a plan away",
)
async def archive_strategic_plan(plan_id: UUID, uow: Uow) -> StrategicPlan:
    return await usecases.archive_strategic_plan(uow, plan_id)


@router.post(
    "/{plan_id}/goals",
    response_model=schemas.GoalRead,
    status_code=201,
    dependencies=_may("change"),
    responses=refuses(PlanNotFound, model.PlanNotEditable),
    summary="Add a goal",
)
async def add_goal(plan_id: UUID, body: schemas.GoalCreate, uow: Uow) -> Goal:
    return await usecases.add_goal(uow, plan_id, body)


@router.patch(
    "/{plan_id}/goals/{goal_id}",
    response_model=schemas.GoalRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, GoalNotFound, model.PlanNotEditable, ReasonMissing),
    summary="Edit a goal",
)
async def change_goal(plan_id: UUID, goal_id: UUID, body: schemas.GoalChange, uow: Uow) -> Goal:
    return await usecases.change_goal(uow, plan_id, goal_id, body)


@router.delete(
    "/{plan_id}/goals/{goal_id}",
    status_code=204,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, GoalNotFound, model.PlanNotEditable),
    summary="Take a goal out of the plan",
)
async def delete_goal(plan_id: UUID, goal_id: UUID, uow: Uow) -> None:
    await usecases.delete_goal(uow, plan_id, goal_id)


@router.get(
    "/{plan_id}/goals/{goal_id}/readings",
    response_model=schemas.ReadingPage,
    dependencies=_may("read"),
    responses=refuses(PlanNotFound, GoalNotFound),
    summary="List the readings of a goal",
)
async def list_goal_readings(
    plan_id: UUID, goal_id: UUID, params: Annotated[schemas.ReadingFilter, Query()], uow: Uow
) -> Rows[GoalReading]:
    return await queries.list_goal_readings(uow.session, plan_id, goal_id, params)


@router.post(
    "/{plan_id}/goals/{goal_id}/readings",
    response_model=schemas.ReadingRead,
    status_code=201,
    dependencies=_may("record"),
    responses=refuses(PlanNotFound, GoalNotFound, model.PlanNotActive, GoalClosed, ReadingInFuture),
    summary="Record a reading of a goal of the active plan",
)
async def record_goal_reading(
    plan_id: UUID, goal_id: UUID, body: schemas.ReadingCreate, uow: Uow
) -> GoalReading:
    return await usecases.record_goal_reading(uow, plan_id, goal_id, body)
