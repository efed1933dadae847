"""What budgeting announces about transfers: the giver's side, and the receiver's."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self
from uuid import UUID

from libs.chassis.shapes import Money
from libs.outbox.event import Event
from services.budgeting.allotment_transfers.model import AllotmentTransfer
from services.budgeting.appropriation_items.model import AppropriationItem


class TransferEvent(Event):
    """The public state of a transfer, with what the other side needs of the authority."""

    allotment_transfer_id: UUID
    for_org_id: UUID
    issuer_org_id: UUID
    appropriation_id: UUID
    act_item_id: UUID
    act_reference: str
    kind: str
    fiscal_year: int
    item_title: str
    prexc_code: str
    program_title: str
    expense_class: str
    funding_source: str
    special_provision: str
    valid_until: date
    quarter: int | None
    amount: Money
    given_on: date
    reference: str
    reason: str
    released_by: UUID


class AllotmentTransferGiven(TransferEvent):
    """An organization gave up authority; the one that it names takes it, or says why not."""

    subject: ClassVar[str] = "budgeting.allotment_transfer.given.v1"

    @classmethod
    def about(
        cls, transfer: AllotmentTransfer, item: AppropriationItem, *, reference: str, by: UUID
    ) -> Self:
        """Return this event for a transfer and the item that it is taken from."""
        of_item = ("appropriation_id", "act_reference", "kind", "prexc_code", "special_provision")
        here = {"allotment_transfer_id", "for_org_id", "item_title", "valid_until", *of_item}
        told = {
            name: getattr(transfer, name)
            for name in set(cls.model_fields) - here - {"reference", "reason", "released_by"}
        }
        return cls(
            allotment_transfer_id=transfer.id,
            for_org_id=transfer.to_org_id,
            item_title=item.program_title,
            valid_until=item.valid_until,
            reference=reference,
            reason=f"{transfer.reason} ({transfer.legal_basis})",
            released_by=by,
            **told,
            **{name: getattr(item, name) for name in of_item},
        )


class TransferAnswer(Event):
    """Which transfer, of how much, and by whom it was given."""

    allotment_transfer_id: UUID
    for_org_id: UUID
    amount: Money


class AllotmentTransferReceived(TransferAnswer):
    """What was given is in the receiver's books; obligations may begin there."""

    subject: ClassVar[str] = "budgeting.allotment_transfer.received.v1"


class AllotmentTransferRefused(TransferAnswer):
    """What was given cannot be taken; the giver has it back when it hears so."""

    subject: ClassVar[str] = "budgeting.allotment_transfer.refused.v1"

    reason: str
