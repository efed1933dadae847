"""Everything a person can do with the registry of payees."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.payees.model import Payee, TinTaken
from services.budgeting.payees.queries import find_payee_of_tin, get_payee
from services.budgeting.payees.schemas import PayeeChange, PayeeCreate


async def create_payee(uow: UnitOfWork, told: PayeeCreate) -> Payee:
    """Enter a payee; from here on obligations can be owed to it."""
    await _check_tin(uow, told.tin, None)
    payee = Payee(**dict(told), is_active=True)
    uow.session.add(payee)
    return payee


async def change_payee(uow: UnitOfWork, payee_id: UUID, told: PayeeChange) -> Payee:
    """Correct a payee, or put it out of use; what was owed to it stays."""
    payee = await get_payee(uow.session, payee_id)
    uow.expect(payee)
    changes = told.changes()
    await _check_tin(uow, changes.get("tin"), payee.id)
    for name, value in changes.items():
        setattr(payee, name, value)
    return payee


async def _check_tin(uow: UnitOfWork, tin: str | None, but: UUID | None) -> None:
    if tin is None:
        return
    other = await find_payee_of_tin(uow.session, tin)
    if other is not None and other.id != but:
        raise TinTaken(f"“{other.name}” has it.", pointer="/body/tin")
