"""The five answers: what an analyst reads, and what nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fastapi import FastAPI

from libs.chassis.testing import CountedStatements, Person, org_id_of
from libs.outbox.inbox import Inbox
from services.ocm.tests.factories import (
    Teller,
    a_class,
    a_goal,
    a_member,
    a_partnership,
    a_plan,
    a_ppa,
    a_proposal,
    an_assessment,
    of,
    page,
)

PAGES = ("overview", "planning", "budget", "needs", "coordination")
PARTNERSHIP = "coordination.inter_moa_partnership"


async def test_a_silent_organization_is_listed_as_not_reported(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH", "MOLE", "OOBC")
    await tell("planning.strategic_plan.activated", "MOH", a_plan(status="active"))
    told = await page(analyst, "planning")
    assert [o["code"] for o in told["organizations"]] == ["MOH", "MOLE", "OOBC"]
    assert told["coverage"] == {"reported": 1, "of": 2, "others_reported": 0, "others_of": 1}
    mole = of(told, "MOLE")
    assert mole["reported"] is False
    assert mole["has_plan"] is mole["plans_by_status"] is mole["goal_progress"] is None
    assert of(told, "MOH")["has_plan"] is True
    assert told["plan_coverage"] == {"moas_with_plan": 1, "of": 2, "percent": "50.00"}


async def test_a_suspended_organization_is_listed_only_for_years_in_which_it_reported(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH")
    await tell.register("GONE", is_active=False)
    await tell("planning.ppa.registered", "GONE", a_ppa(fiscal_year=2025))
    assert [o["code"] for o in (await page(analyst, "planning"))["organizations"]] == ["MOH"]
    before = await page(analyst, "planning", 2025)
    assert [o["code"] for o in before["organizations"]] == ["GONE", "MOH"]


async def test_what_an_organization_unknown_to_the_register_told_is_not_lost(
    tell: Teller, analyst: Person
) -> None:
    await tell("budgeting.proposal.submitted", "NEW", a_proposal("7.00"))
    told = await page(analyst, "budget")
    (row,) = told["organizations"]
    assert (row["code"], row["org_id"]) == (None, str(org_id_of("NEW")))
    assert told["totals"]["proposed_amount"] == "7.00"


async def test_goals_weigh_as_their_plan_says(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH", "MOLE")
    weighted = [a_goal(weight="75.00", progress="80.00"), a_goal(weight="25.00", progress="0.00")]
    plain = [a_goal(progress="50.00"), a_goal(), a_goal(status="cancelled", progress="90.00")]
    await tell("planning.strategic_plan.activated", "MOH", a_plan(status="active", goals=weighted))
    await tell("planning.strategic_plan.activated", "MOLE", a_plan(status="active", goals=plain))
    told = await page(analyst, "planning")
    assert of(told, "MOH")["goal_progress"] == "60.00"
    assert of(told, "MOLE")["goal_progress"] == "25.00"
    assert of(told, "MOLE")["goals_by_status"] == {"cancelled": 1, "in_progress": 2}
    assert told["totals"]["goal_progress"] == "46.00"  # (6000 + 1666.67) / (100 + 66.67)


async def test_a_year_shows_only_what_belongs_to_it(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH")
    await tell("planning.strategic_plan.approved", "MOH", a_plan(status="approved"))
    await tell("planning.ppa.registered", "MOH", a_ppa(approved_budget_amount="1.10"))
    await tell("planning.ppa.registered", "MOH", a_ppa(approved_budget_amount="2.20"))
    await tell("planning.ppa.deleted", "MOH", a_ppa(approved_budget_amount="9.00"))
    moh = of(await page(analyst, "planning"), "MOH")
    assert moh["ppas_by_status"] == {"planning": 2}
    assert moh["ppas_approved_budget_amount"] == "3.30"
    assert moh["ppa_indicators_count"] == 4
    later = of(await page(analyst, "planning", 2030), "MOH")
    assert later["has_plan"] is True
    assert later["ppas_by_status"] is None
    assert of(await page(analyst, "planning", 2031), "MOH")["reported"] is False


async def test_money_is_added_exactly_by_organization_and_class(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH", "MOLE")
    granted = a_proposal(
        "9999999999999.99",
        status="approved",
        total_approved_amount="9999999999999.97",
        totals_by_class=[
            a_class("ps", "0.01", "0.01"),
            a_class("co", "9999999999999.98", "9999999999999.96"),
        ],
    )
    await tell("budgeting.proposal.approved", "MOH", granted)
    await tell("budgeting.proposal.submitted", "MOLE", a_proposal("0.02"))
    told = await page(analyst, "budget")
    assert told["totals"]["proposed_amount"] == "10000000000000.01"
    assert told["totals"]["approved_amount"] == "9999999999999.97"
    asked = ("expense_class", "proposed_amount", "approved_amount")
    by_class = told["totals"]["by_class"]
    assert [{name: part[name] for name in asked} for part in by_class] == [
        {
            "expense_class": "co",
            "proposed_amount": "9999999999999.98",
            "approved_amount": "9999999999999.96",
        },
        {"expense_class": "ps", "proposed_amount": "0.03", "approved_amount": "0.01"},
    ]
    assert of(told, "MOLE")["approved_amount"] == "0.00"
    assert of(told, "MOLE")["approval_rate_by_value"] is None


async def test_what_was_withdrawn_is_not_proposed(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH")
    proposal_id = await tell("budgeting.proposal.submitted", "MOH", a_proposal("5.00"))
    taken_back = a_proposal("5.00", status="withdrawn", submitted_at=None)
    await tell("budgeting.proposal.withdrawn", "MOH", taken_back, about=proposal_id)
    moh = of(await page(analyst, "budget"), "MOH")
    assert (moh["proposals_by_status"], moh["proposed_amount"]) == ({"withdrawn": 1}, "0.00")


async def test_open_assessments_whose_end_has_passed_are_overdue(
    tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH")
    for status in ("analysis", "completed", "cancelled"):
        late = an_assessment(status=status, planned_end_on="2026-01-31", level="community")
        await tell("mana.assessment.advanced", "MOH", late)
    await tell("mana.assessment.registered", "MOH", an_assessment())
    moh = of(await page(analyst, "needs"), "MOH")
    assert moh["assessments_overdue"] == 1
    assert moh["assessments_by_level"] == {"community": 3, "provincial": 1}
    assert moh["estimated_budget_amount"] == "30.00"


async def test_the_overview_shows_what_each_page_shows(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH", "MOLE", "OOBC")
    await tell("planning.strategic_plan.activated", "MOH", a_plan(status="active"))
    await tell("budgeting.proposal.submitted", "OOBC", a_proposal("5.00"))
    await tell("mana.assessment.registered", "MOLE", an_assessment())
    await tell(f"{PARTNERSHIP}.activated", "MOH", a_partnership(a_member("MOLE")))
    overview = await page(analyst, "overview")
    for name in PAGES[1:]:
        alone = await page(analyst, name)
        assert overview["totals"][name] == alone["totals"], name
        assert overview["moa_totals"][name] in (alone["moa_totals"], None), name
        told = overview["coverage_by_context"][name]
        assert told == alone["coverage"], name
    assert of(overview, "MOLE")["planning"] is None
    assert of(overview, "MOLE")["needs"]["assessments_overdue"] == 0
    assert overview["moa_totals"]["budget"] is None
    assert overview["totals"]["budget"]["proposed_amount"] == "5.00"


async def test_an_answer_says_how_far_it_is_known(
    inbox: Inbox, tell: Teller, analyst: Person
) -> None:
    await tell.register("MOH")
    await tell("planning.ppa.registered", "MOH", a_ppa())
    unknown = await page(analyst, "planning")
    assert unknown["as_of"] is None
    assert {s["source"]: s["status"] for s in unknown["sources"]} == {
        "identity": "unknown",
        "planning": "unknown",
    }
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC)
    await inbox.checkpoints.confirm("identity", head_seq=1, at=early)
    await inbox.checkpoints.confirm("planning", head_seq=4, at=late)
    told = await page(analyst, "planning")
    assert datetime.fromisoformat(told["as_of"]) == early
    identity, planning = told["sources"]
    assert (identity["status"], planning["status"]) == ("stale", "fresh")
    assert (planning["applied_seq"], planning["head_seq"]) == (1, 4)
    assert planning["lag_seconds"] < 60 < identity["lag_seconds"]
    sources = [s["source"] for s in (await page(analyst, "overview"))["sources"]]
    assert sources == ["identity", "planning", "budgeting", "mana", "coordination"]


async def test_an_answer_takes_as_many_statements_for_45_organizations_as_for_one(
    app: FastAPI, tell: Teller, analyst: Person
) -> None:
    async def statements(name: str) -> int:
        with CountedStatements(app.state.database.engine) as counted:
            await page(analyst, name)
        return len(counted.statements)

    await tell.register("MOH")
    few = [await statements(name) for name in PAGES]
    for number in range(44):
        code = f"M{number}"
        await tell.register(code)
        await tell("planning.ppa.registered", code, a_ppa())
        await tell("budgeting.proposal.submitted", code, a_proposal())
        await tell(f"{PARTNERSHIP}.activated", code, a_partnership(a_member("MOH")))
    assert [await statements(name) for name in PAGES] == few
    assert max(few) <= 5
    told = await page(analyst, "budget")
    assert Decimal(told["totals"]["proposed_amount"]) == 44 * Decimal("100.00")


@pytest.mark.parametrize("name", PAGES)
async def test_nobody_but_oversight_reads(name: str, person: Callable[..., Person]) -> None:
    for permissions in (["*.*.*"], ["*.*.read"], [], ["oversight.reports.export"]):
        answer = await person("MOH", permissions=permissions).get(f"/api/v1/ocm/{name}")
        assert answer.status_code == 403, permissions
        assert answer.json()["code"] == "not_permitted"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_nothing_is_written_here(
    method: str, analyst: Person, person: Callable[..., Person]
) -> None:
    nobody = person("MOH")
    del nobody.headers["Authorization"]
    for name in PAGES:
        for who in (analyst, person("MOH"), nobody):
            answer = await who.request(method, f"/api/v1/ocm/{name}")
            assert answer.status_code == 405, name
            assert answer.headers["content-type"] == "application/problem+json"


async def test_head_answers_like_get(tell: Teller, analyst: Person) -> None:
    await tell.register("MOH")
    for name in PAGES:
        assert (await analyst.head(f"/api/v1/ocm/{name}")).status_code == 200


@pytest.mark.parametrize("query", ["fiscal_year=1999", "fiscal_year=x", "year=2026"])
async def test_a_wrong_question_is_refused(query: str, analyst: Person) -> None:
    for name in PAGES:
        assert (await analyst.get(f"/api/v1/ocm/{name}?{query}")).status_code == 422


async def test_without_a_year_the_present_one_is_meant(analyst: Person) -> None:
    told = await page(analyst, "overview", None)
    assert told["fiscal_year"] in (datetime.now(UTC).year, datetime.now(UTC).year + 1)
