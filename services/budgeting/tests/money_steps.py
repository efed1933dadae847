"""The steps of the chain of money as the API takes them: each a use case on its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from uuid_utils.compat import uuid7

from libs.chassis.testing import org_id_of
from libs.outbox.uow import UnitOfWork
from services.budgeting.allocations import usecases as allocations
from services.budgeting.allocations.schemas import AllocationCreate
from services.budgeting.allotments import schemas as allotted
from services.budgeting.allotments import usecases as allotments
from services.budgeting.appropriation_items.model import AppropriationItem
from services.budgeting.appropriation_items.usecases import lapse_item, receive_item
from services.budgeting.disbursements import schemas as paid
from services.budgeting.disbursements import usecases as disbursements
from services.budgeting.fiscal_periods import usecases as periods
from services.budgeting.fiscal_periods.model import FiscalPeriod
from services.budgeting.obligations import schemas as owed
from services.budgeting.obligations import usecases as obligations
from services.budgeting.payees.model import Payee
from services.budgeting.postings.queries import list_differences
from services.budgeting.realignments import usecases as realignments
from services.budgeting.realignments.schemas import RealignmentCreate
from services.budgeting.tests import money_rows as rows
from services.budgeting.tests.spending import ITEM, YEAR
from services.budgeting.work_items import usecases as work
from services.budgeting.work_items.schemas import WorkItemAdvance, WorkItemCreate

Step = Callable[[UnitOfWork], Awaitable[Any]]
ISSUER = org_id_of("MFBM")
WHY: Any = "Because"


def day(month: int) -> date:
    return date(YEAR, month, 2)


async def open_year(uow: UnitOfWork) -> None:
    await periods.create_fiscal_periods(uow, YEAR)


async def a_payee(uow: UnitOfWork) -> Payee:
    payee = Payee(name="x", payee_type="other", address="", is_active=True)
    uow.session.add(payee)
    return payee


def enact(amount: Decimal) -> Step:
    async def step(uow: UnitOfWork) -> AppropriationItem:
        ids = {"issuer_org_id": ISSUER, "appropriation_id": uuid7(), "act_item_id": uuid7()}
        item = AppropriationItem(id=ids["act_item_id"], **ids, **ITEM)
        await receive_item(uow, item, amount=amount, enacted_on=day(5))
        return item

    return step


def lapse(item: rows.Item) -> Step:
    return lambda uow: lapse_item(uow, ISSUER, item.row_id)


def allocate(item: rows.Item, amount: Decimal) -> Step:
    told = AllocationCreate(
        appropriation_item_id=item.row_id, program_title=str(uuid7()), amount=amount
    )
    return lambda uow: allocations.create_allocation(uow, told)


def approve_allocation(it: rows.Allocation) -> Step:
    return lambda uow: _nothing(allocations.approve_allocation(uow, it.row_id))


def cancel_allocation(it: rows.Allocation) -> Step:
    return lambda uow: _nothing(allocations.cancel_allocation(uow, it.row_id, WHY))


def close_allocation(it: rows.Allocation) -> Step:
    return lambda uow: _nothing(allocations.close_allocation(uow, it.row_id))


def realign(kind: str, come_from: rows.Row, go_to: rows.Row, amount: Decimal) -> Step:
    ends = {f"from_{kind}_id": come_from.row_id, f"to_{kind}_id": go_to.row_id}
    told = RealignmentCreate.model_validate({**ends, "amount": amount, "reason": WHY})

    async def step(uow: UnitOfWork) -> None:
        planned = await realignments.create_realignment(uow, told)
        await uow.session.flush()
        await realignments.submit_realignment(uow, planned.id)
        planned.created_by = planned.prepared_by = uuid7()  # somebody else's, so it may be decided
        await realignments.approve_realignment(uow, planned.id)

    return step


def ask_allotment(of: rows.Allocation, amount: Decimal) -> Step:
    told = allotted.AllotmentCreate(allocation_id=of.row_id, amount=amount, quarter=1)
    return lambda uow: allotments.create_allotment(uow, told)


def approve_allotment(it: rows.Allotment) -> Step:
    return lambda uow: _nothing(allotments.approve_allotment(uow, it.row_id))


def release(it: rows.Allotment, month: int) -> Step:
    told = allotted.AllotmentRelease(released_on=day(month))
    return lambda uow: _nothing(allotments.release_allotment(uow, it.row_id, told))


def adjust_allotment(it: rows.Allotment, amount: Decimal, month: int) -> Step:
    told = allotted.AllotmentAdjust(
        amount=amount, adjusted_on=day(month), reference="ARO", reason=WHY
    )
    return lambda uow: _nothing(allotments.adjust_allotment(uow, it.row_id, told))


def cancel_allotment(it: rows.Allotment, month: int) -> Step:
    told = allotted.AllotmentCancel(cancelled_on=day(month), reason=WHY)
    return lambda uow: _nothing(allotments.cancel_allotment(uow, it.row_id, told))


def close_allotment(it: rows.Allotment) -> Step:
    return lambda uow: _nothing(allotments.close_allotment(uow, it.row_id))


def plan(of: rows.Allocation, cost: Decimal) -> Step:
    told = WorkItemCreate(
        allocation_id=of.row_id,
        title="Work",
        unit="lot",
        quantity=Decimal("3.000"),
        estimated_cost_amount=cost,
        target_completion_on=day(12),
    )
    return lambda uow: work.create_work_item(uow, told)


def end_work(it: rows.WorkItem, status: str) -> Step:
    some = WorkItemAdvance(accomplished_quantity=Decimal(1))
    verbs: dict[str, Step] = {
        "in_progress": lambda uow: work.advance_work_item(uow, it.row_id, some),
        "completed": lambda uow: work.complete_work_item(uow, it.row_id),
        "cancelled": lambda uow: work.cancel_work_item(uow, it.row_id, WHY),
    }
    return lambda uow: _nothing(verbs[status](uow))


def request(
    of: rows.Allotment, lines: list[Decimal], item: rows.WorkItem | None, payee: UUID, month: int
) -> Step:
    line = {"object_code": "5020301000", "description": "Medicines"}
    told = owed.ObligationCreate.model_validate(
        {
            "allotment_id": of.row_id,
            "payee_id": payee,
            "work_item_id": item.row_id if item else None,
            "document_kind": "contract",
            "obligation_on": day(month),
            "lines": [{**line, "amount": amount} for amount in lines],
        }
    )
    return lambda uow: obligations.create_obligation(uow, told)


def certify(it: rows.Obligation) -> Step:
    return lambda uow: _nothing(obligations.certify_obligation(uow, it.row_id))


def obligate(it: rows.Obligation) -> Step:
    return lambda uow: _nothing(obligations.obligate_obligation(uow, it.row_id))


def adjust_obligation(it: rows.Obligation, amount: Decimal, month: int) -> Step:
    told = owed.ObligationAdjust(amount=amount, adjusted_on=day(month), reason=WHY)
    return lambda uow: _nothing(obligations.adjust_obligation(uow, it.row_id, told))


def cancel_obligation(it: rows.Obligation, month: int) -> Step:
    told = owed.ObligationCancel(cancelled_on=day(month), reason=WHY)
    return lambda uow: _nothing(obligations.cancel_obligation(uow, it.row_id, told))


def prepare(of: rows.Obligation, gross: Decimal, tax: Decimal) -> Step:
    told = paid.DisbursementCreate.model_validate(
        {
            "obligation_id": of.row_id,
            "gross_amount": gross,
            "withholding_tax_amount": tax,
            "payment_method": "lddap_ada",
        }
    )
    return lambda uow: disbursements.create_disbursement(uow, told)


def submit(it: rows.Voucher) -> Step:
    return lambda uow: _nothing(disbursements.submit_disbursement(uow, it.row_id))


def certify_voucher(it: rows.Voucher) -> Step:
    return lambda uow: _nothing(disbursements.certify_disbursement(uow, it.row_id))


def approve_voucher(it: rows.Voucher) -> Step:
    return lambda uow: _nothing(disbursements.approve_disbursement(uow, it.row_id))


def pay(it: rows.Voucher, month: int) -> Step:
    told = paid.DisbursementPay(paid_on=day(month))
    return lambda uow: _nothing(disbursements.pay_disbursement(uow, it.row_id, told))


def void(it: rows.Voucher, month: int) -> Step:
    told = paid.DisbursementVoid(voided_on=day(month), reason=WHY)
    return lambda uow: _nothing(disbursements.void_disbursement(uow, it.row_id, told))


def cancel_voucher(it: rows.Voucher) -> Step:
    return lambda uow: _nothing(disbursements.cancel_disbursement(uow, it.row_id, WHY))


def move_month(month: int, status: str) -> Step:
    async def step(uow: UnitOfWork) -> None:
        found = select(FiscalPeriod.id).where(FiscalPeriod.month == month)
        period_id = (await uow.session.scalars(found)).one()
        if status == "open":
            await periods.reopen_fiscal_period(uow, period_id, WHY)
        elif status == "closed":
            await periods.close_fiscal_period(uow, period_id)
        else:
            await periods.soft_close_fiscal_period(uow, period_id)

    return step


BALANCES = """
SELECT id, ARRAY[appropriated_amount, allocated_amount] AS sums FROM budgeting.appropriation_items
UNION ALL SELECT id, ARRAY[allocated_amount, allotted_amount, obligated_amount, disbursed_amount]
FROM budgeting.allocations
UNION ALL SELECT id, ARRAY[allotted_amount, reserved_amount, obligated_amount, disbursed_amount]
FROM budgeting.allotments
UNION ALL SELECT id, ARRAY[obligated_amount, disbursed_amount] FROM budgeting.obligations
"""


async def balances(uow: UnitOfWork) -> dict[UUID, list[Decimal]]:
    """Return every balance that the database keeps, once the ledger proves them."""
    assert await list_differences(uow.session, uow.actor.org_id) == []
    found = await uow.session.execute(text(BALANCES))
    return {row.id: row.sums for row in found}


async def _nothing(step: Awaitable[Any]) -> None:
    await step
