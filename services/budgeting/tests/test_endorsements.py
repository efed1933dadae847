"""Endorsements: lines and tags decide who must speak, and a changed line is spoken about again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.budgeting.tests.factories import (
    a_line,
    a_program,
    a_request,
    an_endorsement,
    an_open_call,
    created,
    make,
    spoken_for,
    step,
    there,
)
from services.budgeting.tests.issued import take_effect

pytestmark = pytest.mark.usefixtures("register")

LAPTOPS = {"expense_class": "co", "object_code": "5060405003", "unit_cost_amount": "60000.00"}
PROGRAMS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    ({"line_items": [a_line(expense_class="co", object_code="50604030")]}, {"mpw"}),
    ({"line_items": [a_line(expense_class="co", object_code="5060404001")]}, {"mpw"}),
    ({"line_items": [a_line(**LAPTOPS)]}, {"ict"}),
    ({"sector": "environment"}, {"menre"}),
    ({"tags": [{"tag": "gad", "amount": "10.00"}]}, {"bwc"}),
    ({"tags": [{"tag": "gad", "amount": "0.00"}, {"tag": "ccet", "amount": "1.00"}]}, {"menre"}),
]


@pytest.fixture
def people(person: Callable[..., Person]) -> dict[str, Person]:
    own = {"staff": person("MOH"), "head": person("MOH"), "analyst": person("MFBM")}
    return {**own, **{each: person("MOLE") for each in ("clerk", "minister", "deputy")}}


async def test_who_must_speak_is_derived_from_lines_and_tags(people: dict[str, Person]) -> None:
    staff = people["staff"]
    for changes, wanted in PROGRAMS:
        proposal = await created(staff, kind="supplemental", programs=[a_program(**changes)])
        read = await staff.get(there(staff, f"proposals/{proposal['id']}/endorsements"))
        required = {each["endorser"]: each for each in read.json()["required"]}
        # Alignment with the plan is certified for everything that is asked for.
        assert required.keys() == wanted | {"bpda"}, changes
        assert required["bpda"]["amount"] == proposal["total_requested_amount"]
        assert required["bpda"]["kind"] == "certification"


async def test_a_word_counts_for_what_it_was_about(people: dict[str, Person]) -> None:
    staff, head = people["staff"], people["head"]
    await an_open_call(people["analyst"])
    roads = a_line(expense_class="co", object_code="5060403001", unit_cost_amount="90000.00")
    proposal = await created(
        staff, programs=[a_program(), a_program(title="Roads", line_items=[roads])]
    )
    here = f"proposals/{proposal['id']}"
    said = there(staff, f"{here}/endorsements")
    nobody = await staff.post(said, json=an_endorsement(endorser="bwc"))
    assert nobody.json()["errors"][0]["pointer"] == "/body/endorser"
    assert "bpda, mpw" in nobody.json()["detail"]
    unexplained = await staff.post(said, json=an_endorsement(decision="declined"))
    assert unexplained.status_code == 422
    no = an_endorsement(endorser="mpw", decision="declined", remarks="No design")
    assert (await staff.post(said, json=no)).status_code == 201
    await staff.post(said, json=an_endorsement())
    await step(head, here, "endorse")
    refused = (await step(staff, here, "submit")).json()
    assert refused["code"] == "endorsements_missing"
    assert "infrastructure (declined; for “Roads”)" in refused["detail"]
    assert "alignment" not in refused["detail"]
    await spoken_for(staff, proposal)

    program = proposal["programs"][0]
    extra = there(staff, f"{here}/programs/{program['id']}/line-items")
    await staff.post(extra, json=a_line())
    seen = {
        each["endorser"]: each["standing"] for each in (await staff.get(said)).json()["required"]
    }
    assert seen == {"bpda": "outdated", "mpw": "endorsed"}
    await spoken_for(staff, proposal)
    await step(head, here, "endorse")
    assert (await step(staff, here, "submit")).status_code == 200
    late = await staff.post(said, json=an_endorsement())
    assert (late.status_code, late.json()["code"]) == (409, "proposal_not_editable")
    received = await people["analyst"].get(there(people["analyst"], "submissions"))
    one = there(people["analyst"], f"submissions/{received.json()['items'][0]['id']}")
    content = (await people["analyst"].get(one)).json()["content"]
    assert [each["endorser"] for each in content["endorsements"]] == ["bpda", "mpw"]


async def asked_of(people: dict[str, Person], **changes: Any) -> tuple[str, dict[str, Any]]:
    """Return a proposal with two programs, and the request to MOLE about the one with roads."""
    staff = people["staff"]
    roads = a_line(expense_class="co", object_code="5060403001", unit_cost_amount="90000.00")
    programs = [a_program(), a_program(title="Roads", line_items=[roads, a_line()])]
    proposal = await created(staff, programs=programs)
    here = f"proposals/{proposal['id']}"
    told = a_request(endorser="mpw", to_org_id=str(org_id_of("MOLE")), **changes)
    return here, await make(staff, f"{here}/endorsement-requests", told)


async def answered(
    people: dict[str, Person], request: dict[str, Any], **changes: Any
) -> dict[str, Any]:
    """Let the organization that was asked draft and issue its answer."""
    told = an_endorsement(endorsement_request_id=request["id"], **changes)
    del told["endorser"]
    draft = await make(people["clerk"], "endorsement-answers", told)
    here = f"endorsement-answers/{draft['id']}"
    own = await step(people["clerk"], here, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "drafter_may_not_answer")
    issued = await step(people["minister"], here, "approve")
    assert issued.status_code == 200, issued.text
    return draft


async def standing_of(person: Person, here: str) -> dict[str, dict[str, Any]]:
    read = await person.get(there(person, f"{here}/endorsements"))
    return {each["endorser"]: each for each in read.json()["required"]}


async def test_an_organization_speaks_of_what_it_was_shown_and_sees_nothing_else(
    app: FastAPI, people: dict[str, Person], database: ServiceDatabase
) -> None:
    here, request = await asked_of(people)
    clerk, stranger = people["clerk"], people["analyst"]
    listed = await clerk.get(there(clerk, "endorsement-requests?submitted=true"))
    assert [each["id"] for each in listed.json()["items"]] == [request["id"]]
    seen = await clerk.get(there(clerk, f"endorsement-requests/{request['id']}"))
    (roads,) = seen.json()["content"]
    assert (roads["title"], len(roads["line_items"])) == ("Roads", 1)
    assert roads["line_items"][0]["requested_amount"] == request["covered_amount"]
    assert "requested_amount" not in roads
    for person, path in (
        (clerk, here),
        (clerk, f"{here}/endorsements"),
        (stranger, f"endorsement-requests/{request['id']}"),
    ):
        assert (await person.get(there(person, path))).status_code == 404
    await answered(people, request, decision="declined", remarks="No design")
    await take_effect(app, database)
    assert (await standing_of(people["staff"], here))["mpw"]["standing"] == "declined"
    await answered(people, request)
    await take_effect(app, database)
    said = (await standing_of(people["staff"], here))["mpw"]
    assert (said["standing"], said["endorser_org_id"]) == ("endorsed", str(org_id_of("MOLE")))
    recorded = await people["staff"].get(there(people["staff"], f"{here}/endorsements"))
    words = [(each["decision"], each["remarks"]) for each in recorded.json()["recorded"]]
    assert words == [("declined", "No design"), ("endorsed", "")]


async def test_a_word_on_what_changed_or_was_handed_in_does_not_count(
    app: FastAPI, people: dict[str, Person], database: ServiceDatabase
) -> None:
    here, request = await asked_of(people, message="Before Friday, please")
    staff = people["staff"]
    proposal = (await staff.get(there(staff, here))).json()
    line = proposal["programs"][1]["line_items"][0]
    path = f"{here}/programs/{proposal['programs'][1]['id']}/line-items/{line['id']}"
    more, match = {"unit_cost_amount": "95000.00"}, {"If-Match": f'"{line["version"]}"'}
    changed = await staff.patch(there(staff, path), json=more, headers=match)
    assert changed.status_code == 200, changed.text
    await answered(people, request)
    await take_effect(app, database)
    assert (await standing_of(staff, here))["mpw"]["standing"] == "outdated"
    assert (await step(staff, here, "submit")).status_code == 200
    late = await answered(people, request)
    await take_effect(app, database)
    found = await people["clerk"].get(there(people["clerk"], f"deliveries?about_id={late['id']}"))
    (told,) = found.json()["items"]
    assert told["status"] == "refused"
    assert "It is submitted." in told["reason"]


async def test_two_heads_at_once_issue_an_answer_once(
    app: FastAPI, people: dict[str, Person], database: ServiceDatabase
) -> None:
    here, request = await asked_of(people)
    told = an_endorsement(endorsement_request_id=request["id"])
    del told["endorser"]
    draft = await make(people["clerk"], "endorsement-answers", told)
    again = await people["clerk"].post(there(people["clerk"], "endorsement-answers"), json=told)
    assert (again.status_code, again.json()["code"]) == (409, "answer_drafted")
    path = there(people["minister"], f"endorsement-answers/{draft['id']}/approve")
    match = {"If-Match": f'"{draft["version"]}"'}
    answers = await asyncio.gather(
        *(people[each].post(path, headers=match) for each in ("minister", "deputy"))
    )
    assert sorted(each.status_code for each in answers) in ([200, 409], [200, 412])
    await take_effect(app, database)
    recorded = await people["staff"].get(there(people["staff"], f"{here}/endorsements"))
    assert len(recorded.json()["recorded"]) == 1


async def test_a_request_names_another_organization_and_an_office_concerned(
    people: dict[str, Person],
) -> None:
    here, request = await asked_of(people)
    for changes, code, pointer in (
        ({"to_org_id": str(org_id_of("MOH"))}, "request_to_oneself", "/body/to_org_id"),
        ({"to_org_id": request["id"]}, "organization_unknown", "/body/to_org_id"),
        ({"endorser": "bwc"}, "endorser_not_required", "/body/endorser"),
    ):
        path = there(people["staff"], f"{here}/endorsement-requests")
        refused = await people["staff"].post(path, json=a_request(**changes))
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]
    told = an_endorsement(endorsement_request_id=request["id"])
    del told["endorser"]
    analyst = people["analyst"]
    uninvited = await analyst.post(there(analyst, "endorsement-answers"), json=told)
    assert (uninvited.status_code, uninvited.json()["code"]) == (422, "not_asked")
