"""A path through the chain of money, taken at once in the model and for real."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from itertools import count
from random import Random
from typing import Any, ClassVar
from uuid import UUID

from anyio import from_thread
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import org_id_of
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.budgeting.tests import money_steps as steps
from services.budgeting.tests.money_model import Chain
from services.budgeting.tests.money_rows import LARGEST, Item, Refused
from services.budgeting.tests.spending import YEAR

CENTAVO = Decimal("0.01")
MOSTLY = 0.88
"""How often a step is tried on what is in a state for it."""

TODAY = datetime(YEAR, 11, 20, 4, tzinfo=UTC)
"""When every step is taken: in a month that other steps open and close."""

PEOPLE = tuple(uuid7() for _ in range(5))

_numbers = count(1)

Step = Callable[[UnitOfWork], Awaitable[Any]]


class MoneyPath(RuleBasedStateMachine):
    """An organization with two items to spend, its people, and both sides of every step."""

    database: ClassVar[Database]
    chance: Random

    @initialize(full=st.sampled_from([Decimal("1000.00"), LARGEST]))
    def an_item_is_being_spent(self, full: Decimal) -> None:
        self.org = f"PATH-{next(_numbers)}"
        self.full = full
        self.chain = Chain(today=TODAY.month)
        self.run(PEOPLE[0], steps.open_year)
        self.payee_id = self.run(PEOPLE[0], steps.a_payee)
        for _ in range(2):
            item = Item(appropriated=full, status="current")
            item.row_id = self.run(PEOPLE[0], steps.enact(full))
            self.chain.rows.append(item)
        first = self.chain.rows[0]
        for part in (full * 4 / 10, full * 3 / 10):
            amount = part.quantize(CENTAVO, ROUND_DOWN)
            step = steps.allocate(first, amount)
            self.both(self.chain.allocate, step, first, amount, by=PEOPLE[0])
            it = self.chain.rows[-1]
            self.both(self.chain.approve_allocation, steps.approve_allocation(it), it, by=PEOPLE[1])

    def run(self, by: UUID, step: Step) -> Any:
        """Take a step for real, in a transaction of its own; a refusal is its code."""
        return from_thread.run(self._run, by, step)

    async def _run(self, by: UUID, step: Step) -> Any:
        try:
            async with self.database.unit_of_work(Actor(by, org_id_of(self.org), self.org)) as uow:
                uow.session.info["now"] = TODAY
                made = await step(uow)
        except Refusal as refusal:
            return refusal.code()
        return getattr(made, "id", made)

    def both(
        self, model: Callable[..., Any], step: Step, *told: Any, by: UUID | None = None
    ) -> None:
        """Take a step in the model and for real: the same answer, and a new row is known."""
        who = by or PEOPLE[1]
        try:
            expected = model(*told, **({"by": by} if by else {}))
        except Refused as refused:
            expected = str(refused)
        real = self.run(who, step)
        if hasattr(expected, "row_id"):
            assert isinstance(real, UUID), f"{model.__name__} was refused: {real}"
            expected.row_id = real
        else:
            told_so = real if isinstance(real, str) else None
            assert told_so == expected, f"{model.__name__}: {real}, and not {expected}"

    def one(self, kind: type[Any], *ready: str) -> Any:
        """Return a row, mostly one in a state for the step."""
        rows = self.chain.all(kind, *ready) if self.chance.random() < MOSTLY else []
        return self.chance.choice(rows or self.chain.all(kind))

    def amount(self, left: Decimal) -> Decimal:
        """Return a part of the whole, or what is left and a centavo around it."""
        part = self.full * self.chance.randint(1, 4_999) / 10_000
        wanted = self.chance.choice([left, left + CENTAVO, left / 2, left / 3, left / 4, part])
        return min(max(wanted.quantize(CENTAVO, ROUND_DOWN), CENTAVO), LARGEST)

    def month(self) -> int:
        return self.chance.choice([1, 2, 2, 3, 3, 4, 4, 4])

    def who(self) -> UUID:
        return self.chance.choice(PEOPLE)
