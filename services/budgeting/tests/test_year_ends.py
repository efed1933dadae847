"""The end of a year: what is free lapses or continues, what is owed stays owed, all ties out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.budgeting.postings.usecases import prove
from services.budgeting.tests.spending import YEAR, Spending, funded
from services.budgeting.tests.test_service import announced

LAST = YEAR - 1
END = f"{LAST}-12-31"
IN_YEAR = f"{LAST}-03-03"
ENDING = {"fiscal_year": LAST, "valid_until": date(LAST, 12, 31)}
LASTING = {"fiscal_year": LAST, "valid_until": date(YEAR, 12, 31), "expense_class": "co"}


@pytest.fixture
def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


async def released(spending: Spending, allocation: UUID, amount: str) -> dict[str, Any]:
    made = await spending.make(
        "allotments", allocation_id=str(allocation), amount=amount, quarter=1
    )
    await spending.done(spending.officer, "allotments", made, "approve")
    return await spending.done(spending.officer, "allotments", made, "release", released_on=IN_YEAR)


async def a_year(app: FastAPI, spending: Spending) -> dict[str, Any]:
    """Spend a year: 1000 that end with it and 500 that last, with debts of both kinds."""
    ending = await funded(app.state.database, **ENDING)
    lasting = await funded(app.state.database, amount="500.00", **LASTING)
    allotment = await released(spending, ending, "800.00")
    capital = await released(spending, lasting, "300.00")
    payee = await spending.payee()
    dated = {"obligation_on": IN_YEAR}
    due = await spending.obligated(allotment, payee, "400.00", **dated)
    await spending.done(spending.officer, "obligations", due, "deliver", delivered_on=IN_YEAR)
    await spending.paid(due, "250.00", on=IN_YEAR)
    later = await spending.obligated(allotment, payee, "100.00", **dated)
    machine = await spending.obligated(capital, payee, "120.00", **dated)
    return {
        "ending": ending,
        "lasting": lasting,
        "allotment": allotment,
        "capital": capital,
        "payee": payee,
        "due": due,
        "later": later,
        "machine": machine,
    }


async def closing(spending: Spending, on: str = END) -> dict[str, Any]:
    return await spending.make("year-ends", fiscal_year=LAST, closing_on=on)


async def closed(spending: Spending) -> dict[str, Any]:
    made = await closing(spending)
    await spending.done(spending.accountant, "year-ends", made, "submit")
    return await spending.done(spending.head, "year-ends", made, "approve")


async def figures(spending: Spending, kind: str, as_of: str = END) -> dict[str, Decimal]:
    """Return the totals of a report as of a day, by column."""
    made = await spending.make("reports", kind=kind, fiscal_year=LAST, as_of=as_of)
    told = made["figures"]
    pairs = zip(told["columns"], told["totals"], strict=True)
    return {column["key"]: Decimal(total) for column, total in pairs if total is not None}


WHOLE = {
    "appropriated_amount": "1500.00",
    "lapsed_amount": "500.00",
    "continued_amount": "380.00",
    "obligated_amount": "620.00",
    "disbursed_amount": "250.00",
    "due_amount": "150.00",
    "not_yet_due_amount": "220.00",
}


def ties_out(was: dict[str, Decimal], now: dict[str, Decimal]) -> None:
    """What was free before has lapsed or continues, and nothing else is different."""
    lapsed, continued = Decimal(WHOLE["lapsed_amount"]), Decimal(WHOLE["continued_amount"])
    assert was["unreleased"] + was["unobligated"] == lapsed + continued
    assert now["unreleased"] + now["unobligated"] == continued
    assert now["adjusted"] == was["adjusted"] - lapsed
    same = ("authorised", "received", "obligated", "disbursed", "due", "not_yet_due")
    assert {name: now[name] for name in same} == {name: was[name] for name in same}


HEARD = {
    "allotments": ("allotment", "allotted_amount"),
    "obligated": ("obligation", "obligated_amount"),
    "disbursed": ("disbursement", "gross_amount"),
}
"""B6 to B8: the newest event about each record adds up to the column of the statement."""


def heard_by_oversight(rows: list[Any], statement: dict[str, Decimal]) -> None:
    """Whoever keeps the last state that was told of everything has the same sums."""
    for column, (noun, amount) in HEARD.items():
        newest = {
            row.data[f"{noun}_id"]: Decimal(row.data[amount])
            for row in rows
            if row.subject.split(".")[1] == noun
        }
        assert sum(newest.values()) == statement[column], noun


async def test_a_closed_year_ties_out_with_what_was_reported_before(
    app: FastAPI, spending: Spending, database: ServiceDatabase
) -> None:
    year = await a_year(app, spending)
    before = {kind: await figures(spending, kind) for kind in ("saaodb", "payables")}
    made = await closing(spending)
    preview = (await spending.staff.get(spending.at(f"year-ends/{made['id']}/preview"))).json()
    assert {name: preview[name] for name in WHOLE} == WHOLE
    assert (preview["items_lapsing"], preview["items_continuing"]) == (1, 1)
    await spending.done(spending.accountant, "year-ends", made, "submit")
    own = await spending.act(spending.accountant, "year-ends", made, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "preparer_may_not_close")
    answers = await asyncio.gather(
        *(spending.act(spending.head, "year-ends", made, "approve") for _ in range(2))
    )
    assert min(answer.status_code for answer in answers) == 200
    assert {answer.status_code for answer in answers} <= {200, 409, 412}
    done = await spending.read("year-ends", made)
    assert {name: done[name] for name in WHOLE} == WHOLE

    after = {kind: await figures(spending, kind) for kind in ("saaodb", "payables")}
    ties_out(before["saaodb"], after["saaodb"])
    assert after["payables"] == before["payables"]
    assert after["payables"]["unpaid"] == Decimal("370.00")
    assert await prove(app.state.database) == {org_id_of("MOH"): []}

    lapsed = await spending.read("allotments", year["allotment"])
    assert (lapsed["status"], lapsed["allotted_amount"]) == ("closed", "500.00")
    lines = (await spending.staff.get(spending.at(f"year-ends/{made['id']}/lines"))).json()
    assert sum(Decimal(each["rest_amount"]) for each in lines["items"]) == Decimal("880.00")
    rows = await announced(database)
    heard_by_oversight(rows, after["saaodb"])
    told = {row.subject: row.data for row in rows}
    assert told["budgeting.year_end.closed.v1"]["lapsed_amount"] == "500.00"
    assert told["budgeting.appropriation_item.lapsed.v1"]["appropriated_amount"] == "500.00"
    assert told["budgeting.allocation.closed.v1"]["allotted_amount"] == "500.00"
    assert told["budgeting.allotment.closed.v1"]["allotted_amount"] == "500.00"


async def undone(spending: Spending, closing: dict[str, Any]) -> dict[str, Any]:
    """Return a reversal that waits for approval."""
    undo = await spending.done(spending.accountant, "year-ends", closing, "reverse", reason="Early")
    return await spending.done(spending.accountant, "year-ends", undo, "submit")


async def test_a_closing_is_undone_whole_until_what_it_left_is_used(
    app: FastAPI, spending: Spending
) -> None:
    year = await a_year(app, spending)
    before = await figures(spending, "saaodb")
    first = await closed(spending)
    again = await spending.staff.post(
        spending.at("year-ends"), json={"fiscal_year": LAST, "closing_on": END}
    )
    assert (again.status_code, again.json()["code"]) == (409, "year_closed_already")
    undo = await undone(spending, first)
    assert (await spending.done(spending.head, "year-ends", undo, "approve"))["status"] == "applied"
    assert (await spending.read("year-ends", first))["status"] == "reversed"
    assert await figures(spending, "saaodb") == before
    back = await spending.read("allotments", year["allotment"])
    assert (back["status"], back["allotted_amount"]) == ("released", "800.00")

    second = await closed(spending)
    assert second["lapsed_amount"] == WHOLE["lapsed_amount"]
    undo = await undone(spending, second)
    more = {"amount": "1.00", "reason": "More"}
    for owed, on, code in (
        ("due", f"{YEAR}-01-05", "not_within_validity"),
        ("machine", IN_YEAR, "period_closed"),
    ):
        told = {**more, "adjusted_on": on}
        late = await spending.act(spending.officer, "obligations", year[owed], "adjust", **told)
        assert (late.status_code, late.json()["code"]) == (409, code)
    await spending.paid(year["due"], "150.00", on=f"{YEAR}-01-05")
    lasting = {"obligation_on": f"{YEAR}-01-06"}
    await spending.obligated(year["capital"], year["payee"], "180.00", **lasting)
    stands = await spending.act(spending.head, "year-ends", undo, "approve")
    assert (stands.status_code, stands.json()["code"]) == (409, "next_year_used_it")
    assert (await spending.read("year-ends", second))["status"] == "applied"
    assert await prove(app.state.database) == {org_id_of("MOH"): []}


async def test_what_stands_in_the_way_is_named_and_what_changed_is_not_approved(
    app: FastAPI, spending: Spending
) -> None:
    year = await a_year(app, spending)
    early = await spending.staff.post(
        spending.at("year-ends"), json={"fiscal_year": YEAR + 1, "closing_on": END}
    )
    assert (early.status_code, early.json()["code"]) == (422, "closing_day_impossible")
    wanted = await spending.requested(
        year["allotment"], year["payee"], "10.00", obligation_on=IN_YEAR
    )
    await spending.done(spending.officer, "obligations", wanted, "certify")
    made = await closing(spending)
    refused = await spending.act(spending.accountant, "year-ends", made, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "year_end_obstructed")
    assert "10.00 is certified" in refused.text
    gone = {"cancelled_on": IN_YEAR, "reason": "No longer"}
    await spending.done(spending.officer, "obligations", wanted, "cancel", **gone)
    await spending.done(spending.accountant, "year-ends", made, "submit")
    await spending.done(
        spending.officer, "obligations", year["later"], "deliver", delivered_on=IN_YEAR
    )
    moved = await spending.act(spending.head, "year-ends", made, "approve")
    assert (moved.status_code, moved.json()["code"]) == (409, "year_end_moved")
    months = await spending.staff.get(spending.at(f"fiscal-periods?fiscal_year={LAST}"))
    assert {each["status"] for each in months.json()["items"]} == {"closed"}
    await spending.done(spending.head, "year-ends", made, "reject", reason="Start anew")
    assert (await closed(spending))["due_amount"] == "250.00"
