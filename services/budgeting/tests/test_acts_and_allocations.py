"""Acts give items, items are allocated: entered by one, settled by another, never exceeded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.budgeting.tests.factories import (
    a_program,
    an_act,
    an_act_item,
    an_open_call,
    created,
    make,
    step,
    there,
    this_year,
)
from services.budgeting.tests.issued import take_effect
from services.budgeting.tests.neighbours import told_of

pytestmark = pytest.mark.usefixtures("register")

DEADLINE = f"{this_year() + 1}-12-31"


@pytest.fixture
def people(person: Callable[..., Person]) -> dict[str, Person]:
    return {
        "analyst": person("MFBM"),
        "decider": person("MFBM"),
        "officer": person("MOH"),
        "approver": person("MOH"),
        "stranger": person("MOLE"),
    }


async def items_of(person: Person) -> list[dict[str, Any]]:
    found = await person.get(there(person, "appropriation-items"))
    listed: list[dict[str, Any]] = found.json()["items"]
    return listed


@pytest.fixture
async def item(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> dict[str, Any]:
    """Give the item of an enacted act as MOH has it."""
    act = await make(people["analyst"], "appropriations", an_act())
    enacted = await step(people["decider"], f"appropriations/{act['id']}", "enact")
    assert enacted.status_code == 200, enacted.text
    await take_effect(app, database)
    return (await items_of(people["officer"]))[0]


def an_allocation(item: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"appropriation_item_id": item["id"], "amount": "600.00", **changes}


async def test_who_enters_an_act_never_enacts_it(people: dict[str, Person]) -> None:
    act = await make(people["analyst"], "appropriations", an_act())
    here = f"appropriations/{act['id']}"
    refused = await step(people["analyst"], here, "enact")
    assert (refused.status_code, refused.json()["code"]) == (403, "enterer_may_not_enact")
    added = await people["decider"].post(
        there(people["decider"], f"{here}/items"), json=an_act_item("MOLE")
    )
    assert added.status_code == 201
    assert (await step(people["decider"], here, "enact")).status_code == 403


async def test_an_act_without_items_authorises_nothing(people: dict[str, Person]) -> None:
    act = await make(people["analyst"], "appropriations", an_act(items=[]))
    refused = await step(people["decider"], f"appropriations/{act['id']}", "enact")
    assert (refused.status_code, refused.json()["code"]) == (409, "appropriation_empty")


async def test_nothing_is_issued_for_whom_the_register_does_not_have_or_has_retired(
    people: dict[str, Person], database: ServiceDatabase
) -> None:
    analyst, decider = people["analyst"], people["decider"]
    call = await an_open_call(analyst)
    act = await make(analyst, "appropriations", an_act(items=[an_act_item("MOLE")]))
    acts, more = there(analyst, "appropriations"), {"deadline_on": DEADLINE, "reason": "Flood"}
    ceiling = {"budget_call_id": call["id"], "amount": "1.00"}
    calls = there(analyst, f"budget-calls/{call['id']}/extensions")

    async def refused(org: str, status: int, code: str) -> None:
        whom = {"for_org_id": str(org_id_of(org))}
        for url, body, pointer in (
            (acts, an_act(items=[an_act_item(), an_act_item(org)]), "/body/items/1/for_org_id"),
            (f"{acts}/{act['id']}/items", an_act_item(org), "/body/for_org_id"),
            (there(analyst, "ceilings"), {**ceiling, **whom}, "/body/for_org_id"),
            (calls, {**more, **whom}, "/body/for_org_id"),
        ):
            answer = await analyst.post(url, json=body)
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
            assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]

    await refused("NOBODY", 422, "organization_unknown")
    await told_of(database, "MOLE", 3, "retired")
    await told_of(database, "MOLE", 2, "suspended")  # late, and older
    await refused("MOLE", 409, "organization_is_retired")
    enacted = await step(decider, f"appropriations/{act['id']}", "enact")
    assert (enacted.status_code, enacted.json()["code"]) == (409, "organization_is_retired")
    assert "MOLE" in enacted.json()["detail"]


async def test_an_enacted_act_gives_each_organization_its_own_items_only(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    items = [an_act_item(), an_act_item(expense_class="co"), an_act_item("MOLE", amount="7.25")]
    act = await make(people["analyst"], "appropriations", an_act(items=items))
    here = f"appropriations/{act['id']}"
    assert (await people["officer"].get(there(people["officer"], here))).status_code == 404
    assert (await step(people["decider"], here, "enact")).json()["total_amount"] == "2007.25"
    subjects = await take_effect(app, database)
    assert subjects.count("budgeting.appropriation_item.received.v1") == 3
    assert [each["appropriated_amount"] for each in await items_of(people["officer"])] == [
        "1000.00",
        "1000.00",
    ]
    assert [each["appropriated_amount"] for each in await items_of(people["stranger"])] == ["7.25"]
    seen = (await people["stranger"].get(there(people["stranger"], here))).json()
    assert (len(seen["items"]), seen["total_amount"]) == (1, "7.25")
    told = (await people["analyst"].get(there(people["analyst"], "deliveries"))).json()["items"]
    assert [each["status"] for each in told] == ["applied"] * 3
    postings = (await people["officer"].get(there(people["officer"], "postings"))).json()["items"]
    assert {(each["kind"], each["amount"]) for each in postings} == {("appropriated", "1000.00")}
    assert await take_effect(app, database) == subjects


async def test_an_extension_act_gives_items_more_time(
    people: dict[str, Person], item: dict[str, Any], app: FastAPI, database: ServiceDatabase
) -> None:
    here = f"appropriations/{item['appropriation_id']}"
    day = f"{this_year() + 1}-12-31"
    told = {"act_reference": "BAA 99", "valid_until": day}
    assert (await step(people["analyst"], here, "extend", **told)).status_code == 200
    again = await step(people["analyst"], here, "extend", **told)
    assert (again.status_code, again.json()["code"]) == (422, "validity_invalid")
    early = await step(people["analyst"], here, "lapse")
    assert (early.status_code, early.json()["code"]) == (409, "appropriation_still_valid")
    await take_effect(app, database)
    assert [each["valid_until"] for each in await items_of(people["officer"])] == [day]


async def test_who_prepares_an_allocation_never_approves_it(
    people: dict[str, Person], item: dict[str, Any]
) -> None:
    made = await make(people["officer"], "allocations", an_allocation(item))
    here = f"allocations/{made['id']}"
    refused = await step(people["officer"], here, "approve")
    assert refused.json()["code"] == "creator_may_not_approve_allocation"
    approved = await step(people["approver"], here, "approve")
    assert (approved.json()["status"], approved.json()["allocated_amount"]) == (
        "approved",
        "600.00",
    )
    assert (await items_of(people["officer"]))[0]["unallocated_amount"] == "400.00"
    gone = await step(people["approver"], here, "cancel", reason="Another plan")
    assert (gone.json()["status"], gone.json()["allocated_amount"]) == ("cancelled", "0.00")
    assert (await items_of(people["officer"]))[0]["unallocated_amount"] == "1000.00"


async def test_allocations_of_an_item_never_exceed_it(
    people: dict[str, Person], item: dict[str, Any]
) -> None:
    too_much = await people["officer"].post(
        there(people["officer"], "allocations"), json=an_allocation(item, amount="1000.01")
    )
    assert (too_much.status_code, too_much.json()["code"]) == (409, "appropriation_exceeded")
    made = [
        await make(
            people["officer"], "allocations", an_allocation(item, program_title=f"Part {number}")
        )
        for number in range(6)
    ]
    answers = await asyncio.gather(
        *(step(people["approver"], f"allocations/{each['id']}", "approve") for each in made)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "balance_exceeded"
    assert "400.00" in refused.json()["detail"]


async def test_an_allocation_goes_to_a_program_of_an_approved_proposal(
    people: dict[str, Person], item: dict[str, Any]
) -> None:
    proposal = await created(people["officer"], programs=[a_program()])
    program_id = proposal["programs"][0]["id"]
    early = await people["officer"].post(
        there(people["officer"], "allocations"), json=an_allocation(item, program_id=program_id)
    )
    assert (early.status_code, early.json()["code"]) == (409, "program_not_funded")
    here = f"proposals/{proposal['id']}"
    await step(people["officer"], here, "submit")
    await step(people["approver"], here, "approve")
    made = await make(people["officer"], "allocations", an_allocation(item, program_id=program_id))
    assert made["program_title"] == proposal["programs"][0]["title"]
    again = await people["officer"].post(
        there(people["officer"], "allocations"), json=an_allocation(item, program_id=program_id)
    )
    assert (again.status_code, again.json()["code"]) == (409, "allocation_exists")


async def test_a_lump_sum_is_given_out_by_name_only(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    items = [an_act_item(is_lump_sum=True)]
    act = await make(people["analyst"], "appropriations", an_act(items=items))
    await step(people["decider"], f"appropriations/{act['id']}", "enact")
    await take_effect(app, database)
    item = (await items_of(people["officer"]))[0]
    refused = await people["officer"].post(
        there(people["officer"], "allocations"), json=an_allocation(item)
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "lump_sum_unnamed")
    await make(people["officer"], "allocations", an_allocation(item, program_title="Relief"))


async def test_the_largest_amount_goes_through_every_level_exactly(
    people: dict[str, Person], app: FastAPI, database: ServiceDatabase
) -> None:
    largest = "9999999999999999.99"
    act = await make(
        people["analyst"], "appropriations", an_act(items=[an_act_item(amount=largest)])
    )
    await step(people["decider"], f"appropriations/{act['id']}", "enact")
    await take_effect(app, database)
    item = (await items_of(people["officer"]))[0]
    made = await make(people["officer"], "allocations", an_allocation(item, amount=largest))
    approved = await step(people["approver"], f"allocations/{made['id']}", "approve")
    assert Decimal(approved.json()["unallotted_amount"]) == Decimal(largest)
    assert item["issuer_org_id"] == str(org_id_of("MFBM"))


@pytest.mark.parametrize("wrong", ["0.00", "-1.00", "1e3", "NaN", "1.005", "0.001", 5, None])
async def test_an_amount_that_is_none_is_refused_with_its_field(
    people: dict[str, Person], item: dict[str, Any], wrong: Any
) -> None:
    answer = await people["officer"].post(
        there(people["officer"], "allocations"), json=an_allocation(item, amount=wrong)
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/body/amount"
