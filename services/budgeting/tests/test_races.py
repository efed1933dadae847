"""Many at once: exactly what is affordable is accepted, at every level, to the centavo."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.budgeting.disbursements.model import Disbursement
from services.budgeting.postings.usecases import post, prove
from services.budgeting.tests.spending import DAY, UNPAID, YEAR, Spending, funded

MANY = 40


@pytest.fixture
async def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


async def test_forty_want_twice_the_allotment_and_twenty_get_it(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "1000.00")
    payee = await spending.payee()
    wanted = [await spending.requested(allotment, payee, "50.00") for _ in range(MANY)]
    answers = await asyncio.gather(
        *(spending.act(spending.officer, "obligations", each, "certify") for each in wanted)
    )
    assert Counter(each.status_code for each in answers) == {200: 20, 409: 20}
    for each in answers:
        if each.status_code == 409:
            assert "The allotment has 0.00 left for this" in each.json()["detail"]
    certified = [each.json() for each in answers if each.status_code == 200]
    done = await asyncio.gather(
        *(spending.act(spending.officer, "obligations", each, "obligate") for each in certified)
    )
    numbers = sorted(each.json()["ors_number"][-5:] for each in done)
    assert numbers == [f"{number:05d}" for number in range(1, 21)]
    left = await spending.read("allotments", allotment)
    assert (left["obligated_amount"], left["available_amount"]) == ("1000.00", "0.00")
    assert await prove(app.state.database) == {org_id_of("MOH"): []}


async def outcome(database: Database, **line: Any) -> str:
    """Return how one posting ends; each is a transaction of its own."""
    try:
        async with database.unit_of_work(Actor(uuid7(), org_id_of("MOH"), "MOH")) as uow:
            told = {"posted_on": date(YEAR, 2, 2), "reference": "Race", "reason": "Race"}
            await post(uow, **{**told, **line})
    except Refusal as refusal:
        return refusal.code()
    return "accepted"


async def vouchers(database: Database, obligation_id: UUID, amount: str) -> list[UUID]:
    async with database.unit_of_work(Actor(uuid7(), org_id_of("MOH"), "MOH")) as uow:
        made = [
            Disbursement(
                **{**UNPAID, "gross_amount": Decimal(amount)},
                fiscal_year=YEAR,
                particulars="",
                obligation_id=obligation_id,
            )
            for _ in range(MANY)
        ]
        for each in made:
            each.settle()
        uow.session.add_all(made)
        await uow.session.flush()
        return [each.id for each in made]


async def test_at_every_level_exactly_the_affordable_ones_are_accepted(
    app: FastAPI, spending: Spending
) -> None:
    database: Database = app.state.database
    allocation = await funded(database, amount="2000.00")
    allotment = await spending.allotted(allocation, "1000.00")
    obligation = await spending.obligated(allotment, await spending.payee(), "500.00")
    notice = {"adjusted_on": DAY, "reason": "Room", "reference": "x", "amount": "-500.00"}
    await spending.done(spending.officer, "allotments", allotment, "adjust", **notice)
    async with database.unit_of_work(Actor(uuid7(), org_id_of("MOH"), "MOH")) as uow:
        freed: Any = {"posted_on": date(YEAR, 2, 2), "reference": "x", "reason": "Room"}
        less: Any = {"amount": Decimal(-1000), **freed}
        await post(uow, kind="allocation_adjusted", allocation_id=allocation, **less)
    pay = await vouchers(database, UUID(obligation["id"]), "25.00")
    levels: list[tuple[str, str, list[dict[str, Any]]]] = [
        ("allocation_adjusted", "50.00", [{"allocation_id": allocation}] * MANY),
        ("allotment_adjusted", "75.00", [{"allotment_id": UUID(allotment["id"])}] * MANY),
        ("obligation_adjusted", "75.00", [{"obligation_id": UUID(obligation["id"])}] * MANY),
        ("disbursed", "100.00", [{"disbursement_id": each} for each in pay]),
    ]
    for kind, amount, lines in levels:
        results = await asyncio.gather(
            *(outcome(database, kind=kind, amount=Decimal(amount), **line) for line in lines)
        )
        assert Counter(results) == {"accepted": 20, "balance_exceeded": 20}, kind
    assert await prove(database) == {org_id_of("MOH"): []}


async def test_corrections_in_the_mix_leave_every_balance_true(
    app: FastAPI, spending: Spending
) -> None:
    database: Database = app.state.database
    allotment = await spending.allotted(await funded(database), "1000.00")
    payee, by = await spending.payee(), spending.officer
    owed = [await spending.obligated(allotment, payee, "100.00") for _ in range(8)]
    paid = [await spending.paid(each, "60.00") for each in owed[:4]]
    more = [await spending.requested(allotment, payee, "60.00") for _ in range(8)]
    notice = {"adjusted_on": DAY, "reason": "Correction"}
    lower = {**notice, "amount": "-300.00", "reference": "ARO-9"}
    answers = await asyncio.gather(
        *(spending.act(by, "obligations", each, "certify") for each in more),
        *(
            spending.act(by, "obligations", each, "adjust", amount="30.00", **notice)
            for each in owed
        ),
        *(
            spending.act(by, "obligations", each, "cancel", cancelled_on=DAY, reason="Not needed")
            for each in owed[2:6]
        ),
        *(
            spending.act(by, "disbursements", each, "void", voided_on=DAY, reason="Wrong account")
            for each in paid
        ),
        *(spending.act(by, "allotments", allotment, "adjust", **lower) for _ in range(3)),
    )
    assert {each.status_code for each in answers} <= {200, 409, 412}
    assert {200, 409} <= {each.status_code for each in answers}
    assert await prove(database) == {org_id_of("MOH"): []}
    now = await spending.read("allotments", allotment)
    spoken_for = Decimal(now["obligated_amount"]) + Decimal(now["reserved_amount"])
    assert Decimal(0) <= spoken_for <= Decimal(now["allotted_amount"])


@dataclass
class Standoff:
    """Others with whom a request is led into a deadlock, and who never are those given up."""

    rival: asyncpg.Connection
    gate: asyncpg.Connection
    watcher: asyncpg.Connection

    async def close_gate(self) -> None:
        """Hold the numbers: whoever obligates stops there, with the obligation in hand."""
        await self.gate.execute("BEGIN; SELECT FROM budgeting.number_series FOR UPDATE")

    async def meet(self, obligation_id: UUID) -> None:
        """Want the obligation that somebody holds who will want what the rival holds."""
        await self._until("$1 = ANY (pg_blocking_pids(pid))", self.gate)
        await self.rival.execute("SAVEPOINT before")
        wanted = "SELECT FROM budgeting.obligations WHERE id = $1 FOR UPDATE"
        wants = asyncio.create_task(self.rival.execute(wanted, obligation_id))
        await self._until("pid = $1 AND pg_blocking_pids(pid) <> '{}'", self.rival)
        await self.gate.execute("ROLLBACK")
        await wants

    async def meet_again(self, obligation_id: UUID) -> None:
        await self.close_gate()
        await self.rival.execute("ROLLBACK TO before")
        await self.meet(obligation_id)

    async def _until(self, condition: str, who: asyncpg.Connection) -> None:
        asked = f"SELECT count(*) FROM pg_stat_activity WHERE {condition}"
        for _ in range(6_000):
            if await self.watcher.fetchval(asked, who.get_server_pid()):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"nobody waits: {condition}")


@pytest.fixture
async def standoff(database: ServiceDatabase) -> AsyncIterator[Standoff]:
    url = database.admin.replace("+asyncpg", "")
    made = Standoff(*[await asyncpg.connect(url) for _ in range(3)])
    name = await made.watcher.fetchval("SELECT current_database()")
    await made.watcher.execute(f"ALTER DATABASE \"{name}\" SET deadlock_timeout = '20ms'")
    for each in (made.rival, made.gate):
        await each.execute("SET deadlock_timeout = '1h'")
    yield made
    for each in (made.rival, made.gate, made.watcher):
        await each.close()


@pytest.mark.parametrize(("meetings", "status"), [(3, 200), (4, 503)])
async def test_what_a_deadlock_undid_begins_again_three_times_and_is_refused_then(
    app: FastAPI, spending: Spending, standoff: Standoff, meetings: int, status: int
) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "1000.00")
    payee = await spending.payee()
    await spending.obligated(allotment, payee, "1.00")  # the series of numbers has begun
    wanted = await spending.requested(allotment, payee, "50.00")
    await spending.done(spending.officer, "obligations", wanted, "certify")
    await app.state.database.engine.dispose()  # what is set for the database is for new connections
    held = "SELECT FROM budgeting.allotments WHERE id = $1 FOR UPDATE"
    await standoff.rival.execute("BEGIN")
    await standoff.rival.execute(held, UUID(allotment["id"]))
    await standoff.close_gate()
    asked = asyncio.create_task(spending.act(spending.officer, "obligations", wanted, "obligate"))
    await standoff.meet(UUID(wanted["id"]))
    for _ in range(meetings - 1):
        await standoff.meet_again(UUID(wanted["id"]))
    if status == 200:
        await standoff.rival.execute("ROLLBACK")
    answer = await asked
    assert answer.status_code == status, answer.text
    if status == 503:
        assert (answer.json()["code"], answer.headers["retry-after"]) == ("too_contended", "1")
        await standoff.rival.execute("ROLLBACK")
    now = await spending.read("allotments", allotment)
    assert now["obligated_amount"] == ("51.00" if status == 200 else "1.00")
    assert await prove(app.state.database) == {org_id_of("MOH"): []}
