"""What issuers decide on this organization's realignments."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.deliveries.usecases import deliver
from services.budgeting.realignment_decisions import usecases


class IssuedDecision(BaseModel):
    """Which realignment it is about, and what it says."""

    realignment_decision_id: UUID
    realignment_id: UUID
    amount: Decimal
    verdict: str
    remarks: str


@subscriber("budgeting.realignment_decision.issued.v1", acts_for="for_org_id")
async def follow_issued_decision(event: IssuedDecision, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let the money move or stay, or tell the issuer why that cannot be."""
    effect = usecases.follow_issued_decision(
        uow,
        event.realignment_id,
        issuer=meta.org_id,
        amount=event.amount,
        refused_for=None if event.verdict == "approved" else event.remarks,
    )
    await deliver(uow, meta, event.realignment_decision_id, effect)
