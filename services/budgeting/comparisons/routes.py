"""Comparisons over HTTP: read only."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.problems import refuses
from services.budgeting.comparisons import schemas, usecases
from services.budgeting.proposal_states.model import ProposalNotFound
from services.budgeting.submissions.model import SubmissionNotFound

PROPOSAL = "/api/v1/moa/{org_code}/budgeting/proposals/{proposal_id}"

router = slice_router(prefix=PROPOSAL, tag="comparisons")

READ = [requires("budgeting.proposal.read")]


@router.get(
    "/comparison",
    response_model=schemas.ComparisonRead,
    dependencies=READ,
    responses=refuses(ProposalNotFound),
    summary="Compare what was requested, recommended, approved and enacted",
)
async def get_comparison(proposal_id: UUID, uow: Uow) -> schemas.ComparisonRead:
    return await usecases.get_comparison(uow, proposal_id)


@router.get(
    "/revision-comparison",
    response_model=schemas.RevisionsRead,
    dependencies=READ,
    responses=refuses(ProposalNotFound, SubmissionNotFound),
    summary="Compare two revisions, or one with the proposal as it is now",
)
async def get_revision_comparison(
    proposal_id: UUID, asked: Annotated[schemas.RevisionsAsked, Query()], uow: Uow
) -> schemas.RevisionsRead:
    return await usecases.get_revision_comparison(uow, proposal_id, asked)
