"""Any path through the chain of money against a plain model of it: same answers, same balances.

`BMMS_MODEL_PATHS` and `BMMS_MODEL_STEPS` widen the search.
"""

from __future__ import annotations

import os
from random import Random
from typing import Any

from anyio import to_thread
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_paths

from services.budgeting.tests import money_steps as steps
from services.budgeting.tests.money_path import CENTAVO, PEOPLE, MoneyPath
from services.budgeting.tests.money_rows import (
    NIL,
    Allocation,
    Allotment,
    Item,
    Obligation,
    Voucher,
    WorkItem,
)

PATHS = int(os.environ.get("BMMS_MODEL_PATHS", "7"))
STEPS = int(os.environ.get("BMMS_MODEL_STEPS", "40"))


class Money(MoneyPath):
    """People of one organization, doing whatever the API has, in any order."""

    @rule(chance=st.randoms(use_true_random=True))
    def somebody_does_something(self, chance: Random) -> None:
        self.chance = chance
        open_now = {verb: often for verb, often, *of in VERBS if self.chain.all(*of)}
        (verb,) = chance.choices(list(open_now), list(open_now.values()))
        getattr(self, verb)()

    def allocate(self) -> None:
        item = self.one(Item)
        amount, by = self.amount(item.appropriated - item.allocated), self.who()
        self.both(self.chain.allocate, steps.allocate(item, amount), item, amount, by=by)

    def approve_an_allocation(self) -> None:
        it = self.one(Allocation, "draft")
        self.both(self.chain.approve_allocation, steps.approve_allocation(it), it, by=self.who())

    def end_an_allocation(self) -> None:
        it, how = self.one(Allocation, "approved"), self.chance.randint(0, 9)
        if how < 5:
            self.both(self.chain.cancel_allocation, steps.cancel_allocation(it), it)
        elif how < 7:
            self.both(self.chain.close_allocation, steps.close_allocation(it), it)
        elif how == 7:
            it.item.status = "lapsed"
            self.run(PEOPLE[0], steps.lapse(it.item))

    def realign_items(self) -> None:
        ends = self.chance.sample(self.chain.all(Item), 2)
        amount = self.amount(ends[0].appropriated - ends[0].allocated)
        step = steps.realign("item", ends[0], ends[1], amount)
        self.both(self.chain.realign_items, step, *ends, amount)

    def realign_allocations(self) -> None:
        come_from, go_to = self.one(Allocation, "approved"), self.one(Allocation, "approved")
        if come_from is not go_to and come_from.item is go_to.item:
            amount = self.amount(come_from.allocated - come_from.allotted)
            step = steps.realign("allocation", come_from, go_to, amount)
            self.both(self.chain.realign_allocations, step, come_from, go_to, amount)

    def ask_for_an_allotment(self) -> None:
        of, by = self.one(Allocation, "approved"), self.who()
        amount = self.amount(self.chain.left_to_allot(of))
        self.both(self.chain.ask_allotment, steps.ask_allotment(of, amount), of, amount, by=by)

    def approve_an_allotment(self) -> None:
        it = self.one(Allotment, "pending")
        self.both(self.chain.approve_allotment, steps.approve_allotment(it), it, by=self.who())

    def release(self) -> None:
        it, month = self.one(Allotment, "approved"), self.month()
        self.both(self.chain.release, steps.release(it, month), it, month)

    def adjust_an_allotment(self) -> None:
        it, month = self.one(Allotment, "released"), self.month()
        if self.chance.random() < 0.5:
            amount = self.amount(it.allocation.allocated - it.allocation.allotted)
        else:
            amount = -self.amount(it.allotted - it.obligated - it.reserved)
        step = steps.adjust_allotment(it, amount, month)
        self.both(self.chain.adjust_allotment, step, it, amount, month)

    def end_an_allotment(self) -> None:
        it, month = self.one(Allotment, "released"), self.month()
        if self.chance.randint(0, 3):
            self.both(self.chain.cancel_allotment, steps.cancel_allotment(it, month), it, month)
        else:
            self.both(self.chain.close_allotment, steps.close_allotment(it), it)

    def plan_work(self) -> None:
        of = self.one(Allocation, "approved")
        cost = self.amount(self.chain.left_to_plan(of))
        self.both(self.chain.plan, steps.plan(of, cost), of, cost)

    def move_work(self) -> None:
        it = self.one(WorkItem, "planned", "in_progress")
        status = self.chance.choice(["in_progress", "completed", "cancelled"])
        self.both(self.chain.end_work, steps.end_work(it, status), it, status)

    def request(self) -> None:
        of, month = self.one(Allotment, "released"), self.month()
        lines = [self.amount(of.allotted - of.obligated - of.reserved)]
        if self.chance.randint(0, 3) == 0:
            lines.append(self.amount(NIL))
        works = [*self.chain.plan_of(of.allocation)[:1] * 6, None, *self.chain.all(WorkItem)]
        work = self.chance.choice(works)
        step = steps.request(of, lines, work, self.payee_id, month)
        self.both(self.chain.request, step, of, lines, work, month, by=PEOPLE[0])

    def certify(self) -> None:
        it = self.one(Obligation, "draft")
        self.both(self.chain.certify, steps.certify(it), it, by=self.who())

    def obligate(self) -> None:
        it = self.one(Obligation, "certified")
        self.both(self.chain.obligate, steps.obligate(it), it)

    def adjust_an_obligation(self) -> None:
        it, month = self.one(Obligation, "obligated"), self.month()
        if self.chance.random() < 0.5:
            above = it.allotment
            amount = self.amount(above.allotted - above.obligated - above.reserved)
        else:
            amount = -self.amount(it.obligated - it.disbursed)
        step = steps.adjust_obligation(it, amount, month)
        self.both(self.chain.adjust_obligation, step, it, amount, month)

    def cancel_an_obligation(self) -> None:
        it, month = self.one(Obligation, "certified", "obligated"), self.month()
        self.both(self.chain.cancel_obligation, steps.cancel_obligation(it, month), it, month)

    def prepare_a_voucher(self) -> None:
        of = self.one(Obligation, "obligated")
        gross = self.amount(self.chain.left_to_pay(of))
        tenths = self.chance.randint(0, 10)
        tax = gross + CENTAVO if tenths == 10 else (gross * tenths / 10).quantize(CENTAVO)
        step = steps.prepare(of, gross, tax)
        self.both(self.chain.prepare, step, of, gross, tax, by=PEOPLE[0])

    def submit(self) -> None:
        it = self.one(Voucher, "draft")
        self.both(self.chain.submit, steps.submit(it), it)

    def certify_a_voucher(self) -> None:
        it = self.one(Voucher, "for_certification")
        self.both(self.chain.certify_voucher, steps.certify_voucher(it), it, by=self.who())

    def approve_a_voucher(self) -> None:
        it = self.one(Voucher, "for_certification")
        self.both(self.chain.approve_voucher, steps.approve_voucher(it), it, by=self.who())

    def pay(self) -> None:
        it, month = self.one(Voucher, "approved"), self.month()
        self.both(self.chain.pay, steps.pay(it, month), it, month, by=self.who())

    def void(self) -> None:
        it, month = self.one(Voucher, "paid"), self.month()
        self.both(self.chain.void, steps.void(it, month), it, month)

    def cancel_a_voucher(self) -> None:
        it = self.one(Voucher, "draft", "for_certification", "approved")
        if self.chance.random() < 0.5:
            self.both(self.chain.cancel_voucher, steps.cancel_voucher(it), it)

    def move_a_month(self) -> None:
        month = self.chance.randint(1, 3)
        status = self.chance.choice(["soft_closed", "closed", "open", "open", "open"])
        self.both(self.chain.move_month, steps.move_month(month, status), month, status)

    @invariant()
    def the_balances_are_the_models(self) -> None:
        if hasattr(self, "payee_id"):
            assert self.run(PEOPLE[0], steps.balances) == {
                each.row_id: each.sums() for each in self.chain.rows if each.sums()
            }


