"""Cash received holds payments where the ceiling is on: each uses one notice, in its quarter."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from anyio import to_thread
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.budgeting.cash_allocations.usecases import prove_cash
from services.budgeting.prove import main as prove
from services.budgeting.tests.spending import DAY, YEAR, Spending, funded
from services.budgeting.tests.test_service import announced


@pytest.fixture
def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


def notice(number: str, amount: str, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "received_on": DAY,
        "fiscal_year": YEAR,
        "quarter": 1,
        "funding_source": "block_grant",
        "amount": amount,
        **changes,
    }


async def received(spending: Spending, number: str, amount: str, **changes: Any) -> dict[str, Any]:
    made = await spending.make("cash-allocations", **notice(number, amount, **changes))
    return await spending.done(spending.head, "cash-allocations", made, "approve")


async def pay(spending: Spending, voucher: dict[str, Any], **body: Any) -> tuple[int, str]:
    told = {"paid_on": DAY, **body}
    answer = await spending.act(spending.cashier, "disbursements", voucher, "pay", **told)
    return answer.status_code, answer.json().get("code", "")


async def test_payments_are_held_to_the_cash_once_the_ceiling_is_on(
    app: FastAPI, spending: Spending, database: ServiceDatabase
) -> None:
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "900.00")
    vouchers = [await spending.voucher(obligation, "100.00") for _ in range(5)]
    assert await pay(spending, vouchers[0]) == (200, "")  # it is off
    await spending.make("cash-ceilings", is_enforced=True, reason="Ordered by the minister")
    assert await pay(spending, vouchers[1]) == (409, "cash_exceeded")
    early = await received(spending, "NCA-1", "50.00")
    other = await received(spending, "NCA-2", "999.00", funding_source="prior_year_savings")
    cash = await received(spending, "NCA-3", "250.00", month=2)
    wrong = {"cash_allocation_id": other["id"]}
    assert await pay(spending, vouchers[1], **wrong) == (409, "cash_exceeded")
    assert await pay(spending, vouchers[1], paid_on=f"{YEAR}-04-01") == (409, "cash_exceeded")
    assert await pay(spending, vouchers[1], cash_allocation_id=cash["id"]) == (200, "")
    results = await asyncio.gather(*(pay(spending, each) for each in vouchers[2:4]))
    assert sorted(results) == [(200, ""), (409, "cash_exceeded")]
    assert (await spending.read("cash-allocations", cash))["used_amount"] == "200.00"
    assert (await spending.read("cash-allocations", early))["used_amount"] == "0.00"
    now = [await spending.read("disbursements", each) for each in vouchers[2:4]]
    paid = next(each for each in now if each["status"] == "paid")
    gone = {"voided_on": DAY, "reason": "Wrong account"}
    await spending.done(spending.cashier, "disbursements", paid, "void", **gone)
    assert (await spending.read("cash-allocations", cash))["used_amount"] == "100.00"
    assert await pay(spending, vouchers[4]) == (200, "")
    told = [row.data for row in await announced(database) if "cash_allocation" in row.subject]
    assert [each["valid_from"] for each in told] == [f"{YEAR}-01-01"] * 2 + [f"{YEAR}-02-01"]
    assert {each["valid_until"] for each in told} == {f"{YEAR}-03-31"}
    await tampered(database)


async def tampered(database: ServiceDatabase) -> None:
    """What is used moves by a charge alone, and never over the amount."""
    charge = (
        "INSERT INTO cash_charges SELECT org_id, gen_random_uuid(), cash_allocation_id,"
        " (SELECT id FROM disbursements WHERE status = 'cancelled' OR status = 'approved' LIMIT 1),"
        " 5000, charged_on, 1, now(), created_by, now(), updated_by FROM cash_charges LIMIT 1"
    )
    engine = create_async_engine(database.app)
    async with engine.connect() as connection:
        for statement, rule in (
            ("UPDATE cash_allocations SET used_amount = 0", "moves by a posting alone"),
            ("DELETE FROM cash_charges", "permission denied"),
            (charge, "ck_cash_allocations_used"),
        ):
            await connection.execute(
                text("SELECT set_config('app.org_id', :org, false)"), {"org": str(org_id_of("MOH"))}
            )
            with pytest.raises(DBAPIError, match=rule):
                await connection.execute(text(statement))
            await connection.rollback()
    await engine.dispose()


PAID = """INSERT INTO postings (org_id, id, kind, amount, posted_on, reference, reason,
    disbursement_id, version, created_at, created_by, updated_at, updated_by)
