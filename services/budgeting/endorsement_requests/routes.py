"""Requests for endorsement over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.problems import refuses
from services.budgeting.endorsement_requests import model, queries, schemas, usecases
from services.budgeting.endorsement_requests.model import EndorsementRequest
from services.budgeting.endorsements.model import EndorserNotRequired
from services.budgeting.known_organizations.model import NO_ISSUE_FOR
from services.budgeting.proposal_states.model import ProposalNotEditable, ProposalNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting", tag="endorsements")

READ = [requires("budgeting.endorsement_request.read")]


@router.post(
    "/proposals/{proposal_id}/endorsement-requests",
    response_model=schemas.EndorsementRequestRead,
    status_code=201,
    dependencies=[requires("budgeting.endorsement_request.create")],
    responses=refuses(
        ProposalNotFound,
        ProposalNotEditable,
        EndorserNotRequired,
        model.RequestToOneself,
        *NO_ISSUE_FOR,
    ),
    summary="Ask another organization for its word on the lines that are its matter",
)
async def create_endorsement_request(
    proposal_id: UUID, body: schemas.EndorsementRequestCreate, uow: Uow
) -> EndorsementRequest:
    return await usecases.create_endorsement_request(uow, proposal_id, body)


@router.get(
    "/endorsement-requests",
    response_model=schemas.EndorsementRequestPage,
    dependencies=READ,
    summary="List what was asked of others, or of your organization",
)
async def list_endorsement_requests(
    params: Annotated[schemas.EndorsementRequestFilter, Query()], uow: Uow
) -> Rows[EndorsementRequest]:
    return await queries.list_endorsement_requests(uow.session, uow.actor.org_id, params)


@router.get(
    "/endorsement-requests/{endorsement_request_id}",
    response_model=schemas.EndorsementRequestRead,
    dependencies=READ,
    responses=refuses(model.EndorsementRequestNotFound),
    summary="Read a request with the lines that it is about",
)
async def get_endorsement_request(endorsement_request_id: UUID, uow: Uow) -> EndorsementRequest:
    return await queries.get_endorsement_request(uow.session, endorsement_request_id)
