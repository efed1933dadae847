"""Scenarios over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.fiscal_years.model import FiscalYearNotOpen
from services.budgeting.line_items.model import AmountTooLarge
from services.budgeting.program_links.model import PpaUnknown
from services.budgeting.scenario_rows.model import AmountAboveCost
from services.budgeting.scenarios import model, queries, schemas, usecases
from services.budgeting.scenarios.model import Scenario, ScenarioNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/scenarios", tag="scenarios")

FILL = (model.BaselineExists, PpaUnknown, AmountAboveCost, AmountTooLarge)
STEP = (ScenarioNotFound, MatchMissing, model.ScenarioOutOfStep)


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.scenario.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


@router.get(
    "", response_model=schemas.ScenarioPage, dependencies=_may("read"), summary="List scenarios"
)
async def list_scenarios(
    params: Annotated[schemas.ScenarioFilter, Query()], uow: Uow
) -> Rows[Scenario]:
    return await queries.list_scenarios(uow.session, params)


@router.post(
    "",
    response_model=schemas.ScenarioRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(FiscalYearNotOpen, *FILL),
    summary="Begin a scenario",
)
async def create_scenario(body: schemas.ScenarioCreate, uow: Uow) -> Scenario:
    return await usecases.create_scenario(uow, body)


@router.get(
    "/{scenario_id}",
    response_model=schemas.ScenarioRead,
    dependencies=_may("read"),
    responses=refuses(ScenarioNotFound),
    summary="Read a scenario",
)
async def get_scenario(scenario_id: UUID, uow: Uow) -> Scenario:
    return await queries.get_scenario(uow.session, scenario_id)


@router.patch(
    "/{scenario_id}",
    response_model=schemas.ScenarioRead,
    dependencies=_may_now("change"),
    responses=refuses(*STEP, *FILL),
    summary="Edit a draft; rows that are sent replace all",
)
async def change_scenario(scenario_id: UUID, body: schemas.ScenarioChange, uow: Uow) -> Scenario:
    return await usecases.change_scenario(uow, scenario_id, body)


@router.delete(
    "/{scenario_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*STEP),
    summary="Delete a draft",
)
async def delete_scenario(scenario_id: UUID, uow: Uow) -> None:
    await usecases.delete_scenario(uow, scenario_id)


@router.post(
    "/{scenario_id}/submit",
    response_model=schemas.ScenarioRead,
    dependencies=_may_now("submit"),
    responses=refuses(*STEP, model.ScenarioIncomplete),
    summary="Ask for the decision",
)
async def submit_scenario(scenario_id: UUID, uow: Uow) -> Scenario:
    return await usecases.submit_scenario(uow, scenario_id)


@router.post(
    "/{scenario_id}/return",
    response_model=schemas.ScenarioRead,
    dependencies=_may_now("return"),
    responses=refuses(*STEP, model.PreparerMayNotDecide),
    summary="Give it back with remarks",
)
async def return_scenario(scenario_id: UUID, body: schemas.ScenarioReturn, uow: Uow) -> Scenario:
    return await usecases.return_scenario(uow, scenario_id, body.remarks)


@router.post(
    "/{scenario_id}/approve",
    response_model=schemas.ScenarioRead,
    dependencies=_may_now("approve"),
    responses=refuses(*STEP, model.PreparerMayNotDecide, model.RowUnknown),
    summary="Decide for it, without the PPAs that are turned down",
)
async def approve_scenario(
    scenario_id: UUID, uow: Uow, body: schemas.ScenarioApprove | None = None
) -> Scenario:
    rejected = set(body.rejected_ppa_ids) if body else set()
    return await usecases.approve_scenario(uow, scenario_id, rejected)


@router.post(
    "/{scenario_id}/archive",
    response_model=schemas.ScenarioRead,
    dependencies=_may_now("archive"),
    responses=refuses(*STEP),
    summary="Put it away for good",
)
async def archive_scenario(scenario_id: UUID, uow: Uow) -> Scenario:
    return await usecases.archive_scenario(uow, scenario_id)


@router.get(
    "/{scenario_id}/suggestion",
    response_model=schemas.SuggestionRead,
    dependencies=_may("read"),
    responses=refuses(ScenarioNotFound),
    summary="See how a total could be shared; nothing is changed",
)
async def get_suggestion(
    scenario_id: UUID, asked: Annotated[schemas.SuggestionAsked, Query()], uow: Uow
) -> schemas.SuggestionRead:
    return await usecases.get_suggestion(uow, scenario_id, asked)


@router.get(
    "/{scenario_id}/comparison/{other_scenario_id}",
    response_model=schemas.ScenarioComparisonRead,
    dependencies=_may("read"),
    responses=refuses(ScenarioNotFound),
    summary="Put it beside another scenario",
)
async def get_scenario_comparison(
    scenario_id: UUID, other_scenario_id: UUID, uow: Uow
) -> schemas.ScenarioComparisonRead:
    return await usecases.compare_scenarios(uow, scenario_id, other_scenario_id)
