"""Everything a person can do with an allotment, one function a verb."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations.queries import get_allocation_to_charge
from services.budgeting.allotments.events import (
    AllotmentAdjusted,
    AllotmentCancelled,
    AllotmentClosed,
    AllotmentReleased,
)
from services.budgeting.allotments.model import (
    AllocationSpokenFor,
    Allotment,
    AllotmentKind,
    AllotmentStatus,
)
from services.budgeting.allotments.queries import (
    get_locked_allotment,
    sum_waiting,
)
from services.budgeting.allotments.schemas import (
    AllotmentAdjust,
    AllotmentCancel,
    AllotmentChange,
    AllotmentCreate,
    AllotmentRelease,
)
from services.budgeting.known_organizations.usecases import check_organizations
from services.budgeting.numbering.usecases import take_number
from services.budgeting.postings.model import PostingKind
from services.budgeting.postings.usecases import post

RELEASES = "allotment_release"


async def create_allotment(uow: UnitOfWork, told: AllotmentCreate) -> Allotment:
    """Ask for a part of an allocation; nothing can be obligated before it is released."""
    allocation = await get_allocation_to_charge(uow.session, told.allocation_id)
    allocation.check_open()
    allotment = Allotment(
        **dict(told),
        fiscal_year=allocation.fiscal_year,
        expense_class=allocation.expense_class,
        funding_source=allocation.funding_source,
        status=AllotmentStatus.pending,
        release_reference="",
    )
    if allotment.kind == AllotmentKind.comprehensive:
        allotment.quarter = None
    elif allotment.quarter is None:
        allotment.quarter = 1
    await _check_room(uow, allotment)
    uow.session.add(allotment)
    return allotment


async def change_allotment(uow: UnitOfWork, allotment_id: UUID, told: AllotmentChange) -> Allotment:
    """Ask for another amount, before anybody agreed."""
    allotment = await _locked(uow, allotment_id)
    allotment.check_status(AllotmentStatus.pending)
    for name, value in told.changes().items():
        setattr(allotment, name, value)
    await _check_room(uow, allotment)
    return allotment


async def approve_allotment(uow: UnitOfWork, allotment_id: UUID) -> Allotment:
    """Agree to an allotment that someone else asked for; it still is to be released."""
    allotment = await _locked(uow, allotment_id)
    allotment.approve(by=uow.actor.user_id, at=uow.now())
    return allotment


async def submit_allotment(uow: UnitOfWork, allotment_id: UUID, to: UUID) -> Allotment:
    """Show an approved allotment to the office that releases; it sees this and nothing else."""
    allotment = await _locked(uow, allotment_id)
    allotment.submit(to=to)
    await check_organizations(uow, [("/body/release_org_id", to)])
    return allotment


async def release_allotment(
    uow: UnitOfWork, allotment_id: UUID, told: AllotmentRelease
) -> Allotment:
    """Give the authority with the year's next release number; obligations may begin."""
    allotment = await _locked(uow, allotment_id)
    allotment.check_status(AllotmentStatus.approved)
    number = await take_number(uow, RELEASES, allotment.fiscal_year)
    return await issue_allotment(uow, allotment, told, number)


async def issue_allotment(
    uow: UnitOfWork, allotment: Allotment, told: AllotmentRelease, number: int
) -> Allotment:
    """Release a locked allotment under a number; its amount is the ledger's from here on."""
    allotment.release(by=uow.actor.user_id, at=uow.now(), on=told.released_on, number=number)
    allotment.release_reference = told.release_reference
    await _post(
        uow,
        allotment,
        PostingKind.allotted,
        amount=allotment.amount,
        on=told.released_on,
        reference=told.release_reference or f"{allotment.fiscal_year}-{number:04d}",
    )
    uow.publish(AllotmentReleased.about(allotment), of=allotment)
    return allotment


async def adjust_allotment(uow: UnitOfWork, allotment_id: UUID, told: AllotmentAdjust) -> Allotment:
    """Raise or lower a released allotment by one line of the ledger; never below what is used."""
    allotment = await _locked(uow, allotment_id)
    allotment.check_status(AllotmentStatus.released)
    await _post(
        uow,
        allotment,
        PostingKind.allotment_adjusted,
        amount=told.amount,
        on=told.adjusted_on,
        reference=told.reference,
        reason=told.reason,
    )
    uow.publish(AllotmentAdjusted.about(allotment), of=allotment)
    return allotment


async def cancel_allotment(uow: UnitOfWork, allotment_id: UUID, told: AllotmentCancel) -> Allotment:
    """Give up an allotment of which nothing is used; its amount is the allocation's again."""
    allotment = await _locked(uow, allotment_id)
    allotment.check_cancellable()
    was_released = allotment.status == AllotmentStatus.released
    if allotment.allotted_amount:
        await _post(
            uow,
            allotment,
            PostingKind.allotment_adjusted,
            amount=-allotment.allotted_amount,
            on=told.cancelled_on,
            reference=allotment.release_reference or "cancelled",
            reason=told.reason,
        )
    allotment.status = AllotmentStatus.cancelled
    allotment.remarks = told.reason
    if was_released:
        await uow.session.flush()
        uow.publish(AllotmentCancelled.about(allotment), of=allotment)
    return allotment


async def close_allotment(uow: UnitOfWork, allotment_id: UUID) -> Allotment:
    """End an allotment; what is not obligated lapses, what is may still be paid."""
    allotment = await _locked(uow, allotment_id)
    allotment.close()
    uow.publish(AllotmentClosed.about(allotment), of=allotment)
    return allotment


async def _locked(uow: UnitOfWork, allotment_id: UUID) -> Allotment:
    allotment = await get_locked_allotment(uow.session, uow.actor.org_id, allotment_id)
    uow.expect(allotment)
    return allotment


async def _check_room(uow: UnitOfWork, allotment: Allotment) -> None:
    allocation = await get_allocation_to_charge(uow.session, allotment.allocation_id)
    waiting = await sum_waiting(uow.session, allocation.id, but=allotment.id)
    left = allocation.unallotted_amount - waiting
    if allotment.amount > left:
        raise AllocationSpokenFor(f"{left} is left.", pointer="/body/amount")


async def _post(  # noqa: PLR0913 (a line of the ledger)
    uow: UnitOfWork,
    allotment: Allotment,
    kind: PostingKind,
    *,
    amount: Decimal,
    on: date,
    reference: str,
    reason: str = "",
) -> None:
    await post(
        uow,
        kind=kind,
        amount=amount,
        allotment_id=allotment.id,
        posted_on=on,
        reference=reference,
        reason=reason,
    )
