"""The steps of a whole proposal over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.budget_calls import model as calls
from services.budgeting.ceilings.model import CeilingExceeded
from services.budgeting.decisions import model as decisions
from services.budgeting.endorsements.model import EndorsementsMissing
from services.budgeting.object_codes.model import LinesOutdated
from services.budgeting.programs import model as programs
from services.budgeting.proposal_states import model as states
from services.budgeting.proposal_steps import usecases
from services.budgeting.proposals import schemas
from services.budgeting.proposals.model import Proposal

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/proposals", tag="proposals")


def _may_now(verb: str) -> list[Any]:
    return [requires(f"budgeting.proposal.{verb}"), match_required]


CHANGE = (states.ProposalNotFound, MatchMissing)
IN_HOUSE = (*CHANGE, states.DecidedByIssuer)
SETTLE = (*IN_HOUSE, states.ProposalNotPending, decisions.PreparerMayNotApprove)
GRANT = (programs.GrantIncomplete, programs.GrantAboveRequest, programs.GrantNotTotal)
CALL = (
    calls.BudgetCallNotOpen,
    calls.NotYetOpen,
    calls.DeadlinePassed,
    states.NotEndorsed,
    states.PreparerMayNotEndorse,
    CeilingExceeded,
    EndorsementsMissing,
    LinesOutdated,
)


@router.post(
    "/{proposal_id}/endorse",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("endorse"),
    responses=refuses(
        *CHANGE,
        states.ProposalNotEditable,
        states.ProposalIncomplete,
        states.PreparerMayNotEndorse,
    ),
    summary="Stand for a complete proposal as the head of the organization",
)
async def endorse_proposal(proposal_id: UUID, uow: Uow) -> Proposal:
    return await usecases.endorse_proposal(uow, proposal_id)


@router.post(
    "/{proposal_id}/submit",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("submit"),
    responses=refuses(*CHANGE, states.ProposalNotEditable, states.ProposalIncomplete, *CALL),
    summary="Hand a proposal in as its next revision",
)
async def submit_proposal(proposal_id: UUID, uow: Uow) -> Proposal:
    return await usecases.submit_proposal(uow, proposal_id)


@router.post(
    "/{proposal_id}/withdraw",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("withdraw"),
    responses=refuses(*CHANGE, states.ProposalNotSubmitted, decisions.OnlyPreparerWithdraws),
    summary="Take a proposal back before review",
)
async def withdraw_proposal(proposal_id: UUID, uow: Uow) -> Proposal:
    return await usecases.withdraw_proposal(uow, proposal_id)


@router.post(
    "/{proposal_id}/review",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("review"),
    responses=refuses(*IN_HOUSE, states.ProposalNotSubmitted, decisions.PreparerMayNotReview),
    summary="Open a submitted proposal as its reviewer",
)
async def review_proposal(proposal_id: UUID, uow: Uow) -> Proposal:
    return await usecases.review_proposal(uow, proposal_id)


@router.post(
    "/{proposal_id}/return",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("return"),
    responses=refuses(*IN_HOUSE, states.ProposalNotPending, decisions.PreparerMayNotReview),
    summary="Give a proposal back with remarks",
)
async def return_proposal(proposal_id: UUID, body: schemas.ProposalReturn, uow: Uow) -> Proposal:
    return await usecases.return_proposal(uow, proposal_id, body.remarks)


@router.post(
    "/{proposal_id}/approve",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("approve"),
    responses=refuses(*SETTLE, decisions.ReviewerMayNotApprove, *GRANT),
    summary="Approve what someone else prepared, as requested or by amounts",
)
async def approve_proposal(
    proposal_id: UUID, uow: Uow, body: schemas.ProposalApprove | None = None
) -> Proposal:
    return await usecases.approve_proposal(uow, proposal_id, body or schemas.ProposalApprove())


@router.post(
    "/{proposal_id}/reject",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("reject"),
    responses=refuses(*SETTLE, decisions.ReviewerMayNotApprove),
    summary="Turn a proposal down, with the reason",
)
async def reject_proposal(proposal_id: UUID, body: schemas.ProposalReject, uow: Uow) -> Proposal:
    return await usecases.reject_proposal(uow, proposal_id, body.reason)
