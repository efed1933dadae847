"""What the issuer does with a budget call; everybody else reads it."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.budget_calls.events import (
    BudgetCallArchived,
    BudgetCallClosed,
    BudgetCallExtended,
    BudgetCallOpened,
)
from services.budgeting.budget_calls.model import (
    BudgetCall,
    BudgetCallExists,
    CallExtension,
    CallStatus,
    ExtensionNotLater,
)
from services.budgeting.budget_calls.queries import (
    find_extended_deadline,
    find_issued_call,
    get_own_budget_call,
)
from services.budgeting.budget_calls.schemas import (
    BudgetCallChange,
    BudgetCallCreate,
    ExtensionCreate,
)
from services.budgeting.fiscal_years.model import check_open
from services.budgeting.known_organizations.usecases import check_organizations


async def create_budget_call(uow: UnitOfWork, told: BudgetCallCreate) -> BudgetCall:
    """Begin a draft; nobody else sees it until it is opened."""
    check_open(told.fiscal_year, uow.today())
    call = BudgetCall(
        **told.model_dump(exclude={"calendar"}),
        calendar=[step.model_dump(mode="json") for step in told.calendar],
        status=CallStatus.draft,
    )
    uow.session.add(call)
    return call


async def change_budget_call(
    uow: UnitOfWork, budget_call_id: UUID, told: BudgetCallChange
) -> BudgetCall:
    """Edit a draft; an issued call stands as it was issued."""
    call = await _locked(uow, budget_call_id)
    call.check_draft()
    for name, value in told.changes().items():
        setattr(call, name, value)
    if "calendar" in told.model_fields_set:
        call.calendar = [step.model_dump(mode="json") for step in told.calendar]
    return call


async def delete_budget_call(uow: UnitOfWork, budget_call_id: UUID) -> None:
    """Remove a draft that was never issued."""
    call = await _locked(uow, budget_call_id)
    call.check_draft()
    await uow.session.delete(call)


async def open_budget_call(uow: UnitOfWork, budget_call_id: UUID) -> BudgetCall:
    """Issue the call to every organization; the year has this one call from here on."""
    call = await _locked(uow, budget_call_id)
    other = await find_issued_call(uow.session, call.fiscal_year)
    if other is not None and other is not call:
        raise BudgetCallExists(f"“{other.title}” is {other.status}.")
    call.open(at=uow.now())
    uow.publish(BudgetCallOpened.about(call), of=call)
    return call


async def extend_budget_call(
    uow: UnitOfWork, budget_call_id: UUID, told: ExtensionCreate
) -> CallExtension:
    """Give one organization more time; what was given is never taken back."""
    call = await _locked(uow, budget_call_id)
    call.check_open()
    await check_organizations(uow, [("/body/for_org_id", told.for_org_id)])
    given = await find_extended_deadline(uow.session, call.id, told.for_org_id)
    last = max(call.deadline_on, given or call.deadline_on)
    if told.deadline_on <= last:
        raise ExtensionNotLater(f"It is {last}.", pointer="/body/deadline_on")
    extension = CallExtension(budget_call_id=call.id, **told.model_dump())
    uow.session.add(extension)
    call.touch(uow.now())
    uow.publish(BudgetCallExtended.with_extension(call, extension), of=call)
    return extension


async def close_budget_call(uow: UnitOfWork, budget_call_id: UUID) -> BudgetCall:
    """End the call for everybody, extensions too; reviews of what was submitted go on."""
    call = await _locked(uow, budget_call_id)
    call.close(at=uow.now())
    uow.publish(BudgetCallClosed.about(call), of=call)
    return call


async def archive_budget_call(uow: UnitOfWork, budget_call_id: UUID) -> BudgetCall:
    """Put a closed call away; it stays readable."""
    call = await _locked(uow, budget_call_id)
    call.archive()
    uow.publish(BudgetCallArchived.about(call), of=call)
    return call


async def _locked(uow: UnitOfWork, budget_call_id: UUID) -> BudgetCall:
    call = await get_own_budget_call(uow.session, uow.actor.org_id, budget_call_id)
    uow.expect(call)
    return call
