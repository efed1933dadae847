"""Alerts: each is raised on its day, once, grows worse, and is cleared when its cause is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from fastapi import FastAPI

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.alerts.model import quarter_of, release_is_due
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
        uow.session.info["now"] = datetime.combine(on, datetime.min.time(), UTC)
        told = await check_alerts(uow)
    return told.raised, told.cleared, told.open


def test_a_release_is_due_when_its_quarter_has_run_for_a_while() -> None:
    assert quarter_of(date(2026, 12, 31)) == (4, date(2026, 10, 1))
    assert not release_is_due(date(2026, 4, 15))
    assert release_is_due(date(2026, 4, 16))


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
    later = await found(database, date(YEAR, 5, 31))
    assert later.keys() == {"unpaid_due", "release_overdue"}
    assert later["unpaid_due"][0] == "critical"
    assert later["release_overdue"] == ("warning", "Primary care, MOOE")
    assert "work_item_late" in await found(database, date(YEAR, 6, 1))
    assert "lapsing" not in await found(database, date(YEAR, 10, 31))
    assert (await found(database, date(YEAR, 11, 1)))["lapsing"][0] == "warning"
    assert (await found(database, date(YEAR, 12, 16)))["lapsing"][0] == "critical"


async def test_one_alert_of_a_subject_grows_worse_and_clears_itself(
    person: Callable[..., Person], app: FastAPI, database: ServiceDatabase
) -> None:
    staff, head = person("MOH"), person("MOH")
    proposal = await created(staff)
    await act(staff, proposal, "submit")
    today = datetime.now(UTC).date()
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
    await act(head, proposal, "approve")
    # What was raised in the future is cleared then too.
    assert await checked(opened, today + timedelta(days=17)) == (0, 1, 0)
    assert (await staff.get(there(staff, "alerts"))).json()["items"] == []
    gone = await staff.get(there(staff, "alerts"), params={"is_open": False})
    assert len(gone.json()["items"]) == 1
    told = await take_effect(app, database)
    assert [each.split(".")[2] for each in told if ".alert." in each] == [
        *("raised", "raised", "cleared")
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
