"""Who may spend, when, on what, and what the database itself refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person
from services.budgeting.tests.spending import DAY, YEAR, Spending, funded


@pytest.fixture
async def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


async def test_three_persons_pay(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "10.00")
    wanted = await spending.requested(
        allotment, {"id": obligation["payee_id"]}, "10.00", document_number="PO-2"
    )
    own = await spending.act(spending.staff, "obligations", wanted, "certify")
    assert (own.status_code, own.json()["code"]) == (403, "requester_may_not_certify")
    voucher = await spending.make(
        "disbursements",
        obligation_id=obligation["id"],
        gross_amount="10.00",
        payment_method="check",
    )
    await spending.done(spending.staff, "disbursements", voucher, "submit")

    async def refused(by: Person, verb: str, **body: Any) -> str:
        answer = await spending.act(by, "disbursements", voucher, verb, **body)
        assert answer.status_code in (403, 409, 422), answer.text
        return str(answer.json()["code"])

    assert await refused(spending.staff, "certify") == "same_person"
    assert await refused(spending.head, "approve") == "disbursement_out_of_step"
    await spending.done(spending.accountant, "disbursements", voucher, "certify")
    assert await refused(spending.accountant, "approve") == "same_person"
    await spending.done(spending.head, "disbursements", voucher, "approve")
    assert await refused(spending.head, "pay", paid_on=DAY) == "same_person"
    assert await refused(spending.cashier, "pay", paid_on=DAY) == "check_number_missing"
    await spending.done(
        spending.cashier, "disbursements", voucher, "pay", paid_on=DAY, check_number="C-1"
    )


async def test_a_double_submitted_obligation_is_one(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "100.00")
    wanted = await spending.requested(allotment, await spending.payee(), "60.00")
    await spending.done(spending.officer, "obligations", wanted, "certify")
    here = spending.at(f"obligations/{wanted['id']}")
    headers = {
        "If-Match": (await spending.officer.get(here)).headers["ETag"],
        "Idempotency-Key": "twice",
    }
    first = await spending.officer.post(f"{here}/obligate", headers=headers)
    second = await spending.officer.post(f"{here}/obligate", headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["idempotency-replayed"] == "true"
    assert first.json() == second.json()
    found = (await spending.staff.get(spending.at("postings?kind=obligated"))).json()["items"]
    assert [each["amount"] for each in found] == ["60.00"]


async def test_nothing_is_posted_in_a_closed_month(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "100.00")
    payee, by = await spending.payee(), spending.officer
    await spending.make("fiscal-periods", fiscal_year=YEAR)
    months = await spending.staff.get(spending.at(f"fiscal-periods?fiscal_year={YEAR}"))
    february = months.json()["items"][1]
    await spending.done(by, "fiscal-periods", february, "close")
    late = await spending.requested(allotment, payee, "10.00")
    refused = await spending.act(by, "obligations", late, "certify")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_closed")
    in_march = await spending.requested(allotment, payee, "10.00", obligation_on=f"{YEAR}-03-01")
    await spending.done(by, "obligations", in_march, "certify")
    assert (
        await spending.act(by, "fiscal-periods", february, "reopen", reason=" ")
    ).status_code == 422
    await spending.done(by, "fiscal-periods", february, "reopen", reason="A payroll was missing")
    await spending.done(by, "obligations", late, "certify")


async def test_authority_ends_with_its_validity(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "100.00")
    late = await spending.requested(
        allotment, await spending.payee(), "10.00", obligation_on=f"{YEAR + 1}-01-02"
    )
    refused = await spending.act(spending.officer, "obligations", late, "certify")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_within_validity")


NO_AMOUNTS = ("0.00", "-1.00", "1.001", "1", "1e3", "NaN", "Infinity", 5, 5.0, None, "1,000.00")


async def test_what_is_no_amount_is_refused_by_name(app: FastAPI, spending: Spending) -> None:
    allocation = await funded(app.state.database)
    for amount in NO_AMOUNTS:
        answer = await spending.staff.post(
            spending.at("allotments"),
            json={"allocation_id": str(allocation), "amount": amount, "quarter": 1},
        )
        assert answer.status_code == 422, amount
        assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/body/amount"]


async def test_a_tax_number_is_told_only_to_those_who_need_it(
    person: Callable[..., Person], spending: Spending
) -> None:
    payee = await spending.payee(tin="123456789000")
    clerk = person("MOH", permissions=["budgeting.payee.read"])
    told = (await clerk.get(spending.at(f"payees/{payee['id']}"))).json()
    assert told["tin"] == "•••••••••000"
    assert payee["tin"] == "123456789000"
    again = await spending.staff.post(
        spending.at("payees"),
        json={"name": "Other", "payee_type": "supplier", "tin": "123456789000"},
    )
    assert (again.status_code, again.json()["code"]) == (409, "tin_taken")


async def test_a_payment_needs_a_role_that_reaches_to_it(
    app: FastAPI, person: Callable[..., Person], spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "700.00")
    await spending.make("approval-tiers", role="staff", up_to_amount="500.00")
    await spending.make("approval-tiers", role="head", up_to_amount="2000.00")
    small = await spending.voucher(obligation, "500.00")
    assert small["status"] == "approved"
    large = await spending.make(
        "disbursements",
        obligation_id=obligation["id"],
        gross_amount="200.00",
        payment_method="bank_transfer",
    )
    await spending.done(spending.staff, "disbursements", large, "submit")
    await spending.done(spending.accountant, "disbursements", large, "certify")
    clerk, head = person("MOH", org_roles=["clerk"]), person("MOH", org_roles=["head"])
    refused = await spending.act(clerk, "disbursements", large, "approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "above_your_tier")
    await spending.done(head, "disbursements", large, "approve")


async def test_money_follows_the_plan_where_there_is_one(app: FastAPI, spending: Spending) -> None:
    allocation = await funded(app.state.database)
    allotment = await spending.allotted(allocation)
    plan = {
        "allocation_id": str(allocation),
        "title": "Restock stations",
        "unit": "station",
        "quantity": "10",
        "estimated_cost_amount": "1000.00",
        "target_completion_on": f"{YEAR}-11-30",
    }
    item = await spending.make("work-items", **plan)
    assert (item["code"], item["q1_quantity"]) == (f"WI-{YEAR}-001", "2.500")
    answer = await spending.staff.post(spending.at("work-items"), json=plan)
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_exceeds_allocation")
    payee = await spending.payee()
    refused = await spending.staff.post(
        spending.at("obligations"),
        json={
            "allotment_id": allotment["id"],
            "payee_id": payee["id"],
            "document_kind": "payroll",
            "obligation_on": DAY,
            "lines": [{"object_code": "50203010", "description": "x", "amount": "1.00"}],
        },
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "work_item_required")
    done = await spending.obligated(allotment, payee, "1.00", work_item_id=item["id"])
    assert done["work_item_id"] == item["id"]
    moved = await spending.done(
        spending.staff, "work-items", item, "advance", accomplished_quantity="2.5"
    )
    assert (moved["status"], moved["physical_percent"]) == ("in_progress", "25.00")


async def test_what_is_charged_is_in_the_catalogue_for_the_day_and_the_class(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    payee = await spending.payee()
    good = {"object_code": "50203010", "description": "x", "amount": "1.00"}
    made = await spending.requested(allotment, payee, "1.00")
    here = spending.at("obligations")
    told: dict[str, Any] = {
        "payee_id": payee["id"],
        "obligation_on": DAY,
        "document_kind": "contract",
    }
    etag = (await spending.staff.get(f"{here}/{made['id']}")).headers["ETag"]
    for code, refusal in (
        ("5010101001", "object_class_differs"),
        ("5029999012", "object_code_unknown"),
    ):
        told["lines"] = [good, {**good, "object_code": code}]
        asked = {**told, "allotment_id": allotment["id"]}
        headers = {"If-Match": etag}
        for answer in (
            await spending.staff.post(here, json=asked),
            await spending.staff.patch(f"{here}/{made['id']}", json=told, headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (422, refusal), answer.text
            assert answer.json()["errors"][0]["pointer"] == "/body/lines/1/object_code"


async def test_an_obligation_is_not_cancelled_while_a_voucher_waits_on_it(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "10.00")
    voucher = await spending.voucher(obligation, "4.00")
    end = {"cancelled_on": DAY, "reason": "Never delivered"}
    refused = await spending.act(spending.officer, "obligations", obligation, "cancel", **end)
    assert (refused.status_code, refused.json()["code"]) == (409, "obligation_awaited")
    number = (await spending.read("disbursements", voucher))["dv_number"]
    assert f"{YEAR}-{number:05d}" in refused.json()["detail"]
    await spending.done(spending.head, "disbursements", voucher, "cancel", reason="No need")
    new = {"obligation_id": obligation["id"], "gross_amount": "4.00", "payment_method": "check"}
    cancelled, asked = await asyncio.gather(
        spending.act(spending.officer, "obligations", obligation, "cancel", **end),
        spending.staff.post(spending.at("disbursements"), json=new),
    )
    assert (cancelled.status_code, asked.status_code) in ((200, 409), (409, 201))
