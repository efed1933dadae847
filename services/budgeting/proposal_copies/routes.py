"""Copying a proposal over HTTP."""

from __future__ import annotations

from uuid import UUID

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.problems import refuses
from services.budgeting.fiscal_years.model import FiscalYearNotOpen
from services.budgeting.line_items.model import AmountTooLarge
from services.budgeting.proposal_copies import schemas, usecases
from services.budgeting.proposal_states.model import AnnualProposalExists, ProposalNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/proposals", tag="proposals")


@router.post(
    "/{proposal_id}/copy",
    response_model=schemas.ProposalCopied,
    status_code=201,
    dependencies=[requires("budgeting.proposal.copy")],
    responses=refuses(ProposalNotFound, FiscalYearNotOpen, AnnualProposalExists, AmountTooLarge),
    summary="Begin a proposal from another one, and read what was not copied",
)
async def copy_proposal(
    proposal_id: UUID, body: schemas.ProposalCopy, uow: Uow
) -> schemas.ProposalCopied:
    return await usecases.copy_proposal(uow, proposal_id, body)
