"""Money moves between two items or two allocations: whole, by two people, with a sum of zero."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from services.budgeting.postings.usecases import prove
from services.budgeting.tests.factories import make, step, there, this_year
from services.budgeting.tests.issued import take_effect
from services.budgeting.tests.spending import STILL_VALID, funded


@pytest.fixture
def staff(person: Callable[..., Person]) -> Person:
    return person("MOH")


@pytest.fixture
def head(person: Callable[..., Person]) -> Person:
    return person("MOH")


async def read(person: Person, path: str) -> dict[str, Any]:
    told: dict[str, Any] = (await person.get(there(person, path))).json()
    return told


async def an_item(app: FastAPI, staff: Person, **changes: Any) -> str:
    """Return an item of 1000.00 of which nothing is allocated."""
    allocation_id: UUID = await funded(app.state.database, **{**STILL_VALID, **changes})
    await step(staff, f"allocations/{allocation_id}", "cancel", reason="To begin with")
    found = await read(staff, f"allocations/{allocation_id}")
    return str(found["appropriation_item_id"])


def between(first: str, second: str, amount: str = "250.25") -> dict[str, Any]:
    return {
        "from_item_id": first,
        "to_item_id": second,
        "amount": amount,
        "reason": "Needed there more",
    }


async def submitted(staff: Person, body: dict[str, Any]) -> str:
    made = await make(staff, "realignments", body)
    here = f"realignments/{made['id']}"
    assert (await step(staff, here, "submit")).json()["status"] == "submitted"
    return here


async def test_an_applied_realignment_is_a_pair_of_postings(
    app: FastAPI, staff: Person, head: Person
) -> None:
    first, second = await an_item(app, staff), await an_item(app, staff)
    here = await submitted(staff, between(first, second))
    by_preparer = await step(staff, here, "approve")
    assert (by_preparer.status_code, by_preparer.json()["code"]) == (
        403,
        "preparer_may_not_realign",
    )
    assert (await step(head, here, "approve")).json()["status"] == "applied"
    amounts = [
        (await read(staff, f"appropriation-items/{each}"))["appropriated_amount"]
        for each in (first, second)
    ]
    assert amounts == ["749.75", "1250.25"]
    postings = (await read(staff, "postings?limit=200"))["items"]
    moved = [each for each in postings if each["kind"] == "appropriation_adjusted"]
    assert sorted(each["amount"] for each in moved) == ["-250.25", "250.25"]
    assert sum(Decimal(each["amount"]) for each in moved) == 0
    again = await step(head, here, "approve")
    assert (again.status_code, again.json()["code"]) == (409, "realignment_not_submitted")


async def test_what_is_allocated_already_does_not_leave_and_nothing_moves(
    app: FastAPI, staff: Person, head: Person
) -> None:
    bound = await funded(app.state.database)
    first = (await read(staff, f"allocations/{bound}"))["appropriation_item_id"]
    second = await an_item(app, staff)
    here = await submitted(staff, between(first, second, "0.01"))
    refused = await step(head, here, "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_exceeded")
    assert (await read(staff, here))["status"] == "submitted"
    assert (await read(staff, f"appropriation-items/{second}"))["appropriated_amount"] == "1000.00"
    rejected = await step(head, here, "reject", reason="Nothing is free")
    assert rejected.json()["status"] == "rejected"


async def test_realignments_both_ways_at_once_keep_the_sum(
    app: FastAPI, staff: Person, head: Person
) -> None:
    first, second = await an_item(app, staff), await an_item(app, staff)
    there_and_back = [between(first, second, "600.00"), between(second, first, "600.00")]
    asked = [await submitted(staff, body) for body in there_and_back * 2]
    answers = await asyncio.gather(*(step(head, each, "approve") for each in asked))
    assert {answer.status_code for answer in answers} <= {200, 409}
    amounts = [
        Decimal((await read(staff, f"appropriation-items/{each}"))["appropriated_amount"])
        for each in (first, second)
    ]
    assert sum(amounts) == 2000
    assert min(amounts) >= 0


NEXT = {"fiscal_year": this_year() + 1, "valid_until": date(this_year() + 1, 12, 31)}


async def test_across_programs_and_classes_the_issuer_decides(
    app: FastAPI,
    person: Callable[..., Person],
    staff: Person,
    head: Person,
    database: ServiceDatabase,
) -> None:
    first = await an_item(app, staff)
    roads = {"expense_class": "co", "program_title": "Roads"}
    second = await an_item(app, staff, **roads)
    await house_and_year(app, staff, first)
    here = await submitted(staff, between(first, second))
    told = await read(head, here)
    assert told["decides_org_id"] == str(org_id_of("MFBM"))
    assert told["allowed_actions"] == ["withdraw"]
    refused = await step(head, here, "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "issuer_decides")

    analyst, approver = person("MFBM"), person("MFBM")
    asked = await decided(analyst, approver, person("MOLE"), told)
    await decide_again(analyst, approver, asked)
    await take_effect(app, database)
    assert (await read(staff, here))["status"] == "applied"
    answers = (await read(analyst, "deliveries"))["items"]
    assert sorted(each["status"] for each in answers) == ["applied", "refused"]
    amounts = [
        (await read(staff, f"appropriation-items/{each}"))["appropriated_amount"]
        for each in (first, second)
    ]
    assert amounts == ["749.75", "1250.25"]
    assert await prove(app.state.database) == {org_id_of("MOH"): []}


async def house_and_year(app: FastAPI, staff: Person, first: str) -> None:
    """The house decides nearby; into another year nobody moves anything."""
    near = await an_item(app, staff, expense_class="co")
    in_house = await make(staff, "realignments", between(first, near))
    assert in_house["decides_org_id"] is None
    next_year = await an_item(app, staff, expense_class="co", program_title="Roads", **NEXT)
    across = await staff.post(there(staff, "realignments"), json=between(first, next_year))
    assert (across.status_code, across.json()["code"]) == (409, "realignment_across")


async def decided(
    analyst: Person, approver: Person, other: Person, told: dict[str, Any]
) -> dict[str, str]:
    """Draft and issue the decision in the issuer's organization; others see and do nothing."""
    waiting = (await read(analyst, "realignments?submitted=true"))["items"]
    assert [each["id"] for each in waiting] == [told["id"]]
    assert (await read(other, "realignments?submitted=true"))["items"] == []
    assert (await other.get(there(other, f"realignments/{told['id']}"))).status_code == 404
    asked = {"realignment_id": told["id"], "verdict": "approved"}
    elsewhere = await other.post(there(other, "realignment-decisions"), json=asked)
    assert elsewhere.json()["code"] == "realignment_not_submitted_to_us"
    mute = await analyst.post(
        there(analyst, "realignment-decisions"), json={**asked, "verdict": "rejected"}
    )
    assert (mute.status_code, mute.json()["code"]) == (422, "verdict_unexplained")
    drafts = [await make(analyst, "realignment-decisions", asked)]
    assert drafts[0]["from_act_item_id"] == told["from_act_item_id"]
    document = f"realignment-decisions/{drafts[0]['id']}"
    own = await step(analyst, document, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "drafter_may_not_issue")
    assert (await step(approver, document, "approve")).json()["status"] == "issued"
    return asked