SELECT org_id, gen_random_uuid(), 'disbursed', gross_amount, DATE '{day}', 'DV', '', id, 1, now(),
    created_by, now(), created_by FROM disbursements WHERE id = '{voucher}'"""
SAID = """UPDATE disbursements SET status = 'paid', paid_on = DATE '{day}', posting_id =
    (SELECT p.id FROM postings AS p WHERE p.disbursement_id = '{voucher}'), paid_by = created_by,
    version = version + 1 WHERE id = '{voucher}'"""
CHARGED = """INSERT INTO cash_charges SELECT d.org_id, gen_random_uuid(), '{cash}', d.id, {amount},
    DATE '{day}', 1, now(), d.created_by, now(), d.created_by FROM disbursements AS d
    WHERE d.id = '{voucher}'"""
FORGOTTEN = "SELECT set_config('app.org_id', '', true), set_config('app.oversight', '', true)"


async def committed(engine: AsyncEngine, *steps: str) -> None:
    async with engine.connect() as connection:
        who = {"org": str(org_id_of("MOH"))}
        await connection.execute(text("SELECT set_config('app.org_id', :org, true)"), who)
        for statement in steps:
            await connection.execute(text(statement))
        await connection.commit()


async def test_the_database_itself_refuses_a_payment_that_uses_no_cash(
    app: FastAPI,
    spending: Spending,
    database: ServiceDatabase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in database.settings().items():
        monkeypatch.setenv(f"BUDGETING_{name.upper()}", value)
    allotment = await spending.allotted(await funded(app.state.database))
    obligation = await spending.obligated(allotment, await spending.payee(), "900.00")
    voucher = await spending.voucher(obligation, "100.00")
    await spending.make("cash-ceilings", is_enforced=True, reason="Ordered by the minister")
    cash = await received(spending, "NCA-1", "250.00")
    other = await received(spending, "NCA-2", "250.00", funding_source="prior_year_savings")
    told = {"day": DAY, "voucher": voucher["id"], "cash": cash["id"], "amount": 100}
    elsewhere = {**told, "cash": other["id"]}
    engine = create_async_engine(database.app)
    commit = partial(committed, engine)
    paid, said = PAID.format(**told), SAID.format(**told)
    for steps in (
        (paid,),
        (said,),
        (paid, said),
        (paid, said, FORGOTTEN),
        (paid, said, CHARGED.format(**{**told, "amount": 99})),
        (paid, said, CHARGED.format(**elsewhere)),
    ):
        with pytest.raises(DBAPIError, match="uses no cash received"):
            await commit(*steps)
    assert (await spending.read("disbursements", voucher))["status"] == "approved"
    await commit(paid, said, CHARGED.format(**told))
    assert (await spending.read("cash-allocations", cash))["used_amount"] == "100.00"
    await engine.dispose()
    await the_proof_names_what_is_wrong(app, database, cash, voucher)


async def the_proof_names_what_is_wrong(
    app: FastAPI, database: ServiceDatabase, cash: dict[str, Any], voucher: dict[str, Any]
) -> None:
    """Past every trigger, as only a superuser could, cash is used that no payment used."""
    moh = org_id_of("MOH")
    assert await prove_cash(app.state.database, [moh]) == {moh: []}
    engine = create_async_engine(database.admin)
    async with engine.begin() as administrator:
        await administrator.execute(text("SET session_replication_role = replica"))
        await administrator.execute(text("UPDATE budgeting.cash_charges SET amount = amount - 1"))
    await engine.dispose()
    assert await to_thread.run_sync(prove, ["--organization", str(moh)]) == 1
    found = await prove_cash(app.state.database, [moh])
    assert {str(each) for each in found[moh]} == {
        f"cash_allocations {cash['id']}: used_amount is 100.00, the ledger says 99.00",
        f"disbursements {voucher['id']}: cash is 99.00, the ledger says 100.00",
    }


async def test_a_notice_is_entered_once_and_confirmed_by_another(spending: Spending) -> None:
    made = await spending.make("cash-allocations", **notice("NCA-1", "50.00"))
    for told, code in (
        (notice("NCA-1", "50.00"), (409, "cash_number_taken")),
        (notice("NCA-2", "50.00", month=4), (422, "month_elsewhere")),
    ):
        answer = await spending.staff.post(spending.at("cash-allocations"), json=told)
        assert (answer.status_code, answer.json()["code"]) == code
    own = await spending.act(spending.staff, "cash-allocations", made, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "enterer_may_not_confirm")
    last = await received(
        spending, "NCA-3", "70.00", fiscal_year=YEAR - 1, received_on=f"{YEAR - 1}-01-02"
    )
    assert (last["status"], last["lapsed_amount"], last["left_amount"]) == (
        "lapsed",
        "70.00",
        "0.00",
    )
    ended = await spending.done(spending.head, "cash-allocations", last, "cancel", reason="Twice")
    assert ended["status"] == "cancelled"
