"""The chain of money in plain Python: states and sums, and nothing of databases.

A step either happens or raises `Refused` with the code that the API answers. Whether money may
move is asked of the chain as it would be afterwards, never of a balance on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from services.budgeting.tests.money_rows import (
    LARGEST,
    NIL,
    Allocation,
    Allotment,
    Item,
    Obligation,
    Refused,
    Row,
    Voucher,
    WorkItem,
    refuse_unless,
)

Kind = TypeVar("Kind")


@dataclass
class Chain:
    """Everything of one organization in one year."""

    today: int
    """The month in which whatever has no date of its own is posted."""

    rows: list[Any] = field(default_factory=list)
    months: dict[int, str] = field(default_factory=dict)

    def all(self, kind: type[Any], *statuses: str) -> list[Any]:
        of_kind = [each for each in self.rows if isinstance(each, kind)]
        return [each for each in of_kind if not statuses or each.status in statuses]

    @contextmanager
    def posting(self, *touched: Any, month: int, is_explained: bool) -> Iterator[None]:
        """Let balances move within, or take all of it back when the chain would break."""
        is_closed = self.months.get(month) == "closed"
        is_closed |= self.months.get(month) == "soft_closed" and not is_explained
        refuse_unless(not is_closed, "period_closed")
        before = [dict(vars(each)) for each in touched]
        try:
            yield
            too_large = any(getattr(each, "appropriated", 0) > LARGEST for each in touched)
            refuse_unless(not too_large, "amount_out_of_bounds")
            refuse_unless(all(each.is_sound() for each in touched), "balance_exceeded")
        except Refused:
            for each, was in zip(touched, before, strict=True):
                vars(each).update(was)
            raise

    def left_to_allot(self, allocation: Allocation) -> Decimal:
        waiting = self.all(Allotment, "pending", "approved")
        asked = sum((each.amount for each in waiting if each.allocation is allocation), NIL)
        return allocation.allocated - allocation.allotted - asked

    def left_to_plan(self, allocation: Allocation) -> Decimal:
        return allocation.allocated - sum((each.cost for each in self.plan_of(allocation)), NIL)

    def plan_of(self, allocation: Allocation) -> list[WorkItem]:
        live = self.all(WorkItem, "planned", "in_progress", "completed")
        return [each for each in live if each.allocation is allocation]

    def left_to_pay(self, obligation: Obligation) -> Decimal:
        pending = self.all(Voucher, "draft", "for_certification", "approved")
        asked = sum((each.gross for each in pending if each.obligation is obligation), NIL)
        return obligation.obligated - obligation.disbursed - asked

    def allocate(self, item: Item, amount: Decimal, by: UUID) -> Allocation:
        refuse_unless(amount <= item.appropriated - item.allocated, "appropriation_exceeded")
        return self._add(Allocation(item=item, amount=amount, by=by, status="draft"))

    def approve_allocation(self, it: Allocation, by: UUID) -> None:
        refuse_unless(it.status == "draft", "allocation_not_draft")
        refuse_unless(by != it.by, "creator_may_not_approve_allocation")
        with self.posting(it.item, it, month=self.today, is_explained=False):
            refuse_unless(it.item.status == "current", "not_within_validity")
            it.item.allocated += it.amount
            it.allocated += it.amount
        it.status = "approved"

    def cancel_allocation(self, it: Allocation) -> None:
        refuse_unless(it.status == "approved", "allocation_not_open")
        refuse_unless(it.allotted == 0, "allocation_in_use")
        if it.allocated:
            with self.posting(it.item, it, month=self.today, is_explained=True):
                it.item.allocated -= it.allocated
                it.allocated = NIL
        it.status = "cancelled"

    def close_allocation(self, it: Allocation) -> None:
        refuse_unless(it.status == "approved", "allocation_not_open")
        refuse_unless(it.obligated == it.disbursed, "allocation_in_use")
        it.status = "closed"

    def realign_items(self, come_from: Item, go_to: Item, amount: Decimal) -> None:
        with self.posting(come_from, go_to, month=self.today, is_explained=True):
            come_from.appropriated -= amount
            refuse_unless(come_from.is_sound(), "balance_exceeded")
            go_to.appropriated += amount

    def realign_allocations(
        self, come_from: Allocation, go_to: Allocation, amount: Decimal
    ) -> None:
        refuse_unless(go_to.status == "approved", "allocation_not_open")
        with self.posting(come_from, go_to, month=self.today, is_explained=True):
            come_from.allocated -= amount
            refuse_unless(come_from.is_sound(), "balance_exceeded")
            refuse_unless(go_to.item.status == "current", "not_within_validity")
            go_to.allocated += amount

    def ask_allotment(self, allocation: Allocation, amount: Decimal, by: UUID) -> Allotment:
        refuse_unless(allocation.status == "approved", "allocation_not_open")
        refuse_unless(amount <= self.left_to_allot(allocation), "allocation_spoken_for")
        return self._add(Allotment(allocation=allocation, amount=amount, by=by, status="pending"))

    def approve_allotment(self, it: Allotment, by: UUID) -> None:
        refuse_unless(it.status == "pending", "allotment_out_of_step")
        refuse_unless(by != it.by, "preparer_may_not_approve_allotment")
        it.status = "approved"

    def release(self, it: Allotment, month: int) -> None:
        refuse_unless(it.status == "approved", "allotment_out_of_step")
        self._allot(it, it.amount, month, is_explained=False, status="released")

    def adjust_allotment(self, it: Allotment, amount: Decimal, month: int) -> None:
        refuse_unless(it.status == "released", "allotment_out_of_step")
        self._allot(it, amount, month, is_explained=True)

    def cancel_allotment(self, it: Allotment, month: int) -> None:
        refuse_unless(it.status not in ("closed", "cancelled"), "allotment_out_of_step")
        refuse_unless(it.obligated == it.reserved == 0, "allotment_in_use")
        if it.allotted:
            self._allot(it, -it.allotted, month, is_explained=True)
        it.status = "cancelled"

    def close_allotment(self, it: Allotment) -> None:
        refuse_unless(it.status == "released", "allotment_out_of_step")
        refuse_unless(it.reserved == 0, "allotment_in_use")
        it.status = "closed"

    def plan(self, allocation: Allocation, cost: Decimal) -> WorkItem:
        refuse_unless(allocation.status == "approved", "allocation_not_open")
        refuse_unless(cost <= self.left_to_plan(allocation), "plan_exceeds_allocation")
        return self._add(WorkItem(allocation=allocation, cost=cost, status="planned"))

    def end_work(self, it: WorkItem, status: str) -> None:
        refuse_unless(it.status in ("planned", "in_progress"), "work_item_out_of_step")
        it.status = status

    def request(
        self,
        allotment: Allotment,
        lines: list[Decimal],
        work: WorkItem | None,
        month: int,
        by: UUID,
    ) -> Obligation:
        refuse_unless(allotment.status == "released", "allotment_out_of_step")
        plan = self.plan_of(allotment.allocation)
        if work is None:
            refuse_unless(not plan, "work_item_required")
        else:
            refuse_unless(work in plan, "work_item_elsewhere")
        refuse_unless(sum(lines) <= LARGEST, "invalid")
        whole = sum(lines, NIL)
        return self._add(
            Obligation(allotment=allotment, amount=whole, month=month, by=by, status="draft")
        )

    def certify(self, it: Obligation, by: UUID) -> None:
        refuse_unless(it.status == "draft", "obligation_out_of_step")
        refuse_unless(by != it.by, "requester_may_not_certify")
        with self.posting(it, it.allotment, month=it.month, is_explained=False):
            self._check_valid(it.allotment.allocation, it.amount)
            it.status = "certified"
            it.allotment.reserved += it.amount
            self._check_open(it.allotment, it.amount)

    def obligate(self, it: Obligation) -> None:
        refuse_unless(it.status == "certified", "obligation_out_of_step")
        self._oblige(it, it.amount, it.month, is_explained=False, status="obligated")

    def adjust_obligation(self, it: Obligation, amount: Decimal, month: int) -> None:
        refuse_unless(it.status == "obligated", "obligation_out_of_step")
        self._oblige(it, amount, month, is_explained=True)

    def cancel_obligation(self, it: Obligation, month: int) -> None:
        refuse_unless(it.status != "cancelled", "obligation_out_of_step")
        refuse_unless(it.disbursed == 0, "obligation_disbursed")
        if it.status == "certified":
            with self.posting(it, it.allotment, month=month, is_explained=True):
                it.allotment.reserved -= it.amount
        elif it.obligated:
            self._oblige(it, -it.obligated, month, is_explained=True)
        it.status = "cancelled"

    def prepare(self, owed: Obligation, gross: Decimal, kept: Decimal, by: UUID) -> Voucher:
        refuse_unless(owed.status == "obligated", "obligation_out_of_step")
        refuse_unless(kept <= gross, "deductions_too_large")
        refuse_unless(gross <= self.left_to_pay(owed), "balance_exceeded")
        return self._add(Voucher(obligation=owed, gross=gross, by=by, status="draft"))

    def submit(self, it: Voucher) -> None:
        refuse_unless(it.status == "draft", "disbursement_out_of_step")
        it.status = "for_certification"

    def certify_voucher(self, it: Voucher, by: UUID) -> None:
        is_due = it.status == "for_certification" and it.certified_by is None
        refuse_unless(is_due, "disbursement_out_of_step")
        refuse_unless(by != it.by, "same_person")
        it.certified_by = by

    def approve_voucher(self, it: Voucher, by: UUID) -> None:
        is_due = it.status == "for_certification" and it.certified_by is not None
        refuse_unless(is_due, "disbursement_out_of_step")
        refuse_unless(by not in (it.by, it.certified_by), "same_person")
        it.status, it.approved_by = "approved", by

    def pay(self, it: Voucher, month: int, by: UUID) -> None:
        refuse_unless(it.status == "approved", "disbursement_out_of_step")
        refuse_unless(by not in (it.certified_by, it.approved_by), "same_person")
        self._disburse(it, it.gross, month, is_explained=False)
        it.status = "paid"

    def void(self, it: Voucher, month: int) -> None:
        refuse_unless(it.status == "paid", "disbursement_out_of_step")
        self._disburse(it, -it.gross, month, is_explained=True)
        it.status = "void"

    def cancel_voucher(self, it: Voucher) -> None:
        is_unpaid = it.status in ("draft", "for_certification", "approved")
        refuse_unless(is_unpaid, "disbursement_out_of_step")
        it.status = "cancelled"

    def move_month(self, month: int, status: str) -> None:
        now = self.months.get(month, "open")
        comes_from = {"soft_closed": ("open",), "closed": ("open", "soft_closed")}
        refuse_unless(
            now in comes_from.get(status, ("soft_closed", "closed")), "period_out_of_step"
        )
        self.months[month] = status

    def _allot(
        self, it: Allotment, amount: Decimal, month: int, *, is_explained: bool, status: str = ""
    ) -> None:
        with self.posting(it.allocation, it, month=month, is_explained=is_explained):
            self._check_valid(it.allocation, amount)
            it.status = status or it.status
            it.allocation.allotted += amount
            it.allotted += amount
            self._check_open(it, amount)

    def _oblige(
        self, it: Obligation, amount: Decimal, month: int, *, is_explained: bool, status: str = ""
    ) -> None:
        levels = (it.allotment.allocation, it.allotment, it)
        with self.posting(*levels, month=month, is_explained=is_explained):
            self._check_valid(levels[0], amount)
            it.status = status or it.status
            if status:
                it.allotment.reserved -= amount
            for level in levels:
                level.obligated += amount
            self._check_open(it.allotment, amount, *levels)

    def _disburse(self, it: Voucher, amount: Decimal, month: int, *, is_explained: bool) -> None:
        owed = it.obligation
        levels = (owed.allotment.allocation, owed.allotment, owed)
        with self.posting(*levels, month=month, is_explained=is_explained):
            for level in levels:
                level.disbursed += amount

    def _check_valid(self, allocation: Allocation, amount: Decimal) -> None:
        is_valid = amount < 0 or allocation.item.status == "current"
        refuse_unless(is_valid, "not_within_validity")

    def _check_open(self, it: Allotment, amount: Decimal, *more: Row) -> None:
        """Refuse what closed levels do not take, once the balances have been asked."""
        if amount > 0 and all(each.is_sound() for each in (it.allocation, it, *more)):
            is_open = it.status == "released" and it.allocation.status == "approved"
            refuse_unless(is_open, "level_closed")

    def _add(self, row: Kind) -> Kind:
        self.rows.append(row)
        return row