async def decide_again(analyst: Person, approver: Person, asked: dict[str, str]) -> None:
    """Issue a second decision before the first takes effect: that one comes too late."""
    again = await make(analyst, "realignment-decisions", asked)
    await step(approver, f"realignment-decisions/{again['id']}", "approve")


async def test_a_declared_saving_is_kept_for_an_item_that_lacks_money(
    app: FastAPI, staff: Person, head: Person
) -> None:
    spare, full = await an_item(app, staff), await an_item(app, staff)
    lacking = await read(staff, f"allocations/{await funded(app.state.database, **STILL_VALID)}")
    target = lacking["appropriation_item_id"]
    wanted = {"item_id": spare, "amount": "600.00", "reason": "Bought for less"}
    saving = await make(staff, "savings", wanted)
    here = f"savings/{saving['id']}"
    own = await step(staff, here, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "proposer_may_not_declare")
    assert (await step(head, here, "approve")).json()["left_amount"] == "600.00"
    more = await staff.post(there(staff, "savings"), json={**wanted, "amount": "400.01"})
    assert (more.status_code, more.json()["code"]) == (409, "saving_exceeded")
    part = {"appropriation_item_id": spare, "program_title": "Taken", "amount": "400.01"}
    taken = await make(staff, "allocations", part)
    refused = await step(head, f"allocations/{taken['id']}", "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "balance_exceeded")
    assert "600.00 of declared savings" in refused.text

    def augment(to: str, amount: str) -> dict[str, Any]:
        return {**between(spare, to, amount), "saving_id": saving["id"]}

    enough = await submitted(staff, augment(full, "100.00"))
    refused = await step(head, enough, "approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_lacking")
    asked = [await submitted(staff, augment(target, "400.00")) for _ in range(2)]
    answers = await asyncio.gather(*(step(head, each, "approve") for each in asked))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    now = await read(staff, here)
    assert (now["used_amount"], now["left_amount"]) == ("400.00", "200.00")
    assert (await step(head, here, "cancel", reason="Needed")).json()["left_amount"] == "0.00"
    assert (await read(staff, f"appropriation-items/{target}"))["unallocated_amount"] == "400.00"


async def test_two_different_places_of_one_kind_are_named(app: FastAPI, staff: Person) -> None:
    first = await an_item(app, staff)
    allocation = str(await funded(app.state.database))
    for body in (
        between(first, first),
        {"from_item_id": first, "amount": "1.00", "reason": "Why"},
        {**between(first, first), "from_allocation_id": allocation},
        {
            "from_allocation_id": allocation,
            "to_allocation_id": allocation,
            "amount": "1.00",
            "reason": "Why",
        },
    ):
        answer = await staff.post(there(staff, "realignments"), json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "realignment_incomparable")


async def test_allocations_of_one_item_give_to_each_other(
    app: FastAPI, staff: Person, head: Person
) -> None:
    item = await an_item(app, staff)
    parts = []
    for title in ("North", "South"):
        body = {"appropriation_item_id": item, "program_title": title, "amount": "400.00"}
        made = await make(staff, "allocations", body)
        await step(head, f"allocations/{made['id']}", "approve")
        parts.append(made["id"])
    here = await submitted(
        staff,
        {
            "from_allocation_id": parts[0],
            "to_allocation_id": parts[1],
            "amount": "150.00",
            "reason": "Rain in the south",
        },
    )
    assert (await step(head, here, "approve")).status_code == 200
    amounts = [(await read(staff, f"allocations/{each}"))["allocated_amount"] for each in parts]
    assert amounts == ["250.00", "550.00"]
    assert (await read(staff, f"appropriation-items/{item}"))["allocated_amount"] == "800.00"
