"""Everything a person can do with an obligation, one function a verb."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from libs.outbox.uow import UnitOfWork
from services.budgeting.allotments.model import AllotmentStatus
from services.budgeting.allotments.queries import get_allotment
from services.budgeting.numbering.model import NextNumber
from services.budgeting.object_codes.queries import get_catalogue
from services.budgeting.obligations.events import (
    ObligationAdjusted,
    ObligationCancelled,
    ObligationDelivered,
    ObligationPosted,
)
from services.budgeting.obligations.model import (
    VOUCHERS_WAIT,
    Obligation,
    ObligationLine,
    ObligationStatus,
    WorkItemElsewhere,
    WorkItemRequired,
    fund_code,
    ors_prefix,
)
from services.budgeting.obligations.queries import (
    get_kind_of_act,
    get_locked_obligation,
)
from services.budgeting.obligations.schemas import (
    ObligationAdjust,
    ObligationCancel,
    ObligationChange,
    ObligationCreate,
    ObligationLineCreate,
)
from services.budgeting.payees.model import PayeeUnknown
from services.budgeting.payees.queries import find_payee
from services.budgeting.postings.model import PostingKind
from services.budgeting.postings.usecases import post, refusal_of
from services.budgeting.work_items.queries import find_work_item, has_plan


async def create_obligation(uow: UnitOfWork, told: ObligationCreate) -> Obligation:
    """Ask for a commitment; nothing is kept for it before it is certified."""
    allotment = await get_allotment(uow.session, told.allotment_id)
    allotment.check_status(AllotmentStatus.released)
    await _check_payee(uow, told.payee_id)
    obligation = Obligation(
        **{name: value for name, value in told if name != "lines"},
        allocation_id=allotment.allocation_id,
        fiscal_year=allotment.fiscal_year,
        expense_class=allotment.expense_class,
        fund_code=fund_code(await get_kind_of_act(uow.session, allotment.allocation_id)),
        status=ObligationStatus.draft,
        prepared_by=uow.actor.user_id,
        cancel_reason="",
    )
    await _check_work_item(uow, obligation)
    obligation.set_lines(_line(each) for each in told.lines)
    await _check_codes(uow, obligation)
    uow.session.add(obligation)
    return obligation


async def change_obligation(
    uow: UnitOfWork, obligation_id: UUID, told: ObligationChange
) -> Obligation:
    """Edit a draft; whoever edits it can no longer certify it."""
    obligation = await _locked(uow, obligation_id)
    obligation.check_status(ObligationStatus.draft)
    changes = told.changes()
    if "payee_id" in changes:
        await _check_payee(uow, told.payee_id)
    if changes.pop("lines", None) is not None:
        obligation.set_lines(_line(each) for each in told.lines)
    for name, value in changes.items():
        setattr(obligation, name, value)
    await _check_work_item(uow, obligation)
    await _check_codes(uow, obligation)
    obligation.prepared_by = uow.actor.user_id
    obligation.touch(uow.now())
    return obligation


async def certify_obligation(uow: UnitOfWork, obligation_id: UUID) -> Obligation:
    """State that the money is there: it is kept for this obligation from here on, or refused."""
    obligation = await _locked(uow, obligation_id)
    obligation.certify(by=uow.actor.user_id, at=uow.now())
    on = obligation.obligation_on
    await _post(uow, obligation, PostingKind.reserved, obligation.amount, on, saves=obligation)
    return obligation


async def obligate_obligation(uow: UnitOfWork, obligation_id: UUID) -> Obligation:
    """Bind the organization under the next ORS number; corrections are adjustments from here on."""
    obligation = await _locked(uow, obligation_id)
    obligation.obligate(by=uow.actor.user_id, at=uow.now())
    on = obligation.obligation_on
    series = f"ors {obligation.fund_code}"
    await _post(
        uow,
        obligation,
        PostingKind.obligated,
        obligation.amount,
        on,
        reference=NextNumber(series, on.year, ors_prefix(obligation), kept_as="ors_number"),
        saves=obligation,
    )
    uow.publish(ObligationPosted.about(obligation), of=obligation)
    return obligation


async def adjust_obligation(
    uow: UnitOfWork, obligation_id: UUID, told: ObligationAdjust
) -> Obligation:
    """Raise or lower an obligation by a notice (NORSA); the lines it began with stay."""
    obligation = await _locked(uow, obligation_id)
    obligation.check_status(ObligationStatus.obligated)
    on = told.adjusted_on
    obligation.touch(uow.now())
    await _post(
        uow,
        obligation,
        PostingKind.obligation_adjusted,
        told.amount,
        on,
        reference=NextNumber("norsa", on.year, f"NORSA {on:%Y-%m}-"),
        reason=told.reason,
        saves=obligation,
    )
    uow.publish(ObligationAdjusted.about(obligation), of=obligation)
    return obligation


async def deliver_obligation(uow: UnitOfWork, obligation_id: UUID, on: date) -> Obligation:
    """Note that what was ordered came; what is unpaid is due and demandable from that day."""
    obligation = await _locked(uow, obligation_id)
    obligation.check_status(ObligationStatus.obligated)
    obligation.delivered_on = on
    uow.publish(ObligationDelivered.about(obligation), of=obligation)
    return obligation


async def cancel_obligation(
    uow: UnitOfWork, obligation_id: UUID, told: ObligationCancel
) -> Obligation:
    """Give up an obligation of which nothing is paid; its ORS number is never used again."""
    obligation = await _locked(uow, obligation_id)
    obligation.check_cancellable()
    was = obligation.status
    back = {
        ObligationStatus.certified: (PostingKind.reservation_released, obligation.amount),
        ObligationStatus.obligated: (PostingKind.obligation_adjusted, obligation.obligated_amount),
    }
    if was in back and back[ObligationStatus(was)][1]:
        kind, amount = back[ObligationStatus(was)]
        await _post(uow, obligation, kind, -amount, told.cancelled_on, reason=told.reason)
    obligation.status = ObligationStatus.cancelled
    obligation.cancel_reason = told.reason
    try:
        await uow.session.flush()
    except DBAPIError as error:
        raise refusal_of(error, VOUCHERS_WAIT) from error
    if was == ObligationStatus.obligated:
        uow.publish(ObligationCancelled.about(obligation), of=obligation)
    return obligation


async def _locked(uow: UnitOfWork, obligation_id: UUID) -> Obligation:
    obligation = await get_locked_obligation(uow.session, obligation_id)
    uow.expect(obligation)
    return obligation


async def _check_payee(uow: UnitOfWork, payee_id: UUID) -> None:
    payee = await find_payee(uow.session, payee_id)
    if payee is None:
        raise PayeeUnknown(pointer="/body/payee_id")
    payee.check_active()


async def _check_work_item(uow: UnitOfWork, obligation: Obligation) -> None:
    pointer = "/body/work_item_id"
    if obligation.work_item_id is None:
        if await has_plan(uow.session, obligation.allocation_id):
            raise WorkItemRequired(pointer=pointer)
        return
    item = await find_work_item(uow.session, obligation.work_item_id)
    if item is None or item.allocation_id != obligation.allocation_id:
        raise WorkItemElsewhere(pointer=pointer)


async def _check_codes(uow: UnitOfWork, obligation: Obligation) -> None:
    codes = {line.object_code for line in obligation.lines}
    with uow.session.no_autoflush:
        catalogue = await get_catalogue(uow.session, obligation.obligation_on.year, codes)
    for position, line in enumerate(obligation.lines):
        catalogue.check_charge(
            line.object_code, to=obligation.expense_class, pointer=f"/body/lines/{position}"
        )


def _line(told: ObligationLineCreate) -> ObligationLine:
    return ObligationLine(**dict(told))


async def _post(  # noqa: PLR0913 (a line of the ledger)
    uow: UnitOfWork,
    obligation: Obligation,
    kind: PostingKind,
    amount: Decimal,
    on: date,
    *,
    reference: str | NextNumber = "",
    reason: str = "",
    saves: Obligation | None = None,
) -> None:
    await post(
        uow,
        kind=kind,
        amount=amount,
        obligation_id=obligation.id,
        posted_on=on,
        reference=reference or obligation.ors_number or f"request {obligation.id}",
        reason=reason,
        saves=saves,
    )
