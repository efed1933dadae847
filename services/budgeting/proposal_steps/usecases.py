"""The steps of a whole proposal, one function a verb."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.budget_calls.model import BudgetCall
from services.budgeting.budget_calls.queries import find_extended_deadline, find_issued_call
from services.budgeting.ceilings.usecases import keep_to_ceilings
from services.budgeting.decisions.model import Decision, Step
from services.budgeting.endorsements.usecases import check_endorsements
from services.budgeting.object_codes.usecases import check_stored_lines
from services.budgeting.programs.model import Grant
from services.budgeting.programs.schemas import ProgramApprove
from services.budgeting.proposal_states.model import ProposalKind
from services.budgeting.proposals.events import (
    ProposalApproved,
    ProposalRejected,
    ProposalReturned,
    ProposalReviewed,
    ProposalSubmitted,
    ProposalWithdrawn,
)
from services.budgeting.proposals.model import Proposal
from services.budgeting.proposals.queries import (
    get_proposal,
    get_submission_of,
    store_approved_amounts,
)
from services.budgeting.proposals.schemas import ProposalApprove, ProposalRead
from services.budgeting.reviews.model import ReviewStatus
from services.budgeting.reviews.queries import get_review
from services.budgeting.submissions.model import Submission, Withdrawal, totals_of


async def endorse_proposal(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    """Stand for a complete proposal as the head of the organization; any edit undoes it."""
    proposal = await _locked(uow, proposal_id)
    proposal.endorse(by=uow.actor.user_id, at=uow.now())
    _record(uow, proposal, Step.endorsed)
    return proposal


async def submit_proposal(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    """Hand a complete proposal in as its next revision, frozen; it can no longer be edited."""
    proposal = await _locked(uow, proposal_id)
    proposal.submit(by=uow.actor.user_id, at=uow.now())
    call = await find_issued_call(uow.session, proposal.fiscal_year)
    if call is not None:
        await _answer(uow, proposal, call)
    await _check_lines(uow, proposal)
    await uow.session.flush()
    content = ProposalRead.model_validate(proposal).model_dump(mode="json", exclude=_NOT_FROZEN)
    totals, warnings = totals_of(content), []
    if call is not None:
        warnings = await keep_to_ceilings(uow, call.id, proposal.id, totals)
        content["endorsements"] = await check_endorsements(uow, proposal)
    _record(uow, proposal, Step.submitted, "; ".join(warnings))
    uow.session.add(
        Submission(
            proposal_id=proposal.id,
            revision=proposal.revision,
            content=content,
            reviewer_org_id=proposal.reviewer_org_id,
            budget_call_id=proposal.budget_call_id,
            title=proposal.title,
            kind=proposal.kind,
            fiscal_year=proposal.fiscal_year,
            total_amount=proposal.total_requested_amount,
            totals=totals,
        )
    )
    uow.publish(ProposalSubmitted.about(proposal), of=proposal)
    return proposal


async def withdraw_proposal(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    """Take a proposal back before review; it is a draft again and no longer counts."""
    proposal = await _locked(uow, proposal_id)
    proposal.withdraw(by=uow.actor.user_id)
    submission = await get_submission_of(uow.session, proposal.id, proposal.revision)
    uow.session.add(
        Withdrawal(submission_id=submission.id, reviewer_org_id=submission.reviewer_org_id)
    )
    _record(uow, proposal, Step.withdrawn)
    uow.publish(ProposalWithdrawn.about(proposal), of=proposal)
    return proposal


async def review_proposal(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    """Open a submitted proposal as its reviewer; it can no longer be withdrawn."""
    proposal = await _locked(uow, proposal_id)
    proposal.check_in_house()
    proposal.review(by=uow.actor.user_id, at=uow.now())
    _record(uow, proposal, Step.reviewed)
    uow.publish(ProposalReviewed.about(proposal), of=proposal)
    return proposal


async def return_proposal(uow: UnitOfWork, proposal_id: UUID, remarks: str) -> Proposal:
    """Give a proposal back with remarks; its preparers can edit and submit it again."""
    proposal = await _locked(uow, proposal_id)
    proposal.check_in_house()
    proposal.return_(by=uow.actor.user_id, remarks=remarks)
    _record(uow, proposal, Step.returned, remarks)
    uow.publish(ProposalReturned.about(proposal), of=proposal)
    return proposal


async def approve_proposal(uow: UnitOfWork, proposal_id: UUID, told: ProposalApprove) -> Proposal:
    """Grant what others asked for, whole or in part; nothing of it changes from here on."""
    proposal = await _locked(uow, proposal_id)
    proposal.check_in_house()
    grants = None if told.programs is None else [_grant(each) for each in told.programs]
    await _approve(uow, proposal, by=uow.actor.user_id, grants=grants, remarks=told.remarks)
    return proposal


async def reject_proposal(uow: UnitOfWork, proposal_id: UUID, reason: str) -> Proposal:
    """Turn a proposal down for good, with the reason; the year is free for another."""
    proposal = await _locked(uow, proposal_id)
    proposal.check_in_house()
    proposal.reject(by=uow.actor.user_id, at=uow.now(), reason=reason)
    _record(uow, proposal, Step.rejected, reason)
    uow.publish(ProposalRejected.about(proposal), of=proposal)
    return proposal


async def begin_issued_review(
    uow: UnitOfWork, proposal_id: UUID, revision: int, reviewer: UUID
) -> None:
    """Follow the issuer of the call, who has opened the submission; no withdrawal from here on."""
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    proposal.check_revision(revision)
    proposal.review(by=reviewer, at=uow.now())
    _record(uow, proposal, Step.reviewed)
    uow.publish(ProposalReviewed.about(proposal), of=proposal)


async def follow_issued_review(uow: UnitOfWork, review_id: UUID, decider: UUID) -> None:
    """Follow the issuer's decision: the proposal is returned, rejected, or granted its amounts."""
    review = await get_review(uow.session, review_id)
    proposal = await get_proposal(uow.session, review.proposal_id, lock=True)
    proposal.check_revision(review.revision)
    if review.status == ReviewStatus.approved:
        grants = [
            Grant(
                UUID(program["program_id"]),
                None,
                [
                    (UUID(line["line_item_id"]), Decimal(line["recommended_amount"]))
                    for line in program["line_items"]
                ],
            )
            for program in review.programs
        ]
        await _approve(uow, proposal, by=decider, grants=grants, remarks=review.remarks)
    elif review.status == ReviewStatus.rejected:
        proposal.reject(by=decider, at=uow.now(), reason=review.remarks)
        _record(uow, proposal, Step.rejected, review.remarks)
        uow.publish(ProposalRejected.about(proposal), of=proposal)
    else:
        proposal.return_(by=decider, remarks=review.remarks)
        _record(uow, proposal, Step.returned, review.remarks)
        uow.publish(ProposalReturned.about(proposal), of=proposal)


