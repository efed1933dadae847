"""Alerts: each is raised on its day, once, grows worse, and is cleared when its cause is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import CountedStatements, Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from libs.tenancy.rows import MANILA
from services.budgeting.alerts.queries import list_findings
from services.budgeting.alerts.usecases import check_alerts, check_alerts_daily
from services.budgeting.tests.factories import (
    act,
    an_open_call,
    created,
    endorsed_and_submitted,
    make,
    there,
    this_year,
)
from services.budgeting.tests.issued import take_effect
from services.budgeting.tests.neighbours import know_register
from services.budgeting.tests.spending import DAY, YEAR, Spending, funded

MOH = org_id_of("MOH")


async def found(database: Database, today: date) -> dict[str, tuple[str, str]]:
    """Return what would be raised on a day: severity and title by type."""
    async with database.unit_of_work(Actor.system(MOH)) as uow:
        return {
            each.alert_type: (each.severity, each.subject_title)
            for each in await list_findings(uow.session, MOH, today)
        }


async def checked(database: Database, on: date) -> tuple[int, int, int]:
    """Check as the worker does on a day; return how many were raised, cleared and are open."""
    async with database.unit_of_work(Actor.system(MOH)) as uow:
        uow.session.info["now"] = datetime.combine(on, time(12), MANILA)
        told = await check_alerts(uow)
    return told.raised, told.cleared, told.open


async def test_what_waits_is_raised_on_its_day_and_not_before(
    person: Callable[..., Person], app: FastAPI
) -> None:
    spending, database = Spending.of(person), app.state.database
    allocation = await funded(database)
    allotment = await spending.allotted(allocation, "500.00")
    owed = await spending.obligated(allotment, await spending.payee(), "100.00")
    await spending.done(spending.officer, "obligations", owed, "deliver", delivered_on=DAY)
    await spending.make(
        "work-items",
        allocation_id=str(allocation),
        title="Fill the stations",
        unit="station",
        quantity="1",
        estimated_cost_amount="1.00",
        target_completion_on=f"{YEAR}-05-31",
    )
    due = date.fromisoformat(DAY)
    assert await found(database, due + timedelta(days=30)) == {}
    first = await found(database, due + timedelta(days=31))
    assert first == {"unpaid_due": ("warning", owed["ors_number"])}
    assert await found(database, date(YEAR, 4, 15)) == first
    assert "release_overdue" in await found(database, date(YEAR, 4, 16))
    later = await found(database, date(YEAR, 5, 31))
    assert later.keys() == {"unpaid_due", "release_overdue", "report_due"}
    assert later["unpaid_due"][0] == "critical"
    assert later["release_overdue"] == ("warning", "Primary care, MOOE")
    assert "work_item_late" in await found(database, date(YEAR, 6, 1))
    assert "lapsing" not in await found(database, date(YEAR, 10, 31))
    for day, severity in (((11, 1), "warning"), ((12, 1), "critical"), ((12, 16), "urgent")):
        assert (await found(database, date(YEAR, *day)))["lapsing"][0] == severity


async def test_spending_is_held_against_allotments_plans_and_benchmarks(
    person: Callable[..., Person], app: FastAPI
) -> None:
    """1000.00 allocated, 500.00 allotted: what is used, how fast, and against what was planned."""
    spending, database = Spending.of(person), app.state.database
    allocation = await funded(database)
    allotment, payee = await spending.allotted(allocation, "500.00"), await spending.payee()
    plan = {"unit": "lot", "quantity": "1", "estimated_cost_amount": "400.00"}
    item = await spending.make(
        "work-items",
        **{**plan, "title": "Buy", "target_completion_on": f"{YEAR}-12-31"},
        allocation_id=str(allocation),
    )
    april = date(YEAR, 4, 1)
    assert {
        name: told for name, told in (await found(database, april)).items() if "slow" in name
    } == {"slow_obligation": ("warning", "Primary care, MOOE")}
    slow = await found(database, date(YEAR, 7, 1))
    assert (slow["slow_obligation"][0], slow["slow_disbursement"][0]) == ("critical", "critical")
    charged = {"work_item_id": item["id"]}
    await spending.obligated(allotment, payee, "424.99", **charged)
    assert not {"allotment_use", "variance"} & (await found(database, april)).keys()
    await spending.obligated(allotment, payee, "15.02", **charged)
    told = await found(database, april)
    assert told["allotment_use"] == ("warning", "Primary care, MOOE, Q1")
    assert told["variance"] == ("warning", "Buy")
    await spending.obligated(allotment, payee, "40.00", **charged)
    with CountedStatements(database.engine) as counted:
        told = await found(database, april)
    assert (told["allotment_use"][0], told["variance"][0]) == ("critical", "critical")
    assert "slow_obligation" not in told
    before = len(counted.statements)
    for _ in range(3):
        await funded(database)
    with CountedStatements(database.engine) as counted:
        async with database.unit_of_work(Actor.system(MOH)) as uow:
            many = await list_findings(uow.session, MOH, april)
    assert len([each for each in many if each.alert_type == "slow_obligation"]) == 3
    assert len(counted.statements) == before


async def test_a_report_is_asked_for_until_it_is_handed_in(
    person: Callable[..., Person], app: FastAPI
) -> None:
    spending, database = Spending.of(person), app.state.database
    await funded(database)

    async def due(month: int, day: int, year: int = YEAR) -> dict[str, str]:
        async with database.unit_of_work(Actor.system(MOH)) as uow:
            told = await list_findings(uow.session, MOH, date(year, month, day))
        return {
            each.subject_title: each.severity for each in told if each.alert_type == "report_due"
        }

    kinds = ("by_object", "payables", "saaodb")
    assert await due(4, 24) == {}
    first = {f"{kind}, quarter 1 of {YEAR}": "warning" for kind in kinds}
    assert await due(4, 25) == await due(4, 30) == first
    assert await due(5, 1) == dict.fromkeys(first, "critical")
    told = {"kind": "saaodb", "fiscal_year": YEAR, "as_of": f"{YEAR}-03-31"}
    report = await spending.make("reports", **told)
    for by, verb in (
        (spending.officer, "certify-budget"),
        (spending.accountant, "certify-accounts"),
        (spending.head, "approve"),
        (spending.officer, "submit"),
    ):
        assert f"saaodb, quarter 1 of {YEAR}" in await due(5, 1)
        signed = {"name": "Amina", "position": "Officer III"}
        answer = await by.post(spending.at(f"reports/{report['id']}/{verb}"), json=signed)
        assert answer.status_code == 200, answer.text
    assert len(await due(5, 1)) == 2
    assert len(await due(1, 31, YEAR + 1)) == 11
    assert len(await due(4, 1, YEAR + 1)) == 9


async def test_one_alert_of_a_subject_grows_worse_and_clears_itself(
    person: Callable[..., Person], app: FastAPI, database: ServiceDatabase
) -> None:
    staff, head = person("MOH"), person("MOH")
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    today = datetime.now(MANILA).date()
    opened = app.state.database
    assert await checked(opened, today) == (0, 0, 0)
    assert await checked(opened, today + timedelta(days=9)) == (1, 0, 1)
    assert await checked(opened, today + timedelta(days=10)) == (0, 0, 1)
    assert await checked(opened, today + timedelta(days=16)) == (0, 0, 1)
    listed = (await staff.get(there(staff, "alerts"))).json()["items"]
    assert [(each["alert_type"], each["severity"]) for each in listed] == [
        ("approval_stuck", "critical")
    ]
    assert (listed[0]["subject_type"], listed[0]["subject_id"]) == ("proposal", proposal["id"])
    assert (await person("MOLE").get("/api/v1/moa/MOLE/budgeting/alerts")).json()["items"] == []
    assert await checked(opened, today + timedelta(days=40)) == (0, 0, 1)
    listed = (await staff.get(there(staff, "alerts"), params={"severity": "urgent"})).json()
    assert len(listed["items"]) == 1
    await act(head, proposal, "approve")
    # What was raised in the future is cleared then too.
    assert await checked(opened, today + timedelta(days=41)) == (0, 1, 0)
    assert (await staff.get(there(staff, "alerts"))).json()["items"] == []
    gone = await staff.get(there(staff, "alerts"), params={"is_open": False})
    assert len(gone.json()["items"]) == 1
    told = await take_effect(app, database)
    assert [each.split(".")[2] for each in told if ".alert." in each] == [
        *("raised", "raised", "raised", "cleared")
    ]
    assert (await staff.post(there(staff, "alerts/check"))).json() == {
        "raised": 0,
        "cleared": 0,
        "open": 0,
    }


async def test_a_ceiling_nearly_used_is_told_to_both_sides_daily(
    person: Callable[..., Person], app: FastAPI
) -> None:
    staff, analyst = person("MOH"), person("MFBM")
    await know_register(app.state.database)
    year = this_year() + 1
    call = await an_open_call(analyst, fiscal_year=year)
    ceiling = {"budget_call_id": call["id"], "for_org_id": str(MOH), "amount": "65000.00"}
    await make(analyst, "ceilings", ceiling)
    await endorsed_and_submitted(staff, person("MOH"), fiscal_year=year)
    await check_alerts_daily(app.state.database)
    await check_alerts_daily(app.state.database)
    for side in (staff, analyst):
        (alert,) = (await side.get(there(side, "alerts"))).json()["items"]
        assert (alert["alert_type"], alert["severity"]) == ("ceiling", "warning")
        assert alert["detail"] == "60024.00 of 65000.00 is used."
