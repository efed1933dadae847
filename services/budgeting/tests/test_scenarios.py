"""Scenarios: exact sums however they are shared, and drafts that change only when asked to."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.budgeting.line_items.model import LineItem
from services.budgeting.scenario_differences.model import repriced
from services.budgeting.scenario_rows.model import Method, ScenarioRow, Weights, suggest
from services.budgeting.scenarios.model import Scenario
from services.budgeting.tests.factories import (
    a_line,
    a_program,
    a_scenario,
    created,
    make,
    step,
    there,
    this_year,
)
from services.budgeting.tests.neighbours import a_ppa, announced

SMALL = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999.99"), places=2)
QUANTITY = st.decimals(min_value=Decimal("0.001"), max_value=Decimal("500.000"), places=3)


def a_row(cost: str, amount: str = "0.00", *, needs: int = 1) -> ScenarioRow:
    weights = Weights(Decimal("0.40"), Decimal("0.30"), Decimal("0.30"))
    row = ScenarioRow(ppa_id=uuid7(), needs=needs, communities=0, goals=0, status="proposed")
    row.cost_amount, row.amount = Decimal(cost), Decimal(amount)
    row.__dict__["scenario"] = SimpleNamespace(weights=weights)
    return row


def test_whole_ppas_are_funded_the_best_score_for_the_peso_first() -> None:
    # 4 for each need: 40 for 100.00, 24 for 30.00, 8 for 90.00, 4 for 20.00.
    rows = [
        a_row("100.00", needs=10),
        a_row("30.00", needs=6),
        a_row("90.00", needs=2),
        a_row("20.00", needs=1),
    ]
    assert [row.score for row in rows] == [40, 24, 8, 4]
    given = suggest(rows, Decimal("140.00"), Method.efficiency)
    assert [given[row.ppa_id] for row in rows] == [100, 30, 0, 0]
    given = suggest(rows, Decimal("150.00"), Method.efficiency)
    assert [given[row.ppa_id] for row in rows] == [100, 30, 0, 20]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SMALL, st.integers(0, 100)), min_size=1, max_size=8), SMALL)
def test_a_total_is_shared_exactly_and_never_beyond_a_cost(
    told: list[tuple[Decimal, int]], total: Decimal
) -> None:
    rows = [a_row(str(cost), f"{cost * part / 100:.2f}") for cost, part in told]
    shared = suggest(rows, total, Method.proportion)
    have, most = (sum(getattr(row, name) for row in rows) for name in ("amount", "cost_amount"))
    assert sum(shared.values()) == (total if total <= have else min(total, most))
    whole = suggest(rows, total, Method.efficiency)
    assert sum(whole.values()) <= total
    for row in rows:
        assert 0 <= shared[row.ppa_id] <= row.cost_amount
        assert whole[row.ppa_id] in (0, row.cost_amount)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(SMALL, QUANTITY), min_size=1, max_size=6), SMALL)
def test_lines_come_as_near_to_an_amount_as_whole_centavos_can(
    told: list[tuple[Decimal, Decimal]], target: Decimal
) -> None:
    lines = [LineItem(unit_cost_amount=cost, quantity=quantity) for cost, quantity in told]
    lines.append(LineItem(unit_cost_amount=Decimal("1.00"), quantity=Decimal(1)))
    for line in lines:
        line.price()
    assert sum(each.amount for each in repriced(lines, target)) == target
    assert sum(each.amount for each in repriced(lines[:-1], target)) <= target


async def ppas(database: ServiceDatabase, *codes: str) -> list[str]:
    told = [a_ppa(code=code, title=f"PPA {code}") for code in codes]
    return [str(await announced(database, "planning.ppa.registered", each)) for each in told]


async def written(app: FastAPI, statement: Any) -> None:
    async with app.state.database.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        await uow.session.execute(statement)


async def two_rows(database: ServiceDatabase) -> list[dict[str, Any]]:
    first, second = await ppas(database, "A-1", "B-1")
    return [
        {"ppa_id": first, "cost_amount": "800.00", "amount": "600.00", "needs": 2, "goals": 1},
        {
            "ppa_id": second,
            "cost_amount": "500.00",
            "amount": "300.00",
            "communities": 3,
            "funding_source": "block_grant",
        },
    ]


@pytest.mark.usefixtures("register")
async def test_a_scenario_adds_up_and_says_which_row_is_wrong(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff, rows = person("MOH"), await two_rows(database)
    for changes, code, pointer in (
        ({"weights": {"need": "0.50"}}, "invalid_request", "weights"),
        ({"rows": [rows[0], rows[0]]}, "invalid_request", "rows"),
        ({"rows": [rows[0], {**rows[1], "ppa_id": str(uuid7())}]}, "ppa_unknown", "rows/1/ppa_id"),
        ({"rows": [{**rows[0], "amount": "800.01"}]}, "amount_above_cost", "rows/0/amount"),
    ):
        refused = await staff.post(there(staff, "scenarios"), json=a_scenario(**changes))
        assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
        assert refused.json()["errors"][0]["pointer"] == f"/body/{pointer}"
    made = await make(staff, "scenarios", a_scenario(kind="baseline", rows=rows))
    assert made["allocated_amount"] == "900.00"
    # 0.40 x 10 x 2 + 0.30 x 15 x 1, and 0.30 x 5 x 3
    assert [row["score"] for row in made["rows"]] == ["12.50", "4.50"]
    assert [each["share_percent"] for each in made["funding_mix"]] == ["66.67", "33.33"]
    other = await staff.post(there(staff, "scenarios"), json=a_scenario(kind="baseline"))
    assert (other.status_code, other.json()["code"]) == (409, "baseline_exists")
    suggested = (await staff.get(f"{there(staff, 'scenarios')}/{made['id']}/suggestion")).json()
    assert (suggested["allocated_amount"], suggested["left_amount"]) == ("800.00", "200.00")


@pytest.mark.usefixtures("register")
async def test_a_scenario_is_decided_by_someone_else_and_compared_with_another(
    person: Callable[..., Person], database: ServiceDatabase, app: FastAPI
) -> None:
    staff, head, rows = person("MOH"), person("MOH"), await two_rows(database)
    made = await make(staff, "scenarios", a_scenario(kind="baseline", rows=rows))
    here = f"scenarios/{made['id']}"
    url, match = there(staff, here), {"If-Match": f'"{made["version"]}"'}
    more = [{**rows[0], "amount": "700.01"}, rows[1]]
    changed = await staff.patch(url, json={"rows": more}, headers=match)
    refused = await step(staff, here, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "scenario_incomplete")
    back = await staff.patch(
        url, json={"rows": rows}, headers={"If-Match": changed.headers["ETag"]}
    )
    assert back.json()["allocated_amount"] == "900.00"
    assert (await step(staff, here, "submit")).json()["status"] == "under_review"
    refused = await step(staff, here, "approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "preparer_may_not_decide")
    returned = await step(head, here, "return", remarks="Why so little?")
    assert returned.json()["rows"][0]["status"] == "proposed"
    await step(staff, here, "submit")
    approved = (await step(head, here, "approve", rejected_ppa_ids=[rows[1]["ppa_id"]])).json()
    assert (approved["status"], approved["allocated_amount"]) == ("approved", "600.00")
    assert [row["status"] for row in approved["rows"]] == ["approved", "rejected"]
    # The database adds up by itself.
    wrong = update(Scenario).where(Scenario.id == UUID(made["id"]))
    with pytest.raises(IntegrityError, match="differs from"):
        await written(app, wrong.values(allocated_amount=Decimal("600.01")))
    await step(head, here, "archive")
    again = await make(staff, "scenarios", a_scenario(kind="baseline", rows=rows[1:]))
    with CountedStatements(app.state.database.engine) as counted:
        told = (await staff.get(f"{url}/comparison/{again['id']}")).json()
    assert len(counted.statements) <= 3, counted.statements
    amounts = [
        (row["amount"], row["other_amount"], row["difference_amount"]) for row in told["rows"]
    ]
    assert amounts == [("600.00", None, "-600.00"), (None, "300.00", "300.00")]
    assert told["difference_amount"] == "-300.00"
    missing = await staff.get(f"{url}/comparison/{uuid7()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "scenario_not_found")


async def drafted(
    staff: Person, database: ServiceDatabase
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a draft of three programs, and a scenario of two of their PPAs and a third."""
    first, second, third = await ppas(database, "A-1", "B-1", "C-1")
    lines = [a_line(unit_cost_amount="10.00", quantity="3"), a_line(quantity="1")]
    quarters = {f"q{number}_amount": "10.00" for number in (1, 2, 3)} | {"q4_amount": "0.00"}
    programs = [
        a_program(ppa_id=first, line_items=lines, tags=[{"tag": "gad", "amount": "128.05"}]),
        a_program(title="Two", ppa_id=second, line_items=[{**lines[0], **quarters}]),
        a_program(title="Three"),
    ]
    draft = await created(staff, programs=programs)
    assert draft["programs"][0]["requested_amount"] == "1280.50"
    rows: list[dict[str, Any]] = [
        {"ppa_id": first, "cost_amount": "2000.00", "amount": "1000.00"},
        {"ppa_id": second, "cost_amount": "40.00", "amount": "40.00"},
        {"ppa_id": third, "cost_amount": "7.00", "amount": "7.00"},
    ]
    return draft, await make(staff, "scenarios", a_scenario(total_amount="1047.00", rows=rows))