VERBS: tuple[tuple[Any, ...], ...] = (
    ("allocate", 1, Item),
    ("approve_an_allocation", 2, Allocation, "draft"),
    ("end_an_allocation", 1, Allocation),
    ("realign_items", 1, Item),
    ("realign_allocations", 2, Allocation),
    ("ask_for_an_allotment", 3, Allocation),
    ("approve_an_allotment", 4, Allotment, "pending"),
    ("release", 5, Allotment, "approved"),
    ("adjust_an_allotment", 2, Allotment, "released"),
    ("end_an_allotment", 1, Allotment),
    ("plan_work", 1, Allocation),
    ("move_work", 1, WorkItem),
    ("request", 5, Allotment, "released"),
    ("certify", 6, Obligation, "draft"),
    ("obligate", 6, Obligation, "certified"),
    ("adjust_an_obligation", 3, Obligation),
    ("cancel_an_obligation", 1, Obligation),
    ("prepare_a_voucher", 4, Obligation, "obligated"),
    ("submit", 6, Voucher, "draft"),
    ("certify_a_voucher", 6, Voucher, "for_certification"),
    ("approve_a_voucher", 6, Voucher, "for_certification"),
    ("pay", 6, Voucher, "approved"),
    ("void", 3, Voucher, "paid"),
    ("cancel_a_voucher", 1, Voucher),
    ("move_a_month", 1, Item),
)
"""What people do, how often, and of which rows there must be one for it."""


async def test_no_path_breaks_the_chain_of_money(app: FastAPI) -> None:
    Money.database = app.state.database
    wide = settings(
        max_examples=PATHS,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await to_thread.run_sync(lambda: run_paths(Money, settings=wide))
