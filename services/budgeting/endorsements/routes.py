"""The word of other offices on a proposal, over HTTP."""

from __future__ import annotations

from uuid import UUID

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.problems import refuses
from services.budgeting.endorsements import schemas, usecases
from services.budgeting.endorsements.model import Endorsement, EndorserNotRequired
from services.budgeting.proposal_states.model import ProposalNotEditable, ProposalNotFound

PROPOSAL = "/api/v1/moa/{org_code}/budgeting/proposals/{proposal_id}"

router = slice_router(prefix=PROPOSAL, tag="endorsements")


@router.get(
    "/endorsements",
    response_model=schemas.EndorsementsRead,
    dependencies=[requires("budgeting.endorsement.read")],
    responses=refuses(ProposalNotFound),
    summary="Read which offices must endorse a proposal, and which have",
)
async def get_endorsements(proposal_id: UUID, uow: Uow) -> schemas.EndorsementsRead:
    return await usecases.get_endorsements(uow, proposal_id)


@router.post(
    "/endorsements",
    response_model=schemas.EndorsementRead,
    status_code=201,
    dependencies=[requires("budgeting.endorsement.create")],
    responses=refuses(ProposalNotFound, ProposalNotEditable, EndorserNotRequired),
    summary="Record an office's document about the lines that are its matter",
)
async def create_endorsement(
    proposal_id: UUID, body: schemas.EndorsementCreate, uow: Uow
) -> Endorsement:
    return await usecases.create_endorsement(uow, proposal_id, body)
