"""What an issuer does with decisions on realignments, and what one does elsewhere."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.realignment_decisions.events import RealignmentDecisionIssued
from services.budgeting.realignment_decisions.model import (
    DecisionDrafted,
    DecisionStatus,
    RealignmentDecision,
    Verdict,
    VerdictUnexplained,
)
from services.budgeting.realignment_decisions.queries import (
    find_draft,
    get_realignment_decision,
    get_submitted_realignment,
)
from services.budgeting.realignment_decisions.schemas import RealignmentDecisionCreate
from services.budgeting.realignments.model import RealignmentNotSubmitted
from services.budgeting.realignments.queries import get_realignment
from services.budgeting.realignments.usecases import apply_realignment, turn_down


async def create_realignment_decision(
    uow: UnitOfWork, told: RealignmentDecisionCreate
) -> RealignmentDecision:
    """Draft the decision on a realignment that its organization submitted; nothing changes yet."""
    if told.verdict == Verdict.rejected and not told.remarks:
        raise VerdictUnexplained(pointer="/body/remarks")
    me = uow.actor.org_id
    asked = await get_submitted_realignment(uow.session, told.realignment_id, to=me)
    if await find_draft(uow.session, asked.id) is not None:
        raise DecisionDrafted
    decision = RealignmentDecision(
        **dict(told),
        for_org_id=asked.org_id,
        from_act_item_id=asked.from_act_item_id,
        to_act_item_id=asked.to_act_item_id,
        fiscal_year=asked.fiscal_year,
        amount=asked.amount,
        status=DecisionStatus.draft,
    )
    uow.session.add(decision)
    return decision


async def delete_realignment_decision(uow: UnitOfWork, decision_id: UUID) -> None:
    """Remove a draft."""
    decision = await _locked(uow, decision_id)
    decision.check_draft()
    await uow.session.delete(decision)


async def approve_realignment_decision(uow: UnitOfWork, decision_id: UUID) -> RealignmentDecision:
    """Issue what someone else drafted; it takes effect in the organization that it names."""
    decision = await _locked(uow, decision_id)
    decision.issue(by=uow.actor.user_id, at=uow.now())
    uow.publish(RealignmentDecisionIssued.about(decision), of=decision)
    return decision


async def follow_issued_decision(
    uow: UnitOfWork, realignment_id: UUID, *, issuer: UUID, amount: Decimal, refused_for: str | None
) -> None:
    """Move the own money as the issuer decided, or settle that it stays; all or nothing."""
    realignment = await get_realignment(uow.session, realignment_id, lock=True)
    realignment.check_decider(issuer)
    if realignment.amount != amount:
        raise RealignmentNotSubmitted(f"It asks for {realignment.amount} now.")
    if refused_for is None:
        await apply_realignment(uow, realignment)
    else:
        turn_down(uow, realignment, refused_for)


async def _locked(uow: UnitOfWork, decision_id: UUID) -> RealignmentDecision:
    decision = await get_realignment_decision(uow.session, decision_id, lock=True)
    uow.expect(decision)
    return decision
