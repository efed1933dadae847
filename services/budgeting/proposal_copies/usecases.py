"""Beginning a proposal from an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from services.budgeting.line_items.model import AmountTooLarge, LineItem, line_amount
from services.budgeting.line_items.schemas import LineItemCreate
from services.budgeting.object_codes.model import Catalogue
from services.budgeting.object_codes.queries import get_catalogue
from services.budgeting.program_links.queries import list_known_assessments, list_known_goals
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.programs.schemas import ProgramCreate, TagShare
from services.budgeting.proposal_copies.model import (
    COPIED,
    OF_OTHER_YEARS,
    NotCopied,
    copied_line,
    copied_tags,
)
from services.budgeting.proposal_copies.queries import find_successors
from services.budgeting.proposal_copies.schemas import NotCopiedRead, ProposalCopied, ProposalCopy
from services.budgeting.proposals.queries import get_proposal
from services.budgeting.proposals.schemas import ProposalCreate, ProposalRead
from services.budgeting.proposals.usecases import create_proposal

GONE = "It is not known for this fiscal year; link another one."
OTHER_YEARS = "It is about other years; enter it anew."
REFERENCE = "The procurement plan is another one; enter its reference anew."


async def copy_proposal(uow: UnitOfWork, proposal_id: UUID, told: ProposalCopy) -> ProposalCopied:
    """Begin a draft with the programs and lines of another proposal, and say what it lacks."""
    source = await get_proposal(uow.session, proposal_id)
    left_out: list[NotCopied] = []
    links = await _links(uow, source.programs, told.fiscal_year, left_out)
    catalogue = await get_catalogue(uow.session, told.fiscal_year)
    programs = [
        _program(program, links[program.id], told, catalogue, left_out)
        for program in source.programs
    ]
    # What is stored was valid when it was sent; only what the year changes is asked again.
    body = ProposalCreate.model_construct(
        title=told.title or source.title,
        fiscal_year=told.fiscal_year,
        kind=told.kind,
        description=source.description,
        programs=programs,
    )
    try:
        proposal = await create_proposal(uow, body)
    except AmountTooLarge as refusal:
        raise AmountTooLarge(refusal.detail, pointer="/body/raise_percent") from refusal
    await uow.session.flush()
    return ProposalCopied(
        proposal=ProposalRead.model_validate(proposal),
        not_copied=[NotCopiedRead.model_validate(each) for each in left_out],
    )


async def _links(
    uow: UnitOfWork, programs: Sequence[Program], fiscal_year: int, left_out: list[NotCopied]
) -> dict[UUID, dict[str, UUID | None]]:
    """Return each program's links that lead somewhere in the year; at most three statements."""
    session = uow.session
    ppas = {each.ppa_id for each in programs if each.ppa_id}
    goals = {each.goal_id for each in programs if each.goal_id}
    assessments = {each.assessment_id for each in programs if each.assessment_id}
    after = await find_successors(session, ppas, fiscal_year) if ppas else {}
    known_goals = await list_known_goals(session, goals, fiscal_year) if goals else set()
    known = await list_known_assessments(session, assessments) if assessments else set()
    found: dict[UUID, dict[str, UUID | None]] = {}
    for program in programs:
        links = {
            "ppa_id": after.get(program.ppa_id) if program.ppa_id else None,
            "goal_id": program.goal_id if program.goal_id in known_goals else None,
            "assessment_id": program.assessment_id if program.assessment_id in known else None,
        }
        for name, link in links.items():
            before = getattr(program, name)
            if before is not None and link is None:
                left_out.append(NotCopied(program.title, None, name, str(before), GONE))
        found[program.id] = links
    return found


def _program(
    program: Program,
    links: dict[str, UUID | None],
    told: ProposalCopy,
    catalogue: Catalogue,
    left_out: list[NotCopied],
) -> ProgramCreate:
    lines = []
    for line in program.line_items:
        values = _line(program, line, told, catalogue, left_out)
        if values is not None:
            lines.append(values)
    left_out.extend(
        NotCopied(program.title, None, name, f"{amount:.2f}", OTHER_YEARS)
        for name in OF_OTHER_YEARS
        if (amount := getattr(program, name)) is not None
    )
    total = sum((line_amount(each.unit_cost_amount, each.quantity) for each in lines), ZERO)
    shares = [TagShare(tag=tag["tag"], amount=tag["amount"]) for tag in copied_tags(program, total)]
    kept: dict[str, Any] = {name: getattr(program, name) for name in COPIED}
    return ProgramCreate.model_construct(
        **{**kept, **links}, priority_rank=program.priority_rank, tags=shares, line_items=lines
    )


def _line(
    program: Program,
    line: LineItem,
    told: ProposalCopy,
    catalogue: Catalogue,
    left_out: list[NotCopied],
) -> LineItemCreate | None:
    """Return the line as the year allows it; None, with the reason kept, when it does not."""
    values = LineItemCreate.model_construct(**copied_line(line, told.raise_percent))
    try:
        catalogue.check(values)
    except Refusal as refusal:
        field = (refusal.pointer or "").rpartition("/")[2]
        value = str(getattr(line, field))
        reason = f"{refusal.title} {refusal.detail}"
        left_out.append(NotCopied(program.title, line.description, field, value, reason))
        return None
    if line.procurement_reference:
        value = line.procurement_reference
        left_out.append(
            NotCopied(program.title, line.description, "procurement_reference", value, REFERENCE)
        )
    return values
