"""What offices of finance release, taking effect on this organization's allotments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.deliveries.usecases import deliver
from services.budgeting.releases import usecases


class IssuedRelease(BaseModel):
    """The allotment that is released, and how."""

    release_id: UUID
    allotment_id: UUID
    amount: Decimal
    released_on: date
    reference: str


@subscriber("budgeting.release.issued.v1", acts_for="for_org_id")
async def follow_issued_release(event: IssuedRelease, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let the allotment be released, or tell the issuer why not."""
    effect = usecases.follow_issued_release(
        uow,
        event.allotment_id,
        usecases.as_told(event.released_on, event.reference),
        amount=event.amount,
        issuer=meta.org_id,
    )
    await deliver(uow, meta, event.release_id, effect)
