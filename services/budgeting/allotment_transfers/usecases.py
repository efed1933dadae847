"""What the giver does with a transfer, and how its money leaves and arrives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations.events import AllocationAdjusted, AllocationApproved
from services.budgeting.allocations.model import Allocation, AllocationStatus
from services.budgeting.allotment_transfers.events import (
    AllotmentTransferGiven,
    AllotmentTransferReceived,
    AllotmentTransferRefused,
)
from services.budgeting.allotment_transfers.model import (
    AllotmentTransfer,
    TransferExceeds,
    TransferStatus,
    TransferToOneself,
)
from services.budgeting.allotment_transfers.queries import (
    find_allocation_to_raise,
    find_item_of_act,
    get_levels,
    get_transfer,
)
from services.budgeting.allotment_transfers.schemas import (
    AllotmentTransferCreate,
    TransferReceipt,
)
from services.budgeting.allotments.events import AllotmentAdjusted, AllotmentReleased
from services.budgeting.allotments.model import Allotment, AllotmentKind, AllotmentStatus
from services.budgeting.allotments.usecases import RELEASES
from services.budgeting.appropriation_items.events import (
    AppropriationItemAdjusted,
    AppropriationItemReceived,
)
from services.budgeting.appropriation_items.model import AppropriationItem, ItemStatus
from services.budgeting.deliveries.model import Delivery, DeliveryStatus
from services.budgeting.known_organizations.usecases import check_organizations
from services.budgeting.numbering.usecases import take_number
from services.budgeting.postings.model import PostingKind
from services.budgeting.postings.usecases import post

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Movement:
    """The same amount through all three levels: how much, when, by which paper and why."""

    amount: Decimal
    on: date
    reference: str
    reason: str
    reverses_id: UUID | None = None


async def create_transfer(uow: UnitOfWork, told: AllotmentTransferCreate) -> AllotmentTransfer:
    """Plan to give a part of an allotment away; nothing moves before the issuer's release."""
    me = uow.actor.org_id
    if told.to_org_id == me:
        raise TransferToOneself(pointer="/body/to_org_id")
    await check_organizations(uow, [("/body/to_org_id", told.to_org_id)])
    item, allocation, allotment = await get_levels(uow.session, me, told.allotment_id)
    allotment.check_status(AllotmentStatus.released)
    if told.amount > allotment.available_amount:
        raise TransferExceeds(f"{allotment.available_amount} is left.", pointer="/body/amount")
    transfer = AllotmentTransfer(
        **dict(told),
        issuer_org_id=item.issuer_org_id,
        act_item_id=item.act_item_id,
        fiscal_year=allotment.fiscal_year,
        program_title=allocation.program_title,
        expense_class=allotment.expense_class,
        funding_source=allotment.funding_source,
        quarter=allotment.quarter,
        remarks="",
        status=TransferStatus.draft,
    )
    uow.session.add(transfer)
    return transfer


async def delete_transfer(uow: UnitOfWork, transfer_id: UUID) -> None:
    """Remove a draft."""
    transfer = await _locked(uow, transfer_id)
    transfer.check_status(TransferStatus.draft)
    await uow.session.delete(transfer)


async def approve_transfer(uow: UnitOfWork, transfer_id: UUID) -> AllotmentTransfer:
    """Agree to what someone else prepared; the issuer of the act sees it from here on."""
    transfer = await _locked(uow, transfer_id)
    transfer.approve(by=uow.actor.user_id, at=uow.now())
    return transfer


async def withdraw_transfer(uow: UnitOfWork, transfer_id: UUID) -> AllotmentTransfer:
    """Take it back before it is released; it is a draft again."""
    transfer = await _locked(uow, transfer_id)
    transfer.withdraw()
    return transfer


async def give_transfer(
    uow: UnitOfWork, transfer: AllotmentTransfer, *, on: date, reference: str, by: UUID
) -> None:
    """Take a released transfer off the own books, never below what is bound, and send it on."""
    levels = await get_levels(uow.session, uow.actor.org_id, transfer.allotment_id, lock=True)
    levels[2].check_status(AllotmentStatus.released)
    moved = Movement(-transfer.amount, on, reference, transfer.reason)
    transfer.posting_id = await _move(uow, levels, moved)
    transfer.status, transfer.given_on = TransferStatus.given, on
    _tell(uow, levels)
    given = AllotmentTransferGiven.about(transfer, levels[0], reference=reference, by=by)
    uow.publish(given, of=transfer)


async def receive_transfer(uow: UnitOfWork, told: TransferReceipt, *, giver: UUID) -> None:
    """Take what another organization gave into the own books, as a released allotment."""
    item = await find_item_of_act(uow.session, told.issuer_org_id, told.act_item_id)
    is_first = item is None
    item = item or await _kept(uow, _item(told))
    allocation = await find_allocation_to_raise(uow.session, item.id, told.program_title)
    is_new = allocation is None
    allocation = allocation or await _kept(uow, _allocation(uow, told, item))
    allocation.check_open()
    number = await take_number(uow, RELEASES, told.fiscal_year)
    allotment = await _kept(uow, _allotment(uow, told, allocation, number))
    moved = Movement(told.amount, told.given_on, told.reference, told.reason)
    await _move(uow, (item, allocation, allotment), moved)
    received = AppropriationItemReceived if is_first else AppropriationItemAdjusted
    uow.publish(received.about(item), of=item)
    raised = AllocationApproved if is_new else AllocationAdjusted
    uow.publish(raised.about(allocation), of=allocation)
    uow.publish(AllotmentReleased.about(allotment), of=allotment)
    answer = AllotmentTransferReceived(
        allotment_transfer_id=told.allotment_transfer_id, for_org_id=giver, amount=told.amount
    )
    uow.publish(answer, of=allotment)


