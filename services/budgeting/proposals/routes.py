"""Proposals with their programs and line items over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from libs.chassis.access import requires
from libs.chassis.http import Uow, slice_router
from libs.chassis.paging import Rows
from libs.chassis.preconditions import MatchMissing, match_required
from libs.chassis.problems import refuses
from services.budgeting.decisions import model as decisions
from services.budgeting.fiscal_years.model import FiscalYearNotOpen
from services.budgeting.line_items import model as lines
from services.budgeting.line_items import schemas as line_schemas
from services.budgeting.object_codes import model as objects
from services.budgeting.program_links import model as links
from services.budgeting.programs import model as programs
from services.budgeting.programs import schemas as program_schemas
from services.budgeting.proposal_states import model as states
from services.budgeting.proposal_states.model import ProposalNotFound
from services.budgeting.proposals import queries, schemas, usecases
from services.budgeting.proposals.model import Proposal
from services.budgeting.submissions.model import Submission, SubmissionNotFound

router = slice_router(prefix="/api/v1/moa/{org_code}/budgeting/proposals", tag="proposals")


def _may(verb: str) -> list[Any]:
    return [requires(f"budgeting.proposal.{verb}")]


def _may_now(verb: str) -> list[Any]:
    return [*_may(verb), match_required]


EDIT = (ProposalNotFound, states.ProposalNotEditable)
CHANGE = (ProposalNotFound, MatchMissing)
SUMS = (
    lines.AmountTooLarge,
    lines.QuartersIncomplete,
    lines.QuartersNotTotal,
    objects.ObjectClassDiffers,
    objects.ObjectCodeUnknown,
    objects.ObjectCodeNotValid,
    objects.SemiExpendable,
)
DISTINCT = (programs.RankTaken, programs.PpaTaken)
LINKS = (links.PpaUnknown, links.GoalUnknown, links.AssessmentUnknown)
PROGRAM = "/{proposal_id}/programs/{program_id}"
LINE_ITEM = PROGRAM + "/line-items/{line_item_id}"


@router.get(
    "", response_model=schemas.ProposalPage, dependencies=_may("read"), summary="List proposals"
)
async def list_proposals(
    params: Annotated[schemas.ProposalFilter, Query()], uow: Uow
) -> Rows[Proposal]:
    return await queries.list_proposals(uow.session, params)


@router.post(
    "",
    response_model=schemas.ProposalRead,
    status_code=201,
    dependencies=_may("create"),
    responses=refuses(FiscalYearNotOpen, states.AnnualProposalExists, *SUMS, *DISTINCT, *LINKS),
    summary="Begin a proposal, with its programs and lines if they are known",
)
async def create_proposal(body: schemas.ProposalCreate, uow: Uow) -> Proposal:
    return await usecases.create_proposal(uow, body)


@router.get(
    "/{proposal_id}",
    response_model=schemas.ProposalRead,
    dependencies=_may("read"),
    responses=refuses(ProposalNotFound),
    summary="Read a proposal with its programs and lines",
)
async def get_proposal(proposal_id: UUID, uow: Uow) -> Proposal:
    return await queries.get_proposal(uow.session, proposal_id)


@router.patch(
    "/{proposal_id}",
    response_model=schemas.ProposalRead,
    dependencies=_may_now("change"),
    responses=refuses(*CHANGE, states.ProposalNotEditable),
    summary="Edit a draft or returned proposal",
)
async def change_proposal(proposal_id: UUID, body: schemas.ProposalChange, uow: Uow) -> Proposal:
    return await usecases.change_proposal(uow, proposal_id, body)


@router.delete(
    "/{proposal_id}",
    status_code=204,
    dependencies=_may_now("delete"),
    responses=refuses(*CHANGE, states.ProposalNotDeletable),
    summary="Delete a draft that was never submitted",
)
async def delete_proposal(proposal_id: UUID, uow: Uow) -> None:
    await usecases.delete_proposal(uow, proposal_id)


@router.get(
    "/{proposal_id}/decisions",
    response_model=schemas.DecisionPage,
    dependencies=_may("read"),
    responses=refuses(ProposalNotFound),
    summary="List who did what to a proposal",
)
async def list_decisions(
    proposal_id: UUID, params: Annotated[schemas.DecisionFilter, Query()], uow: Uow
) -> Rows[decisions.Decision]:
    return await queries.list_decisions(uow.session, proposal_id, params)


@router.get(
    "/{proposal_id}/submissions",
    response_model=schemas.SubmissionPage,
    dependencies=_may("read"),
    responses=refuses(ProposalNotFound),
    summary="List the submissions of a proposal",
)
async def list_submissions(
    proposal_id: UUID, params: Annotated[schemas.SubmissionFilter, Query()], uow: Uow
) -> Rows[Submission]:
    return await queries.list_submissions(uow.session, proposal_id, params)


@router.get(
    "/{proposal_id}/submissions/{submission_id}",
    response_model=schemas.SubmissionRead,
    dependencies=_may("read"),
    responses=refuses(ProposalNotFound, SubmissionNotFound),
    summary="Read a proposal as it was submitted",
)
async def get_submission(proposal_id: UUID, submission_id: UUID, uow: Uow) -> Submission:
    return await queries.get_submission(uow.session, proposal_id, submission_id)


@router.post(
    "/{proposal_id}/programs",
    response_model=program_schemas.ProgramRead,
    status_code=201,
    dependencies=_may("change"),
    responses=refuses(*EDIT, *SUMS, *DISTINCT, *LINKS),
    summary="Add a program, with its lines if they are known",
)
async def add_program(
    proposal_id: UUID, body: program_schemas.ProgramCreate, uow: Uow
) -> programs.Program:
    return await usecases.add_program(uow, proposal_id, body)


@router.patch(
    PROGRAM,
    response_model=program_schemas.ProgramRead,
    dependencies=_may_now("change"),
    responses=refuses(*EDIT, programs.ProgramNotFound, MatchMissing, *DISTINCT, *LINKS),
    summary="Edit a program",
)
async def change_program(
    proposal_id: UUID, program_id: UUID, body: program_schemas.ProgramChange, uow: Uow
) -> programs.Program:
    return await usecases.change_program(uow, proposal_id, program_id, body)


@router.delete(
    PROGRAM,
    status_code=204,
    dependencies=_may_now("change"),
    responses=refuses(*EDIT, programs.ProgramNotFound, MatchMissing),
    summary="Take a program with its lines out",
)
async def delete_program(proposal_id: UUID, program_id: UUID, uow: Uow) -> None:
    await usecases.delete_program(uow, proposal_id, program_id)


@router.post(
    PROGRAM + "/line-items",
    response_model=line_schemas.LineItemRead,
    status_code=201,
    dependencies=_may("change"),
    responses=refuses(*EDIT, programs.ProgramNotFound, *SUMS),
    summary="Add a line item",
)
async def add_line_item(
    proposal_id: UUID, program_id: UUID, body: line_schemas.LineItemCreate, uow: Uow
) -> lines.LineItem:
    return await usecases.add_line_item(uow, proposal_id, program_id, body)


@router.patch(
    LINE_ITEM,
    response_model=line_schemas.LineItemRead,
    dependencies=_may_now("change"),
    responses=refuses(*EDIT, programs.ProgramNotFound, lines.LineItemNotFound, MatchMissing, *SUMS),
    summary="Edit a line item",
)
async def change_line_item(
    proposal_id: UUID,
    program_id: UUID,
    line_item_id: UUID,
    body: line_schemas.LineItemChange,
    uow: Uow,
) -> lines.LineItem:
    return await usecases.change_line_item(uow, proposal_id, program_id, line_item_id, body)


@router.delete(
    LINE_ITEM,
    status_code=204,
    dependencies=_may_now("change"),
    responses=refuses(*EDIT, programs.ProgramNotFound, lines.LineItemNotFound, MatchMissing),
    summary="Take a line item out",
)
async def delete_line_item(
    proposal_id: UUID, program_id: UUID, line_item_id: UUID, uow: Uow
) -> None:
    await usecases.delete_line_item(uow, proposal_id, program_id, line_item_id)