_NOT_FROZEN: Any = {
    "allowed_actions": True,
    "programs": {
        "__all__": {"allowed_actions": True, "line_items": {"__all__": {"allowed_actions"}}}
    },
}
"""What depends on who reads is no part of what was submitted."""


def _grant(told: ProgramApprove) -> Grant:
    lines = told.line_items
    return Grant(
        program_id=told.program_id,
        amount=told.approved_amount,
        lines=None
        if lines is None
        else [(each.line_item_id, each.approved_amount) for each in lines],
    )


def _record(uow: UnitOfWork, proposal: Proposal, step: Step, remarks: str = "") -> None:
    granted = proposal.total_approved_amount
    uow.session.add(
        Decision(
            proposal_id=proposal.id,
            revision=proposal.revision,
            stage=step.stage,
            decision=step,
            remarks=remarks,
            amount=proposal.total_requested_amount if granted is None else granted,
            for_user_id=uow.stands_in_for,
        )
    )


async def _locked(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    proposal = await get_proposal(uow.session, proposal_id, lock=True)
    uow.expect(proposal)
    return proposal


async def _check_lines(uow: UnitOfWork, proposal: Proposal) -> None:
    lines = [
        (line, f"“{line.description}” of “{program.title}”")
        for program in proposal.programs
        for line in program.line_items
    ]
    with uow.session.no_autoflush:
        await check_stored_lines(uow, lines, proposal.fiscal_year)


async def _answer(uow: UnitOfWork, proposal: Proposal, call: BudgetCall) -> None:
    """Submit under a call: in time, unless it is supplemental, and with the head's endorsement."""
    if proposal.kind == ProposalKind.annual:
        today = uow.today()
        extended_to = await find_extended_deadline(uow.session, call.id, uow.actor.org_id)
        call.check_accepts(today, extended_to)
    proposal.answer_call(call.id, call.org_id)


async def _approve(
    uow: UnitOfWork,
    proposal: Proposal,
    *,
    by: UUID,
    grants: Sequence[Grant] | None,
    remarks: str,
) -> None:
    with uow.session.no_autoflush:
        proposal.approve(by=by, at=uow.now(), grants=grants)
        await store_approved_amounts(uow.session, proposal, at=uow.now(), by=uow.actor.user_id)
    _record(uow, proposal, Step.approved, remarks)
    uow.publish(ProposalApproved.about(proposal), of=proposal)
