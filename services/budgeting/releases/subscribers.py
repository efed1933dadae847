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
    """The allotment or the transfer that is released, and how."""

    release_id: UUID
    allotment_id: UUID
    allotment_transfer_id: UUID | None = None
    amount: Decimal
    released_on: date
    reference: str


@subscriber("budgeting.release.issued.v1", acts_for="for_org_id")
async def follow_issued_release(event: IssuedRelease, uow: UnitOfWork, meta: EventMeta) -> None:
    """Let the allotment be released or the transfer given, or tell the issuer why not."""
    told = usecases.as_told(event.released_on, event.reference)
    issued = usecases.Issued(meta.org_id, meta.actor_id, event.amount)
    if event.allotment_transfer_id is None:
        effect = usecases.follow_issued_release(uow, event.allotment_id, told, issued)
    else:
        effect = usecases.follow_released_transfer(uow, event.allotment_transfer_id, told, issued)
    await deliver(uow, meta, event.release_id, effect)
