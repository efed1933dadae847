"""The chain from allotment to payment over HTTP, with the balances of every level."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase, org_id_of
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


async def test_adjusting_cancelling_and_voiding_are_lines_of_the_ledger(
    app: FastAPI, spending: Spending
) -> None:
    allotment = await spending.allotted(await funded(app.state.database), "500.00")
    payee, by = await spending.payee(), spending.officer
    obligation = await spending.obligated(allotment, payee, "300.00")
    disbursement = await spending.paid(obligation, "200.00")
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


@pytest.fixture
async def moh(database: ServiceDatabase) -> Any:
    """Give a connection with the application's own rights, for MOH."""
    engine = create_async_engine(database.app)
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.org_id', :org, false)"), {"org": str(org_id_of("MOH"))}
        )
        await connection.commit()
        yield connection
    await engine.dispose()


TAMPERING = (
    ("UPDATE appropriation_items SET appropriated_amount = 5000", "moves by a posting alone"),
    ("UPDATE appropriation_items SET allocated_amount = 0", "moves by a posting alone"),
    ("UPDATE allocations SET obligated_amount = 0", "moves by a posting alone"),
    ("UPDATE allotments SET allotted_amount = 5000", "moves by a posting alone"),
    ("UPDATE allotments SET reserved_amount = 1", "moves by a posting alone"),
    ("UPDATE obligations SET disbursed_amount = 1", "moves by a posting alone"),
    ("UPDATE obligations SET amount = 1", "never changed"),
    ("UPDATE obligations SET ors_number = 'x'", "never changed"),
    ("UPDATE obligations SET certified_by = created_by", "ck_obligations_certifier"),
    ("UPDATE obligation_lines SET amount = amount + 1", "do not add up"),
    ("UPDATE disbursements SET approved_by = certified_by", "ck_disbursements_approver"),
    ("UPDATE disbursements SET paid_by = approved_by", "ck_disbursements_payer"),
    ("UPDATE disbursements SET net_amount = 1", "ck_disbursements_net"),
    ("UPDATE postings SET amount = 1", "permission denied"),
    ("DELETE FROM postings", "permission denied"),
)


async def test_the_database_lets_no_balance_move_but_by_a_posting(
    app: FastAPI, spending: Spending, moh: AsyncConnection
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "10.00")
    await spending.paid(obligation, "5.00")
    for statement, rule in TAMPERING:
        with pytest.raises((IntegrityError, DBAPIError), match=rule):  # noqa: PT012 (or at the commit)
            await moh.execute(text(statement))
            await moh.commit()
            pytest.fail(f"taken: {statement}")
        await moh.rollback()


async def test_obligating_takes_few_statements(app: FastAPI, spending: Spending) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    wanted = await spending.requested(allotment, await spending.payee(), "10.00")
    here = spending.at(f"obligations/{wanted['id']}")
    for verb, most in (("certify", 7), ("obligate", 9)):
        etag = (await spending.officer.get(here)).headers["ETag"]
        with CountedStatements(app.state.database.engine) as counted:
            done = await spending.officer.post(f"{here}/{verb}", headers={"If-Match": etag})
        assert done.status_code == 200, done.text
        assert len(counted.statements) <= most, counted.statements


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