async def answer_refusal(uow: UnitOfWork, delivery: Delivery, told: TransferReceipt) -> None:
    """Send back what could not be taken here."""
    if delivery.status == DeliveryStatus.refused:
        answer = AllotmentTransferRefused(
            allotment_transfer_id=told.allotment_transfer_id,
            for_org_id=delivery.issuer_org_id,
            amount=told.amount,
            reason=delivery.reason,
        )
        uow.publish(answer, of=delivery)


async def note_receipt(uow: UnitOfWork, transfer_id: UUID) -> None:
    """Know that what was given arrived; only another transfer brings it back."""
    transfer = await get_transfer(uow.session, transfer_id, lock=True)
    transfer.check_status(TransferStatus.given)
    transfer.status = TransferStatus.received


async def return_transfer(uow: UnitOfWork, transfer_id: UUID, reason: str) -> None:
    """Have back what the other organization could not take, on the day it was given."""
    transfer = await get_transfer(uow.session, transfer_id, lock=True)
    transfer.check_status(TransferStatus.given)
    levels = await get_levels(uow.session, uow.actor.org_id, transfer.allotment_id, lock=True)
    on = cast("date", transfer.given_on)
    reference = f"Transfer {transfer.id}"
    await _move(uow, levels, Movement(transfer.amount, on, reference, reason, transfer.posting_id))
    transfer.status, transfer.remarks = TransferStatus.returned, reason
    _tell(uow, levels)


async def _move(
    uow: UnitOfWork, levels: tuple[AppropriationItem, Allocation, Allotment], moved: Movement
) -> UUID:
    """Post one amount on all three levels; return the line of the allotment."""
    item, allocation, allotment = levels
    lines: list[tuple[PostingKind, dict[str, Any]]] = [
        (PostingKind.appropriation_adjusted, {"item_id": item.id}),
        (PostingKind.allocation_adjusted, {"allocation_id": allocation.id}),
        (
            PostingKind.allotment_transferred,
            {"allotment_id": allotment.id, "reverses_id": moved.reverses_id},
        ),
    ]
    for kind, level in lines if moved.amount > 0 else reversed(lines):
        posting_id = await post(
            uow,
            kind=kind,
            amount=moved.amount,
            posted_on=moved.on,
            reference=moved.reference,
            reason=moved.reason,
            pointer="/path/allotment_transfer_id",
            **level,
        )
        if kind == PostingKind.allotment_transferred:
            told = posting_id
    return told


def _tell(uow: UnitOfWork, levels: tuple[AppropriationItem, Allocation, Allotment]) -> None:
    item, allocation, allotment = levels
    uow.publish(AppropriationItemAdjusted.about(item), of=item)
    uow.publish(AllocationAdjusted.about(allocation), of=allocation)
    uow.publish(AllotmentAdjusted.about(allotment), of=allotment)


def _item(told: TransferReceipt) -> AppropriationItem:
    """Return the act's item as it begins here: nothing was enacted for this organization."""
    names = ("issuer_org_id", "appropriation_id", "act_item_id", "act_reference", "kind")
    more = ("fiscal_year", "prexc_code", "expense_class", "funding_source", "special_provision")
    return AppropriationItem(
        **{name: getattr(told, name) for name in (*names, *more)},
        program_title=told.item_title,
        valid_until=told.valid_until,
        is_for_later_release=False,
        is_lump_sum=False,
        status=ItemStatus.current,
        enacted_amount=ZERO,
        appropriated_amount=ZERO,
        allocated_amount=ZERO,
    )


def _allocation(uow: UnitOfWork, told: TransferReceipt, item: AppropriationItem) -> Allocation:
    return Allocation(
        appropriation_item_id=item.id,
        program_title=told.program_title,
        fiscal_year=item.fiscal_year,
        expense_class=item.expense_class,
        funding_source=item.funding_source,
        remarks=told.reason,
        stored_status=AllocationStatus.approved,
        amount=told.amount,
        allocated_amount=ZERO,
        allotted_amount=ZERO,
        obligated_amount=ZERO,
        disbursed_amount=ZERO,
        prepared_by=uow.actor.user_id,
        approved_by=told.released_by,
        approved_at=uow.now(),
    )


def _allotment(
    uow: UnitOfWork, told: TransferReceipt, allocation: Allocation, number: int
) -> Allotment:
    is_of_year = told.quarter is None
    return Allotment(
        allocation_id=allocation.id,
        fiscal_year=allocation.fiscal_year,
        expense_class=allocation.expense_class,
        funding_source=allocation.funding_source,
        quarter=told.quarter,
        kind=AllotmentKind.comprehensive if is_of_year else AllotmentKind.sub_allotment,
        status=AllotmentStatus.released,
        remarks=told.reason,
        amount=told.amount,
        release_number=number,
        release_reference=told.reference,
        released_on=told.given_on,
        approved_by=told.released_by,
        approved_at=uow.now(),
        released_by=uow.actor.user_id,
        released_at=uow.now(),
    )


async def _kept(uow: UnitOfWork, row: Any) -> Any:
    uow.session.add(row)
    await uow.session.flush()
    return row


async def _locked(uow: UnitOfWork, transfer_id: UUID) -> AllotmentTransfer:
    transfer = await get_transfer(uow.session, transfer_id, lock=True)
    uow.expect(transfer)
    return transfer
