"""Every SELECT on proposals, their parts, their decisions and their submissions."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Numeric, Select, Table, Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from libs.chassis.paging import Rows, page
from services.budgeting.decisions.model import Decision
from services.budgeting.line_items.model import LineItem, LineItemNotFound
from services.budgeting.programs.model import Program, ProgramNotFound
from services.budgeting.proposal_states.model import ProposalKind, ProposalNotFound, ProposalStatus
from services.budgeting.proposals.model import Proposal
from services.budgeting.proposals.schemas import DecisionFilter, ProposalFilter, SubmissionFilter
from services.budgeting.submissions.model import Submission, SubmissionNotFound


async def get_proposal(session: AsyncSession, proposal_id: UUID, *, lock: bool = False) -> Proposal:
    statement: Select[Proposal] = (
        select(Proposal)
        .where(Proposal.id == proposal_id)
        .options(selectinload(Proposal.programs).selectinload(Program.line_items))
    )
    if lock:
        statement = statement.with_for_update()
    proposal = (await session.scalars(statement)).one_or_none()
    if proposal is None:
        raise ProposalNotFound
    for program in proposal.programs:
        set_committed_value(program, "proposal", proposal)
        for line in program.line_items:
            set_committed_value(line, "program", program)
    return proposal


async def list_proposals(session: AsyncSession, params: ProposalFilter) -> Rows[Proposal]:
    statement: Select[Proposal] = select(Proposal)
    if params.status is not None:
        statement = statement.where(Proposal.status == params.status)
    if params.fiscal_year is not None:
        statement = statement.where(Proposal.fiscal_year == params.fiscal_year)
    if params.kind is not None:
        statement = statement.where(Proposal.kind == params.kind)
    if params.total_gte is not None:
        statement = statement.where(Proposal.total_requested_amount >= params.total_gte)
    if params.total_lte is not None:
        statement = statement.where(Proposal.total_requested_amount <= params.total_lte)
    return await page(session, statement, Proposal, params)


async def find_live_annual_proposal(session: AsyncSession, fiscal_year: int) -> Proposal | None:
    statement: Select[Proposal] = select(Proposal).where(
        Proposal.kind == ProposalKind.annual,
        Proposal.fiscal_year == fiscal_year,
        Proposal.status != ProposalStatus.rejected,
    )
    return (await session.scalars(statement)).one_or_none()


async def get_next_number(session: AsyncSession, org_id: UUID, fiscal_year: int) -> int:
    """Return the number of the year's next supplemental proposal, held until the commit."""
    series = func.hashtextextended(f"supplemental {org_id} {fiscal_year}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(series)))
    last = await session.scalar(
        select(func.max(Proposal.number)).where(Proposal.fiscal_year == fiscal_year)
    )
    return (last or 0) + 1


def get_program(proposal: Proposal, program_id: UUID) -> Program:
    for program in proposal.programs:
        if program.id == program_id:
            return program
    raise ProgramNotFound


def get_line_item(program: Program, line_item_id: UUID) -> LineItem:
    for line in program.line_items:
        if line.id == line_item_id:
            return line
    raise LineItemNotFound


async def list_decisions(
    session: AsyncSession, proposal_id: UUID, params: DecisionFilter
) -> Rows[Decision]:
    await _check_exists(session, proposal_id)
    statement: Select[Decision] = select(Decision).where(Decision.proposal_id == proposal_id)
    return await page(session, statement, Decision, params)


async def list_submissions(
    session: AsyncSession, proposal_id: UUID, params: SubmissionFilter
) -> Rows[Submission]:
    await _check_exists(session, proposal_id)
    statement: Select[Submission] = (
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .options(defer(Submission.content))
    )
    return await page(session, statement, Submission, params)


async def get_submission(
    session: AsyncSession, proposal_id: UUID, submission_id: UUID
) -> Submission:
    statement: Select[Submission] = select(Submission).where(
        Submission.proposal_id == proposal_id, Submission.id == submission_id
    )
    submission = (await session.scalars(statement)).one_or_none()
    if submission is None:
        await _check_exists(session, proposal_id)
        raise SubmissionNotFound
    return submission


async def get_submission_of(session: AsyncSession, proposal_id: UUID, revision: int) -> Submission:
    statement: Select[Submission] = (
        select(Submission)
        .where(Submission.proposal_id == proposal_id, Submission.revision == revision)
        .options(defer(Submission.content))
    )
    return (await session.scalars(statement)).one()


async def store_approved_amounts(
    session: AsyncSession, proposal: Proposal, *, at: datetime, by: UUID
) -> None:
    """Write what every line was granted in one statement, however many there are."""
    lines = [line for program in proposal.programs for line in program.line_items]
    given = (
        func.unnest(
            bindparam("ids", [line.id for line in lines], ARRAY(Uuid)),
            bindparam("amounts", [line.approved_amount for line in lines], ARRAY(Numeric(18, 2))),
        )
        .table_valued("id", "amount", name="given")
        .render_derived()
    )
    table = cast("Table", LineItem.__table__)
    await session.execute(
        update(table)
        .where(table.c.org_id == proposal.org_id, table.c.id == given.c.id)
        .values(
            approved_amount=given.c.amount,
            version=table.c.version + 1,
            updated_at=at,
            updated_by=by,
        )
    )
    for line in lines:
        told = {"approved_amount": line.approved_amount, "version": line.version + 1}
        for name, value in {**told, "updated_at": at, "updated_by": by}.items():
            set_committed_value(line, name, value)


async def _check_exists(session: AsyncSession, proposal_id: UUID) -> None:
    if await session.scalar(select(Proposal.id).where(Proposal.id == proposal_id)) is None:
        raise ProposalNotFound
