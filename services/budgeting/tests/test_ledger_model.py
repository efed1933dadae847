"""Any path through the ledger against a plain model of it: the same answers, the same balances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from anyio import from_thread, to_thread
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.budgeting.allotments.model import Allotment
from services.budgeting.obligations.model import Obligation, ObligationLine
from services.budgeting.payees.model import Payee
from services.budgeting.postings.queries import list_differences
from services.budgeting.postings.usecases import post
from services.budgeting.tests.spending import DRAFT, PENDING, YEAR, funded

FULL = Decimal("1000.00")
amounts = st.decimals(min_value="0.01", max_value="700", places=2)
signed = st.decimals(min_value="-700", max_value="700", places=2).filter(bool)
picks = st.integers(min_value=0, max_value=5)


@dataclass
class Owed:
    """An obligation as the model knows it."""

    row_id: UUID
    allotment: Slice
    amount: Decimal
    is_obligated: bool = False
    obligated: Decimal = Decimal(0)


@dataclass
class Slice:
    """An allotment as the model knows it."""

    row_id: UUID
    allotted: Decimal
    reserved: Decimal = Decimal(0)
    obligated: Decimal = Decimal(0)
    owed: list[Owed] = field(default_factory=list)


class Ledger(RuleBasedStateMachine):
    """Postings in any order, by a model that knows four sums and nothing of databases."""

    database: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.allocation = from_thread.run(funded, self.database, "MOH", str(FULL))
        self.slices: list[Slice] = []

    @property
    def allotted(self) -> Decimal:
        return sum((each.allotted for each in self.slices), Decimal(0))

    def _does(self, expected: bool, **line: Any) -> None:
        assert from_thread.run(self._post, line) is expected, line

    async def _post(self, line: dict[str, Any]) -> bool:
        try:
            async with self.database.unit_of_work(_somebody()) as uow:
                told = {"posted_on": date(YEAR, 2, 2), "reference": "Any", "reason": "Any"}
                await post(uow, **{**told, **line})
        except Refusal:
            return False
        return True

    @rule(amount=amounts)
    def allot(self, amount: Decimal) -> None:
        row_id = from_thread.run(_an_allotment, self.database, self.allocation, amount)
        fits = self.allotted + amount <= FULL
        self._does(fits, kind="allotted", allotment_id=row_id, amount=amount)
        if fits:
            self.slices.append(Slice(row_id, amount))

    @precondition(lambda self: self.slices)
    @rule(pick=picks, amount=signed)
    def adjust_an_allotment(self, pick: int, amount: Decimal) -> None:
        one = self.slices[pick % len(self.slices)]
        after = one.allotted + amount
        fits = self.allotted + amount <= FULL and after >= one.obligated + one.reserved
        self._does(fits, kind="allotment_adjusted", allotment_id=one.row_id, amount=amount)
        if fits:
            one.allotted = after

    @precondition(lambda self: self.slices)
    @rule(pick=picks, amount=amounts)
    def reserve(self, pick: int, amount: Decimal) -> None:
        one = self.slices[pick % len(self.slices)]
        row_id = from_thread.run(_an_obligation, self.database, self.allocation, one.row_id, amount)
        fits = one.obligated + one.reserved + amount <= one.allotted
        self._does(fits, kind="reserved", obligation_id=row_id, amount=amount)
        if fits:
            one.reserved += amount
            one.owed.append(Owed(row_id, one, amount))

    def _owed(self, *, is_obligated: bool) -> list[Owed]:
        owed = [each for one in self.slices for each in one.owed]
        return [each for each in owed if each.is_obligated is is_obligated]

    @precondition(lambda self: self._owed(is_obligated=False))
    @rule(pick=picks)
    def obligate(self, pick: int) -> None:
        waiting = self._owed(is_obligated=False)
        one = waiting[pick % len(waiting)]
        self._does(True, kind="obligated", obligation_id=one.row_id, amount=one.amount)
        one.is_obligated, one.obligated = True, one.amount
        one.allotment.reserved -= one.amount
        one.allotment.obligated += one.amount

    @precondition(lambda self: self._owed(is_obligated=True))
    @rule(pick=picks, amount=signed)
    def adjust_an_obligation(self, pick: int, amount: Decimal) -> None:
        owed = self._owed(is_obligated=True)
        one, of = owed[pick % len(owed)], owed[pick % len(owed)].allotment
        fits = one.obligated + amount >= 0
        fits = fits and of.obligated + amount + of.reserved <= of.allotted
        self._does(fits, kind="obligation_adjusted", obligation_id=one.row_id, amount=amount)
        if fits:
            one.obligated += amount
            of.obligated += amount

    @invariant()
    def the_balances_are_the_models(self) -> None:
        kept = from_thread.run(_kept, self.database, self.allocation)
        assert kept == {
            each.row_id: (each.allotted, each.reserved, each.obligated)
            for each in self.slices
            if each.allotted
        }


def _somebody() -> Actor:
    return Actor(uuid7(), org_id_of("MOH"), "MOH")


async def _an_allotment(database: Database, allocation_id: UUID, amount: Decimal) -> UUID:
    async with database.unit_of_work(_somebody()) as uow:
        allotment = Allotment(
            **{**PENDING, "status": "released", "amount": amount},
            allocation_id=allocation_id,
            fiscal_year=YEAR,
            approved_by=uuid7(),
            approved_at=uow.now(),
            released_at=uow.now(),
            release_number=uuid7().int % 2_000_000_000,
        )
        uow.session.add(allotment)
        await uow.session.flush()
        return allotment.id


async def _an_obligation(
    database: Database, allocation_id: UUID, allotment_id: UUID, amount: Decimal
) -> UUID:
    async with database.unit_of_work(_somebody()) as uow:
        # What its status allows is the use cases' matter; here it may have any amount.
        obligation = Obligation(
            **{**DRAFT, "status": "obligated"},
            certified_by=uuid7(),
            certified_at=uow.now(),
            obligated_at=uow.now(),
            ors_number=uuid7().hex,
            fiscal_year=YEAR,
            particulars="",
            allotment_id=allotment_id,
            allocation_id=allocation_id,
            payee_id=await _a_payee(uow),
            prepared_by=uow.actor.user_id,
        )
        line = ObligationLine(object_code="50203010", description="x", amount=amount)
        obligation.set_lines([line])
        uow.session.add(obligation)
        await uow.session.flush()
        return obligation.id


async def _a_payee(uow: UnitOfWork) -> UUID:
    payee = Payee(name="x", payee_type="other", address="", is_active=True)
    uow.session.add(payee)
    await uow.session.flush()
    return payee.id


async def _kept(database: Database, allocation_id: UUID) -> dict[UUID, tuple[Decimal, ...]]:
    """Return the balances of every allotment that holds something, and prove the ledger."""
    async with database.unit_of_work(_somebody()) as uow:
        assert await list_differences(uow.session, uow.actor.org_id) == []
        found = await uow.session.scalars(
            select(Allotment).where(Allotment.allocation_id == allocation_id)
        )
        return {
            each.id: (each.allotted_amount, each.reserved_amount, each.obligated_amount)
            for each in found
            if each.allotted_amount
        }


async def test_no_path_breaks_the_ledger(app: FastAPI) -> None:
    Ledger.database = app.state.database
    few = settings(
        max_examples=6,
        stateful_step_count=15,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await to_thread.run_sync(lambda: run_state_machine_as_test(Ledger, settings=few))
