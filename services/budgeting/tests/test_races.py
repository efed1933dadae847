"""Many at once: exactly what is affordable is accepted, at every level, to the centavo."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
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
