"""What a person does with allocations; every amount that moves is a posting of the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations.events import (
    AllocationApproved,
    AllocationCancelled,
    AllocationClosed,
)
from services.budgeting.allocations.model import (
    Allocation,
    AllocationExists,
    AllocationInUse,
    AllocationStatus,
    AppropriationExceeded,
    LumpSumUnnamed,
    ProgramNotFunded,
)
from services.budgeting.allocations.queries import (
    find_live_allocation,
    get_allocation,
    get_program_to_fund,
)
from services.budgeting.allocations.schemas import AllocationChange, AllocationCreate
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.appropriation_items.queries import get_appropriation_item
from services.budgeting.postings.model import PostingKind
from services.budgeting.postings.usecases import post
from services.budgeting.programs.model import Program
from services.budgeting.proposal_states.model import ProposalStatus

ZERO = Decimal("0.00")


async def create_allocation(uow: UnitOfWork, told: AllocationCreate) -> Allocation:
    """Plan to give a part of an item to a program; the item is untouched until the approval."""
    item = await get_appropriation_item(uow.session, told.appropriation_item_id)
    program = await _program(uow, told.program_id, item)
    title = told.program_title or (program.title if program else item.program_title)
    if item.is_lump_sum and told.program_title is None and program is None:
        raise LumpSumUnnamed(pointer="/body/program_title")
    if await find_live_allocation(uow.session, item.id, told, title) is not None:
        raise AllocationExists
    _check_room(item, told.amount)
    allocation = Allocation(
        appropriation_item_id=item.id,
        program_id=told.program_id,
        program_title=title,
        office=told.office,
        ppa_id=program.ppa_id if program else None,
        fiscal_year=item.fiscal_year,
        expense_class=item.expense_class,
        funding_source=item.funding_source,
        remarks=told.remarks,
        stored_status=AllocationStatus.draft,
        amount=told.amount,
        allocated_amount=ZERO,
        allotted_amount=ZERO,
        obligated_amount=ZERO,
        disbursed_amount=ZERO,
        prepared_by=uow.actor.user_id,
    )
    uow.session.add(allocation)
    return allocation


async def change_allocation(
    uow: UnitOfWork, allocation_id: UUID, told: AllocationChange
) -> Allocation:
    """Edit a draft; whoever does will not approve it."""
    allocation = await _locked(uow, allocation_id)
    allocation.prepare(by=uow.actor.user_id)
    item = await get_appropriation_item(uow.session, allocation.appropriation_item_id)
    for name, value in told.changes().items():
        setattr(allocation, name, value)
    _check_room(item, allocation.amount)
    return allocation


async def delete_allocation(uow: UnitOfWork, allocation_id: UUID) -> None:
    """Remove a draft."""
    allocation = await _locked(uow, allocation_id)
    allocation.prepare(by=uow.actor.user_id)
    await uow.session.delete(allocation)


async def approve_allocation(uow: UnitOfWork, allocation_id: UUID) -> Allocation:
    """Assign the amount to the program for good; the item has as much less to give."""
    allocation = await _locked(uow, allocation_id)
    allocation.approve(by=uow.actor.user_id, at=uow.now())
    await post(
        uow,
        kind=PostingKind.allocated,
        amount=allocation.amount,
        allocation_id=allocation.id,
        posted_on=_day(uow, allocation.fiscal_year),
        reference=f"Allocation {allocation.id}",
        pointer="/path/allocation_id",
    )
    uow.publish(AllocationApproved.about(allocation), of=allocation)
    return allocation


async def close_allocation(uow: UnitOfWork, allocation_id: UUID) -> Allocation:
    """End an allocation with nothing left to pay; nothing more is taken from it."""
    allocation = await _locked(uow, allocation_id)
    allocation.close()
    uow.publish(AllocationClosed.about(allocation), of=allocation)
    return allocation


async def cancel_allocation(uow: UnitOfWork, allocation_id: UUID, reason: str) -> Allocation:
    """Give up an allocation of which nothing is allotted; its amount is the item's again."""
    allocation = await _locked(uow, allocation_id)
    allocation.check_open()
    if allocation.allotted_amount:
        raise AllocationInUse(f"{allocation.allotted_amount} is allotted.")
    if allocation.allocated_amount:  # realignments may have taken all of it
        await post(
            uow,
            kind=PostingKind.allocation_adjusted,
            amount=-allocation.allocated_amount,
            allocation_id=allocation.id,
            posted_on=_day(uow, allocation.fiscal_year),
            reference=f"Allocation {allocation.id}",
            reason=reason,
            pointer="/path/allocation_id",
        )
    allocation.cancel()
    uow.publish(AllocationCancelled.about(allocation), of=allocation)
    return allocation


async def _program(
    uow: UnitOfWork, program_id: UUID | None, item: AppropriationItem
) -> Program | None:
    if program_id is None:
        return None
    program = await get_program_to_fund(uow.session, program_id)
    proposal = program.proposal
    if proposal.status != ProposalStatus.approved or proposal.fiscal_year != item.fiscal_year:
        raise ProgramNotFunded(
            f"Its proposal is {proposal.status}, for {proposal.fiscal_year}.",
            pointer="/body/program_id",
        )
    return program


def _check_room(item: AppropriationItem, amount: Decimal) -> None:
    """Say early what the posting would refuse; the posting alone is what holds."""
    if amount > item.unallocated_amount:
        raise AppropriationExceeded(
            f"{item.unallocated_amount} is left; {amount} is wanted.", pointer="/body/amount"
        )


def _day(uow: UnitOfWork, fiscal_year: int) -> date:
    """Return today, or the first day of a year that has not begun."""
    return max(uow.today(), date(fiscal_year, 1, 1))


async def _locked(uow: UnitOfWork, allocation_id: UUID) -> Allocation:
    allocation = await get_allocation(uow.session, allocation_id, lock=True)
    uow.expect(allocation)
    return allocation
