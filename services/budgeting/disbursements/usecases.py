"""Everything a person can do with a disbursement, one function a verb."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.budgeting.approval_tiers.model import check_tier
from services.budgeting.approval_tiers.queries import list_all_tiers
from services.budgeting.cash_allocations.usecases import charge_cash, return_cash
from services.budgeting.disbursements.events import DisbursementPaid, DisbursementVoided
from services.budgeting.disbursements.model import (
    Disbursement,
    DisbursementStatus,
    PaymentMethod,
)
from services.budgeting.disbursements.queries import get_disbursement, sum_pending
from services.budgeting.disbursements.schemas import (
    DisbursementChange,
    DisbursementCreate,
    DisbursementPay,
    DisbursementVoid,
)
from services.budgeting.numbering.usecases import take_number
from services.budgeting.obligations.model import Obligation, ObligationStatus
from services.budgeting.obligations.queries import get_locked_obligation
from services.budgeting.postings.model import BalanceExceeded, PostingKind
from services.budgeting.postings.usecases import post


async def create_disbursement(uow: UnitOfWork, told: DisbursementCreate) -> Disbursement:
    """Prepare the payment of an obligation; nothing leaves before three persons agreed."""
    obligation = await get_locked_obligation(uow.session, told.obligation_id)
    obligation.check_status(ObligationStatus.obligated)
    disbursement = Disbursement(
        **dict(told),
        fiscal_year=obligation.fiscal_year,
        status=DisbursementStatus.draft,
        ada_number="",
        check_number="",
        jev_number="",
        end_reason="",
    )
    disbursement.settle()
    await _check_room(uow, obligation, disbursement)
    uow.session.add(disbursement)
    return disbursement


async def change_disbursement(
    uow: UnitOfWork, disbursement_id: UUID, told: DisbursementChange
) -> Disbursement:
    """Edit a draft; what is handed in is only cancelled."""
    disbursement, obligation = await _locked(uow, disbursement_id)
    disbursement.check_status(DisbursementStatus.draft)
    for name, value in told.changes().items():
        setattr(disbursement, name, value)
    disbursement.settle()
    await _check_room(uow, obligation, disbursement)
    return disbursement


async def submit_disbursement(uow: UnitOfWork, disbursement_id: UUID) -> Disbursement:
    """Hand a voucher in for certification under the year's next number."""
    disbursement, _ = await _locked(uow, disbursement_id)
    disbursement.check_status(DisbursementStatus.draft)
    disbursement.submit(number=await take_number(uow, "dv", disbursement.fiscal_year))
    return disbursement


async def certify_disbursement(uow: UnitOfWork, disbursement_id: UUID) -> Disbursement:
    """State, as the accountant, that funds and documents are complete."""
    disbursement, _ = await _locked(uow, disbursement_id)
    disbursement.certify(by=uow.actor.user_id, at=uow.now())
    return disbursement


async def approve_disbursement(uow: UnitOfWork, disbursement_id: UUID) -> Disbursement:
    """Order the payment, within what one's roles reach to."""
    disbursement, _ = await _locked(uow, disbursement_id)
    roles = uow.actor.roles_for(uow.permission)
    check_tier(await list_all_tiers(uow.session), roles, disbursement.gross_amount)
    disbursement.approve(by=uow.actor.user_id, at=uow.now())
    return disbursement


async def pay_disbursement(
    uow: UnitOfWork, disbursement_id: UUID, told: DisbursementPay
) -> Disbursement:
    """Record that money left; from here on it can only be voided."""
    disbursement, obligation = await _locked(uow, disbursement_id)
    disbursement.check_number = told.check_number
    disbursement.jev_number = told.jev_number
    disbursement.pay(by=uow.actor.user_id, on=told.paid_on)
    if disbursement.payment_method == PaymentMethod.lddap_ada:
        series = f"ada {obligation.fund_code}"
        serial = await take_number(uow, series, told.paid_on.year)
        disbursement.ada_number = (
            f"{obligation.fund_code}-{told.paid_on:%m}-{serial:04d}-{told.paid_on.year}"
        )
    obligation.touch(uow.now())
    disbursement.posting_id = await post(
        uow,
        kind=PostingKind.disbursed,
        amount=disbursement.gross_amount,
        disbursement_id=disbursement.id,
        posted_on=told.paid_on,
        reference=_voucher(disbursement),
        pointer="/body/paid_on",
    )
    await charge_cash(
        uow,
        disbursement_id=disbursement.id,
        allotment_id=obligation.allotment_id,
        amount=disbursement.gross_amount,
        on=told.paid_on,
        wanted=told.cash_allocation_id,
    )
    await uow.session.flush()
    uow.publish(DisbursementPaid.about(disbursement, obligation), of=disbursement)
    return disbursement


async def void_disbursement(
    uow: UnitOfWork, disbursement_id: UUID, told: DisbursementVoid
) -> Disbursement:
    """Undo a payment by a reversal in the ledger; its numbers are never used again."""
    disbursement, obligation = await _locked(uow, disbursement_id)
    disbursement.void(by=uow.actor.user_id, on=told.voided_on, reason=told.reason)
    obligation.touch(uow.now())
    await post(
        uow,
        kind=PostingKind.disbursement_voided,
        amount=-disbursement.gross_amount,
        disbursement_id=disbursement.id,
        posted_on=told.voided_on,
        reference=_voucher(disbursement),
        reason=told.reason,
        reverses_id=disbursement.posting_id,
        pointer="/body/voided_on",
    )
    await return_cash(uow, disbursement.id, told.voided_on)
    uow.publish(DisbursementVoided.about(disbursement, obligation), of=disbursement)
    return disbursement


async def cancel_disbursement(uow: UnitOfWork, disbursement_id: UUID, reason: str) -> Disbursement:
    """Give a payment up before money left; its voucher number stays used."""
    disbursement, _ = await _locked(uow, disbursement_id)
    disbursement.cancel(reason=reason)
    return disbursement


async def _locked(uow: UnitOfWork, disbursement_id: UUID) -> tuple[Disbursement, Obligation]:
    """Lock from the allocation down to the payment, as every posting does."""
    seen = await get_disbursement(uow.session, disbursement_id)
    obligation = await get_locked_obligation(uow.session, seen.obligation_id)
    disbursement = await get_disbursement(uow.session, disbursement_id, lock=True)
    uow.expect(disbursement)
    return disbursement, obligation


async def _check_room(uow: UnitOfWork, obligation: Obligation, disbursement: Disbursement) -> None:
    with uow.session.no_autoflush:
        pending = await sum_pending(uow.session, obligation.id, but=disbursement.id)
    left = obligation.unpaid_amount - pending
    if disbursement.gross_amount > left:
        raise BalanceExceeded(f"{left} of the obligation is left.", pointer="/body/gross_amount")


def _voucher(disbursement: Disbursement) -> str:
    return f"DV {disbursement.fiscal_year}-{disbursement.dv_number:05d}"
