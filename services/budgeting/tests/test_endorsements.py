"""Endorsements: lines and tags decide who must speak, and a changed line is spoken about again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from libs.chassis.testing import Person
from services.budgeting.tests.factories import (
    a_line,
    a_program,
    an_endorsement,
    an_open_call,
    created,
    spoken_for,
    step,
    there,
)

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
    return {"staff": person("MOH"), "head": person("MOH"), "analyst": person("MFBM")}


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
