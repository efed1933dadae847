"""The issuer reviews what was submitted, and its decision takes effect where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.budgeting.tests.factories import (
    a_program,
    act,
    an_open_call,
    created,
    endorsed_and_submitted,
    make,
    step,
    there,
)
from services.budgeting.tests.issued import take_effect

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


async def test_the_issuer_reads_what_was_submitted_and_nothing_else(
    people: dict[str, Person],
) -> None:
    await an_open_call(people["analyst"])
    draft = await created(people["preparer"], kind="supplemental")
    submitted = await endorsed_and_submitted(people["preparer"], people["head"])
    listed = await people["analyst"].get(there(people["analyst"], "submissions"))
    assert [each["proposal_id"] for each in listed.json()["items"]] == [submitted["id"]]
    one = await people["analyst"].get(
        there(people["analyst"], f"submissions/{listed.json()['items'][0]['id']}")
    )
    assert one.json()["content"]["total_requested_amount"] == "60024.00"
    assert {each["expense_class"]: each["amount"] for each in one.json()["totals"]} == {
        "mooe": "30012.00",
        "co": "30012.00",
    }
    for proposal in (draft, submitted):
        hidden = await people["analyst"].get(
            there(people["analyst"], f"proposals/{proposal['id']}")
        )
        assert hidden.status_code == 404
    assert (await people["stranger"].get(there(people["stranger"], "submissions"))).json()[
        "items"
    ] == []


async def reviewed(people: dict[str, Person], **changes: Any) -> tuple[dict[str, Any], str]:
    """Return a proposal and the address of the review that its submission was opened for."""
    await an_open_call(people["analyst"])
    proposal = await endorsed_and_submitted(people["preparer"], people["head"], **changes)
    received = await people["analyst"].get(there(people["analyst"], "submissions"))
    submission_id = received.json()["items"][0]["id"]
    review = await make(people["analyst"], "reviews", {"submission_id": submission_id})
    return proposal, f"reviews/{review['id']}"


async def test_an_issued_review_grants_every_line_its_recommended_amount(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    proposal, review = await reviewed(people)
    await take_effect(app, database)
    here = there(people["preparer"], f"proposals/{proposal['id']}")
    assert (await people["preparer"].get(here)).json()["status"] == "under_review"
    in_house = await act(people["approver"], proposal, "approve")
    assert (in_house.status_code, in_house.json()["code"]) == (409, "decided_by_issuer")
    programs = [
        {"program_id": proposal["programs"][0]["id"], "recommended_amount": "20000.01"},
        {"program_id": proposal["programs"][1]["id"], "recommended_amount": "0.00"},
    ]
    hidden = await people["preparer"].get(there(people["preparer"], review))
    assert hidden.status_code == 404
    told = await step(people["analyst"], review, "recommend", programs=programs)
    assert told.json()["recommended_amount"] == "20000.01"
    by_reviewer = await step(people["analyst"], review, "approve")
    assert by_reviewer.json()["code"] == "recommender_may_not_decide"
    assert (await step(people["decider"], review, "approve")).status_code == 200
    subjects = await take_effect(app, database)
    assert subjects[-1] == "budgeting.proposal.approved.v1"
    settled = (await people["preparer"].get(here)).json()
    assert (settled["status"], settled["total_approved_amount"]) == ("approved", "20000.01")
    assert settled["decided_by"] == str(people["decider"].user_id)
    lines = [line["approved_amount"] for line in settled["programs"][0]["line_items"]]
    assert lines == ["10000.01", "10000.00"]
    assert (await people["preparer"].get(there(people["preparer"], review))).json()[
        "approved_amount"
    ] == "20000.01"
    deliveries = await people["analyst"].get(there(people["analyst"], "deliveries"))
    assert [each["status"] for each in deliveries.json()["items"]] == ["applied", "applied"]
    assert await take_effect(app, database) == subjects


async def test_a_returned_submission_comes_back_as_another_revision(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    proposal, review = await reviewed(people)
    await take_effect(app, database)
    assert (await step(people["analyst"], review, "return", remarks="Cut it")).status_code == 200
    await take_effect(app, database)
    here = f"proposals/{proposal['id']}"
    seen = (await people["preparer"].get(there(people["preparer"], here))).json()
    assert (seen["status"], seen["remarks"]) == ("returned", "Cut it")
    await step(people["head"], here, "endorse")
    assert (await step(people["preparer"], here, "submit")).json()["revision"] == 2
    standing = (await people["analyst"].get(there(people["analyst"], "submissions"))).json()
    assert [each["revision"] for each in standing["items"]] == [2]


async def test_many_rows_are_decided_at_once_or_none_of_them(people: dict[str, Person]) -> None:
    proposal, review = await reviewed(people)
    analyst = people["analyst"]
    first, second = proposal["programs"]
    lines = [
        {"program_id": first["id"], "line_item_id": each["id"]} for each in first["line_items"]
    ]
    wrong = [
        {**lines[0], "recommended_amount": "15006.01"},
        {**lines[1], "recommended_amount": "1.00"},
        {**lines[1]},
        {**lines[0], "program_id": second["id"]},
        {"program_id": str(uuid4())},
    ]
    refused = await step(analyst, review, "recommend", rows=wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    assert {each["pointer"]: each["message"] for each in refused.json()["errors"]} == {
        "/body/rows/0/recommended_amount": "15006.00 was requested.",
        "/body/rows/2/program_id": "A row above decides about this already.",
        "/body/rows/3/line_item_id": "“Maternal health” has no such line.",
        "/body/rows/4/program_id": "The submission has no such program.",
    }
    here = there(analyst, review)
    assert (await analyst.get(here)).json()["recommended_amount"] is None
    good = [{**lines[0], "recommended_amount": "6.00"}, {"program_id": second["id"]}]
    told = (await step(analyst, review, "recommend", rows=good)).json()
    assert told["recommended_amount"] == "45024.00"
    later = [{"program_id": second["id"], "recommended_amount": "0.01"}]
    told = (await step(analyst, review, "recommend", rows=later)).json()
    assert told["recommended_amount"] == "15012.01"
    both = await step(analyst, review, "recommend", rows=later, programs=later)
    assert both.status_code == 422
    unknown = [{**lines[0], "remarks": "Too dear"}, {"program_id": str(uuid4()), "remarks": "x"}]
    refused = await step(analyst, review, "return", remarks="Mend these", rows=unknown)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/body/rows/1/program_id"]
    returned = await step(analyst, review, "return", remarks="Mend these", rows=unknown[:1])
    assert returned.json()["remarks"] == (
        "Mend these\n“Primary care in every barangay”,"
        " “Drugs and medicines for barangay health stations”: Too dear"
    )


async def test_a_rejected_submission_frees_the_year(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    proposal, review = await reviewed(people)
    await take_effect(app, database)
    await step(people["analyst"], review, "recommend")
    assert (await step(people["decider"], review, "reject", reason="No")).status_code == 200
    await take_effect(app, database)
    seen = await people["preparer"].get(there(people["preparer"], f"proposals/{proposal['id']}"))
    assert seen.json()["status"] == "rejected"
    await created(people["preparer"])


async def test_what_was_withdrawn_meanwhile_is_told_to_the_issuer(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    proposal, _review = await reviewed(people)
    here = f"proposals/{proposal['id']}"
    assert (await step(people["preparer"], here, "withdraw")).status_code == 200
    await take_effect(app, database)
    told = (await people["analyst"].get(there(people["analyst"], "deliveries"))).json()["items"]
    assert [each["status"] for each in told] == ["refused"]
    assert "withdrawn" in told[0]["reason"]
    assert (await people["preparer"].get(there(people["preparer"], here))).json()[
        "status"
    ] == "draft"


async def test_a_recommendation_never_exceeds_the_request(people: dict[str, Person]) -> None:
    proposal, review = await reviewed(people, programs=[a_program()])
    program = proposal["programs"][0]
    for told, code in (
        ({"recommended_amount": "30012.01"}, "recommendation_above_request"),
        ({}, "recommendation_incomplete"),
        (
            {
                "recommended_amount": "3.00",
                "line_items": [
                    {"line_item_id": line["id"], "recommended_amount": "1.00"}
                    for line in program["line_items"]
                ],
            },
            "recommendation_not_total",
        ),
    ):
        answer = await step(
            people["analyst"],
            review,
            "recommend",
            programs=[{"program_id": program["id"], **told}],
        )
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    unknown = [{"program_id": str(uuid4()), "recommended_amount": "1.00"}]
    answer = await step(people["analyst"], review, "recommend", programs=unknown)
    assert answer.json()["code"] == "recommendation_incomplete"


async def test_a_shared_ceiling_holds_at_approval_over_all_organizations(
    people: dict[str, Person], person: Callable[..., Person]
) -> None:
    call = await an_open_call(people["analyst"])
    shared = {"budget_call_id": call["id"], "amount": "100000.00"}
    await make(people["analyst"], "ceilings", shared)
    await endorsed_and_submitted(people["preparer"], people["head"])
    await endorsed_and_submitted(people["stranger"], person("MOLE"))
    received = (await people["analyst"].get(there(people["analyst"], "submissions"))).json()
    versions = []
    for submission in received["items"]:
        review = await make(people["analyst"], "reviews", {"submission_id": submission["id"]})
        told = await step(people["analyst"], f"reviews/{review['id']}", "recommend")
        versions.append({"review_id": review["id"], "version": told.json()["version"]})
    stale = {"review_id": versions[0]["review_id"], "version": 99}
    answer = await people["decider"].post(
        there(people["decider"], "reviews/decide"),
        json={"decision": "approved", "reviews": [stale, *versions]},
    )
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [each["code"] for each in results] == ["stale", None, "ceiling_exceeded"]
    seen = await people["analyst"].get(there(people["analyst"], "ceilings"))
    ceiling = seen.json()["items"][0]
    assert ceiling["used_amount"] == "120048.00"
