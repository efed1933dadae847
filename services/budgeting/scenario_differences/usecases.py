"""Showing what a scenario would make of a draft, and doing exactly that."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.object_codes.usecases import check_stored_lines
from services.budgeting.programs.model import ZERO, Program
from services.budgeting.proposals.model import Proposal
from services.budgeting.proposals.queries import get_proposal
from services.budgeting.scenario_differences.model import (
    Change,
    DifferenceOutdated,
    OtherYear,
    ProgramStep,
    ProposalRightMissing,
    steps_towards,
    take,
)
from services.budgeting.scenario_differences.schemas import (
    LineDifferenceRead,
    ProgramDifferenceRead,
    ScenarioApply,
    ScenarioDifferenceRead,
)
from services.budgeting.scenarios.model import Scenario
from services.budgeting.scenarios.queries import get_scenario


async def get_difference(
    uow: UnitOfWork, scenario_id: UUID, proposal_id: UUID
) -> ScenarioDifferenceRead:
    """Tell what applying the scenario to the proposal would change; nothing is changed."""
    _check_right(uow, "read")
    scenario = await get_scenario(uow.session, scenario_id)
    proposal = await get_proposal(uow.session, proposal_id)
    steps = _steps(scenario, proposal)
    return ScenarioDifferenceRead(
        scenario_id=scenario.id,
        proposal_id=proposal.id,
        proposal_version=proposal.version,
        proposal_status=proposal.status,
        before_amount=proposal.total_requested_amount,
        after_amount=sum((step.after_amount for step in steps), ZERO),
        rest_amount=sum((step.rest_amount for step in steps), ZERO),
        programs=[_told(step) for step in steps],
    )


async def apply_scenario(uow: UnitOfWork, scenario_id: UUID, told: ScenarioApply) -> Scenario:
    """Write the difference that was shown into the draft; whoever does has prepared the draft."""
    _check_right(uow, "change")
    scenario = await get_scenario(uow.session, scenario_id, lock=True)
    uow.expect(scenario)
    scenario.check_applicable()
    proposal = await get_proposal(uow.session, told.proposal_id, lock=True)
    if proposal.version != told.proposal_version:
        raise DifferenceOutdated(pointer="/body/proposal_version")
    proposal.prepare(by=uow.actor.user_id, at=uow.now())
    steps = _steps(scenario, proposal)
    with uow.session.no_autoflush:
        for step in steps:
            take(step)
            if step.change == Change.added:
                _begin(proposal, step)
        proposal.recount("/body/proposal_id")
        await _check_lines(uow, proposal, steps)
    scenario.implement(proposal.id, at=uow.now())
    return scenario


def _check_right(uow: UnitOfWork, verb: str) -> None:
    permission = f"budgeting.proposal.{verb}"
    if not uow.actor.may(permission):
        raise ProposalRightMissing(f"The permission {permission} is needed.")


def _steps(scenario: Scenario, proposal: Proposal) -> list[ProgramStep]:
    if proposal.fiscal_year != scenario.fiscal_year:
        raise OtherYear(f"It is for {proposal.fiscal_year}.")
    return steps_towards(proposal.programs, scenario.rows)


def _begin(proposal: Proposal, step: ProgramStep) -> None:
    """Add a program for a PPA that had none; its lines are its preparers' to enter."""
    last = max((each.priority_rank for each in proposal.programs), default=0)
    proposal.programs.append(
        Program(
            title=step.title,
            ppa_id=step.ppa_id,
            funding_source=step.funding_source,
            justification="",
            expected_outcomes="",
            priority_rank=last + 1,
            requested_amount=ZERO,
            tags=[],
            line_items=[],
        )
    )


async def _check_lines(uow: UnitOfWork, proposal: Proposal, steps: Sequence[ProgramStep]) -> None:
    """Refuse to make lines that the catalogue does not allow, such as a capital outlay too low."""
    lines = [
        (each.line, f"“{each.line.description}” of “{step.title}”")
        for step in steps
        for each in step.lines
    ]
    if lines:
        await check_stored_lines(uow, lines, proposal.fiscal_year)


def _told(step: ProgramStep) -> ProgramDifferenceRead:
    return ProgramDifferenceRead(
        change=step.change,
        program_id=step.program and step.program.id,
        ppa_id=step.ppa_id,
        title=step.title,
        before_amount=step.before_amount,
        scenario_amount=step.scenario_amount,
        after_amount=step.after_amount,
        rest_amount=step.rest_amount,
        line_items=[
            LineDifferenceRead(
                line_item_id=each.line.id,
                description=each.line.description,
                before_unit_cost_amount=each.line.unit_cost_amount,
                after_unit_cost_amount=each.unit_cost_amount,
                before_amount=each.line.requested_amount,
                after_amount=each.amount,
            )
            for each in step.lines
        ],
    )
