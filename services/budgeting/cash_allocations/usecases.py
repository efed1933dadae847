"""What a person does with cash allocations, and how payments use them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from prometheus_client import Gauge

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.budgeting.cash_allocations.events import (
    CashAllocationCancelled,
    CashAllocationConfirmed,
)
from services.budgeting.cash_allocations.model import (
    CashAllocation,
    CashCharge,
    CashExceeded,
    CashNumberTaken,
    CashStatus,
)
from services.budgeting.cash_allocations.queries import (
    find_charge,
    find_number,
    get_cash_allocation,
    list_cash_differences,
    list_valid_cash,
)
from services.budgeting.cash_allocations.schemas import CashAllocationCreate
from services.budgeting.cash_ceilings.queries import is_enforced
from services.budgeting.postings.model import Difference
from services.budgeting.postings.queries import list_ledgers
from services.budgeting.postings.usecases import PROVER

NONE = Decimal("0.00")
DIFFERENCES = Gauge("bmms_cash_differences", "Cash used that is not what the charges say.")

log = logging.getLogger("bmms.ledger")


async def create_cash_allocation(uow: UnitOfWork, told: CashAllocationCreate) -> CashAllocation:
    """Enter a notice that was received; nothing uses it before someone else confirms it."""
    if await find_number(uow.session, told.number) is not None:
        raise CashNumberTaken(pointer="/body/number")
    cash = CashAllocation(**dict(told), stored_status=CashStatus.pending)
    cash.settle()
    uow.session.add(cash)
    return cash


async def delete_cash_allocation(uow: UnitOfWork, cash_allocation_id: UUID) -> None:
    """Remove a notice that nobody confirmed."""
    cash = await _locked(uow, cash_allocation_id)
    cash.check_pending()
    await uow.session.delete(cash)


async def approve_cash_allocation(uow: UnitOfWork, cash_allocation_id: UUID) -> CashAllocation:
    """Confirm a notice that someone else entered."""
    cash = await _locked(uow, cash_allocation_id)
    cash.approve(by=uow.actor.user_id, at=uow.now())
    uow.publish(CashAllocationConfirmed.about(cash), of=cash)
    return cash


async def cancel_cash_allocation(
    uow: UnitOfWork, cash_allocation_id: UUID, reason: str
) -> CashAllocation:
    """Take back a notice of which nothing is used."""
    cash = await _locked(uow, cash_allocation_id)
    cash.cancel(reason)
    uow.publish(CashAllocationCancelled.about(cash), of=cash)
    return cash


async def charge_cash(
    uow: UnitOfWork,
    *,
    disbursement_id: UUID,
    allotment_id: UUID,
    amount: Decimal,
    on: date,
    wanted: UUID | None,
) -> None:
    """Take a payment from the cash of its fund source where the ceiling is on, or refuse it.

    It is taken whole from one: from `wanted`, or from what ends first and has enough. Gross,
    for what is withheld leaves as well. Called last, for all payments wait for the cash.
    """
    if wanted is None and not await is_enforced(uow.session):
        return
    valid = await list_valid_cash(uow.session, allotment_id, on)
    valid = [cash for cash in valid if wanted is None or cash.id == wanted]
    left = {cash.id: cash.amount - cash.used_amount for cash in valid}
    chosen = next((cash_id for cash_id, rest in left.items() if rest >= amount), None)
    if chosen is None:
        most = max(left.values(), default=NONE)
        raise CashExceeded(f"{most} is left of one notice on {on}; {amount} is paid.")
    await _book(uow, chosen, disbursement_id, amount, on)


async def return_cash(uow: UnitOfWork, disbursement_id: UUID, on: date) -> None:
    """Give back what a payment used that is void."""
    used = await find_charge(uow.session, disbursement_id)
    if used is not None:
        await _book(uow, used.cash_allocation_id, disbursement_id, -used.amount, on)


async def prove_cash(
    database: Database, organizations: Iterable[UUID]
) -> dict[UUID, list[Difference]]:
    """Recompute what is used of the cash of organizations; differences are named."""
    found = {}
    for org_id in organizations:
        async with database.unit_of_work(Actor.system(org_id)) as uow:
            found[org_id] = await list_cash_differences(uow.session, org_id)
    DIFFERENCES.set(sum(len(differences) for differences in found.values()))
    return found


async def prove_cash_nightly(database: Database) -> None:
    """Prove the cash of everybody who has a ledger and tell an operator about any difference."""
    async with database.unit_of_work(PROVER) as uow:
        ledgers = await list_ledgers(uow.session)
    for org_id, differences in (await prove_cash(database, ledgers)).items():
        for difference in differences:
            log.error("cash differs", extra={"org": str(org_id), "what": str(difference)})


async def _book(
    uow: UnitOfWork, cash_id: UUID, disbursement_id: UUID, amount: Decimal, on: date
) -> None:
    uow.session.add(
        CashCharge(
            cash_allocation_id=cash_id,
            disbursement_id=disbursement_id,
            amount=amount,
            charged_on=on,
        )
    )
    await uow.session.flush()


async def _locked(uow: UnitOfWork, cash_allocation_id: UUID) -> CashAllocation:
    cash = await get_cash_allocation(uow.session, cash_allocation_id, lock=True)
    uow.expect(cash)
    return cash