async def refuse_what_is_not_shown_or_not_allowed(
    person: Callable[..., Person], here: str, asked: dict[str, Any]
) -> None:
    """Try to apply too early, without the right to proposals, and by an outdated difference."""
    staff, head = person("MOH"), person("MOH")
    early = await step(head, here, "apply", **asked)
    assert (early.status_code, early.json()["code"]) == (409, "scenario_out_of_step")
    await step(staff, here, "submit")
    await step(head, here, "approve")
    reader = person("MOH", permissions=["budgeting.scenario.read,apply"])
    refused = await step(reader, here, "apply", **asked)
    assert (refused.status_code, refused.json()["code"]) == (403, "proposal_right_missing")
    stale = await step(head, here, "apply", **{**asked, "proposal_version": 999})
    assert (stale.status_code, stale.json()["code"]) == (409, "difference_outdated")


@pytest.mark.usefixtures("register")
async def test_a_draft_changes_only_by_the_difference_that_was_shown(
    person: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff, head = person("MOH"), person("MOH")
    draft, scenario = await drafted(staff, database)
    here = f"scenarios/{scenario['id']}"
    look = f"{there(staff, here)}/difference/{draft['id']}"
    shown = (await staff.get(look)).json()
    told = [
        (each["change"], each["after_amount"], each["rest_amount"]) for each in shown["programs"]
    ]
    assert told == [
        ("repriced", "1000.00", "0.00"),
        ("repriced", "39.99", "0.01"),
        ("not_in_scenario", draft["programs"][2]["requested_amount"], "0.00"),
        ("added", "0.00", "7.00"),
    ]
    asked = {"proposal_id": draft["id"], "proposal_version": shown["proposal_version"]}
    await refuse_what_is_not_shown_or_not_allowed(person, here, asked)
    path = there(staff, f"proposals/{draft['id']}")
    assert (await staff.get(path)).json()["version"] == draft["version"]
    applied = await step(head, here, "apply", **asked)
    assert applied.json()["status"] == "implemented", applied.text
    after = (await staff.get(path)).json()
    assert after["total_requested_amount"] == shown["after_amount"]
    assert [each["requested_amount"] for each in after["programs"]] == [each[1] for each in told]
    assert after["programs"][0]["tags"] == [{"tag": "gad", "amount": "100.00"}]
    line = after["programs"][1]["line_items"][0]
    assert [line[f"q{number}_amount"] for number in (1, 2, 3, 4)] == ["13.33"] * 3 + ["0.00"]
    assert after["programs"][3]["line_items"] == []
    # Who applied it has prepared the draft, and cannot stand for it as its head.
    refused = await step(head, f"proposals/{draft['id']}", "endorse")
    assert refused.json()["code"] == "preparer_may_not_endorse"
    again = (await staff.get(look)).json()["programs"]
    assert [each["change"] for each in again[:2]] == ["same", "same"]
    elsewhere = await created(staff, fiscal_year=this_year() + 1)
    other = await staff.get(f"{there(staff, here)}/difference/{elsewhere['id']}")
    assert (other.status_code, other.json()["code"]) == (422, "other_year")
