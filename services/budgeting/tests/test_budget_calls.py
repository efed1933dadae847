"""Calls and ceilings: who sees them, and what they refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from libs.chassis.testing import Person, org_id_of
from libs.tenancy.rows import MANILA
from services.budgeting.tests.factories import (
    a_call,
    a_line,
    a_program,
    a_proposal,
    an_open_call,
    created,
    endorsed_and_submitted,
    make,
    spoken_for,
    step,
    there,
    this_year,
)

pytestmark = pytest.mark.usefixtures("register")

MOH = str(org_id_of("MOH"))


@pytest.fixture
def people(person: Callable[..., Person]) -> dict[str, Person]:
    """Three people of MOH, an analyst and an approver of MFBM, and somebody of MOLE."""
    return {
        "preparer": person("MOH"),
        "head": person("MOH"),
        "approver": person("MOH"),
        "analyst": person("MFBM", permissions=["budgeting.*.*"]),
        "decider": person("MFBM", permissions=["budgeting.*.*"]),
        "stranger": person("MOLE"),
    }


def day(offset: int) -> str:
    return str(datetime.now(MANILA).date() + timedelta(days=offset))


async def test_a_call_is_seen_by_all_once_it_is_open(people: dict[str, Person]) -> None:
    call = await make(people["analyst"], "budget-calls", a_call())
    here = f"budget-calls/{call['id']}"
    assert (await people["preparer"].get(there(people["preparer"], here))).status_code == 404
    opened = await step(people["analyst"], here, "open")
    assert (opened.status_code, opened.json()["status"]) == (200, "open")
    seen = await people["preparer"].get(there(people["preparer"], here))
    assert seen.json()["issuer_org_id"] == str(org_id_of("MFBM"))
    assert seen.json()["allowed_actions"] == []
    refused = await step(people["preparer"], here, "close")
    assert refused.status_code == 404


async def test_a_year_has_one_call_for_the_whole_government(people: dict[str, Person]) -> None:
    await an_open_call(people["analyst"])
    other = await make(people["stranger"], "budget-calls", a_call())
    answer = await step(people["stranger"], f"budget-calls/{other['id']}", "open")
    assert (answer.status_code, answer.json()["code"]) == (409, "budget_call_exists")


async def test_a_call_goes_from_open_to_archived_and_never_back(people: dict[str, Person]) -> None:
    call = await an_open_call(people["analyst"])
    here = f"budget-calls/{call['id']}"
    for verb, status in (("close", "closed"), ("archive", "archived")):
        answer = await step(people["analyst"], here, verb)
        assert answer.json()["status"] == status
    for verb in ("open", "close", "archive"):
        assert (await step(people["analyst"], here, verb)).status_code == 409


async def test_submitting_under_a_call_needs_the_heads_endorsement(
    people: dict[str, Person],
) -> None:
    await an_open_call(people["analyst"])
    proposal = await created(people["preparer"])
    here = f"proposals/{proposal['id']}"
    refused = await step(people["preparer"], here, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_endorsed")
    by_preparer = await step(people["preparer"], here, "endorse")
    assert by_preparer.json()["code"] == "preparer_may_not_endorse"
    assert (await step(people["head"], here, "endorse")).status_code == 200
    seen = await people["preparer"].get(there(people["preparer"], here))
    edited = await people["preparer"].patch(
        there(people["preparer"], here),
        json={"title": "Another"},
        headers={"If-Match": seen.headers["ETag"]},
    )
    assert edited.json()["endorsed_by"] is None
    assert (await step(people["preparer"], here, "submit")).json()["code"] == "not_endorsed"
    await step(people["head"], here, "endorse")
    silent = await step(people["preparer"], here, "submit")
    assert (silent.status_code, silent.json()["code"]) == (409, "endorsements_missing")
    await spoken_for(people["preparer"], proposal)
    submitted = await step(people["preparer"], here, "submit")
    assert submitted.json()["reviewer_org_id"] == str(org_id_of("MFBM"))


async def test_the_deadline_holds_until_an_extension(people: dict[str, Person]) -> None:
    call = await an_open_call(people["analyst"], opens_on=day(-20), deadline_on=day(-2))
    proposal = await created(people["preparer"])
    here = f"proposals/{proposal['id']}"
    await step(people["head"], here, "endorse")
    late = await step(people["preparer"], here, "submit")
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")
    more_time = {"for_org_id": MOH, "deadline_on": day(3), "reason": "Flood in the capital"}
    await make(people["analyst"], f"budget-calls/{call['id']}/extensions", more_time)
    seen = await people["preparer"].get(
        there(people["preparer"], f"budget-calls/{call['id']}/extensions")
    )
    assert [item["deadline_on"] for item in seen.json()["items"]] == [day(3)]
    others = await people["stranger"].get(
        there(people["stranger"], f"budget-calls/{call['id']}/extensions")
    )
    assert others.json()["items"] == []
    await spoken_for(people["preparer"], proposal)
    assert (await step(people["preparer"], here, "submit")).status_code == 200


async def test_a_hard_ceiling_refuses_with_what_remains_and_a_soft_one_warns(
    people: dict[str, Person],
) -> None:
    call = await an_open_call(people["analyst"])
    hard = {"budget_call_id": call["id"], "for_org_id": MOH, "amount": "60024.00"}
    ceiling = await make(people["analyst"], "ceilings", hard)
    soft = {**hard, "expense_class": "co", "amount": "30000.00", "enforcement": "soft"}
    await make(people["analyst"], "ceilings", soft)
    first = await endorsed_and_submitted(people["preparer"], people["head"])
    assert first["total_requested_amount"] == "60024.00"
    decisions = await people["preparer"].get(
        there(people["preparer"], f"proposals/{first['id']}/decisions")
    )
    assert decisions.json()["items"][-1]["remarks"] == "12.00 over the ceiling for co"
    second = await created(people["preparer"], kind="supplemental")
    await step(people["head"], f"proposals/{second['id']}", "endorse")
    refused = await step(people["preparer"], f"proposals/{second['id']}", "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "ceiling_exceeded")
    assert refused.json()["detail"] == "0.00 remains for everything; 60024.00 is asked."
    here = there(people["analyst"], f"ceilings/{ceiling['id']}")
    seen = await people["analyst"].get(here)
    assert (seen.json()["used_amount"], seen.json()["level"]) == ("60024.00", "critical")
    below = await people["analyst"].patch(
        here, json={"amount": "60023.99"}, headers={"If-Match": seen.headers["ETag"]}
    )
    assert (below.status_code, below.json()["code"]) == (409, "ceiling_below_use")
    assert (await people["stranger"].get(there(people["stranger"], "ceilings"))).json()[
        "items"
    ] == []
    await step(people["preparer"], f"proposals/{first['id']}", "withdraw")
    assert (await people["analyst"].get(here)).json()["used_amount"] == "0.00"
    await spoken_for(people["preparer"], second)
    again = await step(people["preparer"], f"proposals/{second['id']}", "submit")
    assert again.status_code == 200


async def test_two_ceilings_with_the_same_key_are_one_too_many(people: dict[str, Person]) -> None:
    call = await an_open_call(people["analyst"])
    same = {"budget_call_id": call["id"], "amount": "1.00"}
    await make(people["analyst"], "ceilings", same)
    again = await people["analyst"].post(there(people["analyst"], "ceilings"), json=same)
    assert (again.status_code, again.json()["code"]) == (409, "ceiling_exists")


async def test_submissions_at_once_never_exceed_a_ceiling_together(
    people: dict[str, Person],
) -> None:
    call = await an_open_call(people["analyst"])
    await make(
        people["analyst"],
        "ceilings",
        {"budget_call_id": call["id"], "for_org_id": MOH, "amount": "250.00"},
    )
    asking = {"programs": [a_program(line_items=[a_line(unit_cost_amount="100.00", quantity="1")])]}
    made = [await created(people["preparer"], kind="supplemental", **asking) for _ in range(5)]
    for proposal in made:
        await spoken_for(people["preparer"], proposal)
        await step(people["head"], f"proposals/{proposal['id']}", "endorse")
    answers = await asyncio.gather(
        *(step(people["preparer"], f"proposals/{proposal['id']}", "submit") for proposal in made)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409, 409]


async def test_without_a_call_the_house_decides_itself(people: dict[str, Person]) -> None:
    await an_open_call(people["analyst"], fiscal_year=this_year() + 1)
    proposal = await created(people["preparer"])
    assert (await step(people["preparer"], f"proposals/{proposal['id']}", "submit")).json()[
        "reviewer_org_id"
    ] is None
    approved = await step(people["approver"], f"proposals/{proposal['id']}", "approve")
    assert approved.json()["status"] == "approved"


async def test_money_that_is_no_money_is_refused_with_its_field(people: dict[str, Person]) -> None:
    call = await make(people["analyst"], "budget-calls", a_call())
    for wrong in ("-1.00", "1e3", "NaN", "Infinity", "1.005", "1", "", " 1.00", "01.00", 1.0, 5):
        answer = await people["analyst"].post(
            there(people["analyst"], "ceilings"),
            json={"budget_call_id": call["id"], "amount": wrong},
        )
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["pointer"] == "/body/amount", answer.text
    assert a_proposal()["fiscal_year"] == this_year()
