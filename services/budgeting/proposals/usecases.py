"""Everything a person can do with a budget proposal, one function a verb."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.fiscal_years.model import check_open
from services.budgeting.line_items.model import LineItem
from services.budgeting.line_items.schemas import LineItemChange, LineItemCreate
from services.budgeting.object_codes.model import Classified
from services.budgeting.object_codes.usecases import check_lines
from services.budgeting.program_links.model import Links
from services.budgeting.program_links.usecases import check_links
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.programs.schemas import ProgramChange, ProgramCreate
from services.budgeting.proposal_states.model import (
    AnnualProposalExists,
    ProposalKind,
    ProposalStatus,
)
from services.budgeting.proposals.model import Proposal
from services.budgeting.proposals.queries import (
    find_live_annual_proposal,
    get_line_item,
    get_next_number,
    get_program,
    get_proposal,
)
from services.budgeting.proposals.schemas import ProposalChange, ProposalCreate


async def create_proposal(uow: UnitOfWork, told: ProposalCreate) -> Proposal:
    """Begin a draft, with its programs and lines if they are known; nobody else sees it yet."""
    check_open(told.fiscal_year, uow.today())
    proposal = Proposal(
        title=told.title,
        description=told.description,
        fiscal_year=told.fiscal_year,
        kind=told.kind,
        number=await _number(uow, told),
        status=ProposalStatus.draft,
        revision=0,
        remarks="",
        total_requested_amount=ZERO,
        preparers=[uow.actor.user_id],
        programs=[],
    )
    for index, program in enumerate(told.programs):
        _add_program(proposal, program, f"/body/programs/{index}")
    links = [_links(each, f"/body/programs/{index}") for index, each in enumerate(told.programs)]
    await check_links(uow, links, told.fiscal_year)
    lines = [
        each
        for index, program in enumerate(told.programs)
        for each in _lines(program, f"/body/programs/{index}")
    ]
    await check_lines(uow, lines, told.fiscal_year)
    proposal.recount("/body/programs")
    uow.session.add(proposal)
    return proposal


async def change_proposal(uow: UnitOfWork, proposal_id: UUID, told: ProposalChange) -> Proposal:
    """Edit a draft or returned proposal; a submitted one can no longer be changed."""
    proposal = await _locked(uow, proposal_id)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    _assign(proposal, told.changes())
    return proposal


async def delete_proposal(uow: UnitOfWork, proposal_id: UUID) -> None:
    """Remove a draft that was never submitted, with its programs and lines."""
    proposal = await _locked(uow, proposal_id)
    proposal.check_deletable()
    await uow.session.delete(proposal)


async def add_program(uow: UnitOfWork, proposal_id: UUID, told: ProgramCreate) -> Program:
    """Add a program, with its lines if they are known, to a proposal that is still edited."""
    proposal = await _locked(uow, proposal_id)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    program = _add_program(proposal, told, "/body")
    await check_links(uow, [_links(told, "/body")], proposal.fiscal_year)
    await check_lines(uow, _lines(told, "/body"), proposal.fiscal_year)
    proposal.recount("/body/line_items")
    return program


async def change_program(
    uow: UnitOfWork, proposal_id: UUID, program_id: UUID, told: ProgramChange
) -> Program:
    """Edit a program of a proposal that is still edited; its sums are never typed."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    program = get_program(proposal, program_id)
    uow.expect(program)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    changes = told.changes()
    if "tags" in changes:
        changes["tags"] = [share.model_dump(mode="json") for share in told.tags]
    _assign(program, changes)
    proposal.check_distinct(program, "/body")
    await check_links(uow, [_links(told, "/body")], proposal.fiscal_year)
    return program


async def delete_program(uow: UnitOfWork, proposal_id: UUID, program_id: UUID) -> None:
    """Take a program with its lines out of a proposal that is still edited."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    program = get_program(proposal, program_id)
    uow.expect(program)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    proposal.programs.remove(program)
    proposal.recount("/body")


async def add_line_item(
    uow: UnitOfWork, proposal_id: UUID, program_id: UUID, told: LineItemCreate
) -> LineItem:
    """Add a line at the end of a program; the sums above it follow."""
    proposal = await _locked(uow, proposal_id)
    program = get_program(proposal, program_id)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    line = _add_line_item(program, told, "/body")
    await check_lines(uow, [(told, "/body")], proposal.fiscal_year)
    program.touch(uow.now())
    proposal.recount("/body/unit_cost_amount")
    return line


async def change_line_item(
    uow: UnitOfWork,
    proposal_id: UUID,
    program_id: UUID,
    line_item_id: UUID,
    told: LineItemChange,
) -> LineItem:
    """Edit a line of a proposal that is still edited; the sums above it follow."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    program = get_program(proposal, program_id)
    line = get_line_item(program, line_item_id)
    uow.expect(line)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    _assign(line, told.changes())
    line.price()
    await check_lines(uow, [(line, "/body")], proposal.fiscal_year)
    program.touch(uow.now())
    proposal.recount("/body/unit_cost_amount")
    return line


async def delete_line_item(
    uow: UnitOfWork, proposal_id: UUID, program_id: UUID, line_item_id: UUID
) -> None:
    """Take a line out of a proposal that is still edited; the sums above it follow."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    program = get_program(proposal, program_id)
    line = get_line_item(program, line_item_id)
    uow.expect(line)
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    program.line_items.remove(line)
    program.touch(uow.now())
    proposal.recount("/body")


async def _locked(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    uow.expect(proposal)
    return proposal


def _links(told: ProgramCreate | ProgramChange, pointer: str) -> Links:
    return Links(told.ppa_id, told.goal_id, told.assessment_id, pointer)


def _lines(told: ProgramCreate, pointer: str) -> list[tuple[Classified, str]]:
    return [(line, f"{pointer}/line_items/{index}") for index, line in enumerate(told.line_items)]


async def _number(uow: UnitOfWork, told: ProposalCreate) -> int | None:
    if told.kind == ProposalKind.supplemental:
        return await get_next_number(uow.session, uow.actor.org_id, told.fiscal_year)
    other = await find_live_annual_proposal(uow.session, told.fiscal_year)
    if other is not None:
        raise AnnualProposalExists(f"“{other.title}” is {other.status}.")
    return None


def _add_program(proposal: Proposal, told: ProgramCreate, pointer: str) -> Program:
    last = max((each.priority_rank for each in proposal.programs), default=0)
    plain = dict(told)
    for own in ("priority_rank", "line_items", "tags"):
        del plain[own]
    program = Program(
        **plain,
        tags=[share.model_dump(mode="json") for share in told.tags],
        priority_rank=told.priority_rank or last + 1,
        requested_amount=ZERO,
        line_items=[],
    )
    proposal.check_distinct(program, pointer)
    for index, line in enumerate(told.line_items):
        _add_line_item(program, line, f"{pointer}/line_items/{index}")
    proposal.programs.append(program)
    return program


def _add_line_item(program: Program, told: LineItemCreate, pointer: str) -> LineItem:
    last = max((line.display_order for line in program.line_items), default=0)
    line = LineItem(**dict(told), display_order=last + 1)
    line.price(pointer)
    program.line_items.append(line)
    return line


def _assign(row: object, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
