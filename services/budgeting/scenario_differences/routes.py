"""Applying scenarios to drafts over HTTP: first the difference, then the same again, written."""

from __future__ import annotations

from uuid import UUID

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.line_items.model import AmountTooLarge
from services.budgeting.object_codes.model import LinesOutdated
from services.budgeting.proposal_states.model import ProposalNotEditable, ProposalNotFound
from services.budgeting.scenario_differences import schemas, usecases
from services.budgeting.scenario_differences.model import (
    DifferenceOutdated,
    OtherYear,
    ProposalRightMissing,
)
from services.budgeting.scenarios.model import Scenario, ScenarioNotFound, ScenarioOutOfStep
from services.budgeting.scenarios.schemas import ScenarioRead

SCENARIO = "/api/v1/moa/{org_code}/budgeting/scenarios/{scenario_id}"

router = slice_router(prefix=SCENARIO, tag="scenarios")


@router.get(
    "/difference/{proposal_id}",
    response_model=schemas.ScenarioDifferenceRead,
    dependencies=[requires("budgeting.scenario.read")],
    responses=refuses(ScenarioNotFound, ProposalNotFound, OtherYear, ProposalRightMissing),
    summary="See what applying it to a proposal would change",
)
async def get_difference(
    scenario_id: UUID, proposal_id: UUID, uow: Uow
) -> schemas.ScenarioDifferenceRead:
    return await usecases.get_difference(uow, scenario_id, proposal_id)


@router.post(
    "/apply",
    response_model=ScenarioRead,
    dependencies=[requires("budgeting.scenario.apply"), match_required],
    responses=refuses(
        *(ScenarioNotFound, ProposalNotFound, MatchMissing, ScenarioOutOfStep),
        *(
            OtherYear,
            ProposalRightMissing,
            ProposalNotEditable,
            DifferenceOutdated,
            LinesOutdated,
            AmountTooLarge,
        ),
    ),
    summary="Apply it to a proposal's draft, as its difference was shown",
)
async def apply_scenario(scenario_id: UUID, body: schemas.ScenarioApply, uow: Uow) -> Scenario:
    return await usecases.apply_scenario(uow, scenario_id, body)
