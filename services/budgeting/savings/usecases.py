"""What a person does with savings; their money moves only when it augments another item."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.appropriation_items.model import AppropriationItem, ItemStatus
from services.budgeting.appropriation_items.queries import get_appropriation_item
from services.budgeting.savings.events import SavingCancelled, SavingDeclared
from services.budgeting.savings.model import (
    Saving,
    SavingExceeded,
    SavingOutOfStep,
    SavingStatus,
)
from services.budgeting.savings.queries import get_saving, sum_declared
from services.budgeting.savings.schemas import SavingCreate


async def create_saving(uow: UnitOfWork, told: SavingCreate) -> Saving:
    """Propose to declare a free part of an item as saved; it stays the item's until then."""
    item = await get_appropriation_item(uow.session, told.item_id, lock=True)
    await _check_free(uow, item, told.amount)
    saving = Saving(
        **dict(told),
        fiscal_year=item.fiscal_year,
        used_amount=Decimal("0.00"),
        remarks="",
        status=SavingStatus.proposed,
    )
    uow.session.add(saving)
    return saving


async def delete_saving(uow: UnitOfWork, saving_id: UUID) -> None:
    """Remove what was only proposed."""
    saving, _ = await _locked(uow, saving_id)
    saving.check_status(SavingStatus.proposed)
    await uow.session.delete(saving)


async def approve_saving(uow: UnitOfWork, saving_id: UUID) -> Saving:
    """Declare it: nothing but an augmentation takes it from its item from here on."""
    saving, item = await _locked(uow, saving_id)
    saving.decide(SavingStatus.declared, by=uow.actor.user_id, at=uow.now())
    with uow.session.no_autoflush:
        await _check_free(uow, item, saving.amount)
    uow.publish(SavingDeclared.about(saving), of=saving)
    return saving


async def reject_saving(uow: UnitOfWork, saving_id: UUID, reason: str) -> Saving:
    """Turn it down, with the reason."""
    saving, _ = await _locked(uow, saving_id)
    saving.decide(SavingStatus.rejected, by=uow.actor.user_id, at=uow.now(), remarks=reason)
    return saving


async def cancel_saving(uow: UnitOfWork, saving_id: UUID, reason: str) -> Saving:
    """Give what is unused of it back to its item."""
    saving, _ = await _locked(uow, saving_id)
    saving.cancel(reason)
    uow.publish(SavingCancelled.about(saving), of=saving)
    return saving


async def _check_free(uow: UnitOfWork, item: AppropriationItem, amount: Decimal) -> None:
    if item.status != ItemStatus.current:
        raise SavingOutOfStep("The item has lapsed.", pointer="/body/item_id")
    free = item.unallocated_amount - await sum_declared(uow.session, item.id)
    if amount > free:
        raise SavingExceeded(f"{free} of the item is free.", pointer="/body/amount")


async def _locked(uow: UnitOfWork, saving_id: UUID) -> tuple[Saving, AppropriationItem]:
    seen = await get_saving(uow.session, saving_id)
    item = await get_appropriation_item(uow.session, seen.item_id, lock=True)
    saving = await get_saving(uow.session, saving_id, lock=True)
    uow.expect(saving)
    return saving, item
