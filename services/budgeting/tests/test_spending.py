"""The chain from allotment to payment over HTTP, with the balances of every level."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person
from services.budgeting.tests.spending import DAY, YEAR, Spending, funded


@pytest.fixture
async def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


async def test_money_goes_from_allotment_to_payee_and_every_level_shows_it(
    app: FastAPI, spending: Spending
) -> None:
    allocation = await funded(app.state.database)
    allotment = await spending.allotted(allocation, "600.00")
    assert (allotment["release_number"], allotment["available_amount"]) == (1, "600.00")
    payee = await spending.payee()
    obligation = await spending.obligated(allotment, payee, "250.10")
    assert obligation["ors_number"] == f"02-101101-{YEAR}-02-00001"
    disbursement = await spending.paid(obligation, "100.10", withholding_tax_amount="5.05")
    assert (disbursement["net_amount"], disbursement["dv_number"]) == ("95.05", 1)
    assert disbursement["ada_number"] == f"101101-02-0001-{YEAR}"
    obligation = await spending.read("obligations", obligation)
    assert (obligation["unpaid_amount"], obligation["payment"]) == ("150.00", "partial")
    allotment = await spending.read("allotments", allotment)
    assert [
        allotment[f"{name}_amount"]
        for name in ("allotted", "reserved", "obligated", "disbursed", "available")
    ] == ["600.00", "0.00", "250.10", "100.10", "349.90"]
    ledger = (await spending.staff.get(spending.at("postings?sort=created_at"))).json()["items"]
    assert [(each["kind"], each["amount"], each["balance_amount"]) for each in ledger] == [
        ("appropriated", "1000.00", "1000.00"),
        ("allocated", "1000.00", "0.00"),
        ("allotted", "600.00", "400.00"),
        ("reserved", "250.10", "349.90"),
        ("obligated", "250.10", "349.90"),
        ("disbursed", "100.10", "150.00"),
    ]


async def test_what_is_not_there_is_refused_with_what_is_left(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "100.00")
    payee = await spending.payee()
    await spending.obligated(allotment, payee, "60.00")
    wanted = await spending.requested(allotment, payee, "40.01")
    refused = await spending.act(spending.officer, "obligations", wanted, "certify")
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_exceeded")
    assert refused.json()["detail"] == "The allotment has 40.00 left for this; 40.01 was asked for."
    too_much = await spending.staff.post(
        spending.at("allotments"),
        json={
            "allocation_id": allotment["allocation_id"],
            "amount": "900.01",
            "quarter": 2,
        },
    )
    assert (too_much.status_code, too_much.json()["code"]) == (409, "allocation_spoken_for")


async def test_a_notice_moves_an_obligation_but_never_below_what_is_paid(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "500.00")
    payee, by = await spending.payee(), spending.officer
    obligation = await spending.obligated(allotment, payee, "300.00")
    await spending.paid(obligation, "200.00")
    notice = {"adjusted_on": DAY, "reason": "Fewer boxes came"}
    refused = await spending.act(
        by, "obligations", obligation, "adjust", amount="-100.01", **notice
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_exceeded")
    assert "has 100.00 left" in refused.json()["detail"]
    down = await spending.done(by, "obligations", obligation, "adjust", amount="-100.00", **notice)
    assert (down["obligated_amount"], down["amount"]) == ("200.00", "300.00")
    up = await spending.done(by, "obligations", obligation, "adjust", amount="50.00", **notice)
    assert up["obligated_amount"] == "250.00"
    end = {"cancelled_on": DAY, "reason": "Never delivered"}
    refused = await spending.act(by, "obligations", obligation, "cancel", **end)
    assert refused.json()["code"] == "obligation_disbursed"


async def test_cancelling_and_voiding_are_lines_of_the_ledger(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "500.00")
    by = spending.officer
    obligation = await spending.obligated(allotment, await spending.payee(), "250.00")
    disbursement = await spending.paid(obligation, "200.00")
    end = {"cancelled_on": DAY, "reason": "Never delivered"}
    void = {"voided_on": DAY, "reason": "Wrong account"}
    voided = await spending.done(by, "disbursements", disbursement, "void", **void)
    assert (voided["status"], voided["ada_number"]) == ("void", disbursement["ada_number"])
    again = await spending.act(by, "disbursements", disbursement, "void", **void)
    assert again.status_code == 409
    gone = await spending.done(by, "obligations", obligation, "cancel", **end)
    assert (gone["status"], gone["obligated_amount"]) == ("cancelled", "0.00")
    change = {"adjusted_on": DAY, "reference": "ARO-2", "reason": "Withdrawn"}
    refused = await spending.act(by, "allotments", allotment, "adjust", amount="-500.01", **change)
    assert "has 500.00 left" in refused.json()["detail"]
    left = await spending.done(by, "allotments", allotment, "adjust", amount="-499.00", **change)
    assert left["available_amount"] == "1.00"
    await spending.done(by, "allotments", allotment, "cancel", **end)
    assert (await spending.read("allotments", allotment))["allotted_amount"] == "0.00"
    next_one = await spending.allotted(allotment["allocation_id"], "1000.00")
    assert next_one["release_number"] == 2


async def test_a_certified_obligation_keeps_its_money(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "100.00")
    payee, by = await spending.payee(), spending.officer
    first = await spending.requested(allotment, payee, "70.00")
    second = await spending.requested(allotment, payee, "70.00")
    await spending.done(by, "obligations", first, "certify")
    assert (await spending.act(by, "obligations", second, "certify")).status_code == 409
    await spending.done(by, "obligations", first, "cancel", cancelled_on=DAY, reason="Not needed")
    await spending.done(by, "obligations", second, "certify")
    done = await spending.done(by, "obligations", second, "obligate")
    assert done["ors_number"].endswith("-00001")
