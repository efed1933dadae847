"""What others give to this organization, and what they answer to what it gave."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from libs.outbox.event import EventMeta
from libs.outbox.inbox import subscriber
from libs.outbox.uow import UnitOfWork
from services.budgeting.allotment_transfers import usecases
from services.budgeting.allotment_transfers.schemas import TransferReceipt
from services.budgeting.deliveries.usecases import deliver


class Receipt(BaseModel):
    """Which transfer arrived."""

    allotment_transfer_id: UUID


class Refusal(BaseModel):
    """Which transfer could not be taken, and why."""

    allotment_transfer_id: UUID
    reason: str


@subscriber("budgeting.allotment_transfer.given.v1", acts_for="for_org_id")
async def receive_transfer(event: TransferReceipt, uow: UnitOfWork, meta: EventMeta) -> None:
    """Take what was given into this organization's books, or send it back with the reason."""
    effect = usecases.receive_transfer(uow, event, giver=meta.org_id)
    delivery = await deliver(uow, meta, event.allotment_transfer_id, effect)
    await usecases.answer_refusal(uow, delivery, event)


@subscriber("budgeting.allotment_transfer.received.v1", acts_for="for_org_id")
async def note_receipt(event: Receipt, uow: UnitOfWork) -> None:
    """Know that it arrived."""
    await usecases.note_receipt(uow, event.allotment_transfer_id)


@subscriber("budgeting.allotment_transfer.refused.v1", acts_for="for_org_id")
async def return_transfer(event: Refusal, uow: UnitOfWork) -> None:
    """Have it back; where the books refuse that, the event waits for an operator."""
    await usecases.return_transfer(uow, event.allotment_transfer_id, event.reason)
