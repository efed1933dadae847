"""What lead and participants promise: who sees it, who changes it, and how it adds up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from libs.chassis.testing import Person, ServiceDatabase
from services.coordination.tests.factories import (
    a_commitment,
    a_draft,
    a_submitted,
    announced,
    done,
    partnerships,
)


async def test_promises_of_lead_and_participants_add_up(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    moh, boss, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")

    def url(person: Person) -> str:
        return f"{partnerships(person)}/{made}/commitments"

    early = await mole.post(url(mole), json=a_commitment())
    assert (early.status_code, early.json()["code"]) == (403, "not_taking_part")
    await done(mole, made, "accept")
    await moh.post(url(moh), json=a_commitment(committed_amount="100.50"))
    ours = await mole.post(url(mole), json=a_commitment(committed_amount="50.25"))
    staff = a_commitment(kind="staff", quantity=2, committed_amount=None, fiscal_year=None)
    assert (await mole.post(url(mole), json=staff)).status_code == 201
    seen = (await moh.get(f"{partnerships(moh)}/{made}")).json()
    assert (seen["total_budget_amount"], seen["delivery"]) == ("150.75", "0.00")
    change = f"{url(mole)}/{ours.json()['id']}"
    match = {"If-Match": ours.headers["ETag"]}
    told = await mole.patch(change, json={"is_delivered": True}, headers=match)
    assert told.json()["delivered_on"] is not None
    assert (await mole.patch(change, json={}, headers=match)).status_code == 412
    await done(boss, made, "activate")
    state = (await announced(database))[-1].data
    assert state["total_budget_amount"] == "150.75"
    seen = (await mole.get(f"{partnerships(mole)}/{made}")).json()
    assert seen["delivery"] == "33.33"
    await done(mole, made, "withdraw", reason="No inspectors left")
    seen = (await moh.get(f"{partnerships(moh)}/{made}")).json()
    assert seen["total_budget_amount"] == "100.50"


async def test_a_promise_is_its_makers_alone(people: Callable[..., Person]) -> None:
    moh, mole = people("MOH"), people("MOLE")
    made = await a_submitted(moh, "MOLE")
    await done(mole, made, "accept")
    url = f"{partnerships(mole)}/{made}/commitments"
    ours = (await mole.post(url, json=a_commitment())).json()
    assert ours["allowed_actions"] == ["change", "cancel"]
    (read,) = (await moh.get(f"{partnerships(moh)}/{made}/commitments")).json()["items"]
    assert (read["organization"]["code"], read["allowed_actions"]) == ("MOLE", [])
    theirs = f"{partnerships(moh)}/{made}/commitments/{ours['id']}"
    match = {"If-Match": '"1"'}
    assert (await moh.patch(theirs, json={"quantity": 1}, headers=match)).status_code == 404
    cancelled = await mole.post(
        f"{url}/{ours['id']}/cancel", json={"reason": "No money"}, headers=match
    )
    assert cancelled.json()["cancelled_at"] is not None
    seen = (await moh.get(f"{partnerships(moh)}/{made}")).json()
    assert seen["total_budget_amount"] == "0.00"
    again = await mole.patch(
        f"{url}/{ours['id']}", json={"quantity": 1}, headers={"If-Match": '"2"'}
    )
    assert again.json()["code"] == "commitment_cancelled"


async def test_nothing_is_promised_when_it_is_over(people: Callable[..., Person]) -> None:
    moh = people("MOH")
    made = await a_submitted(moh, "MOLE")
    url = f"{partnerships(moh)}/{made}/commitments"
    ours = (await moh.post(url, json=a_commitment())).json()
    await done(moh, made, "terminate", reason="No money")
    late = await moh.post(url, json=a_commitment())
    assert (late.status_code, late.json()["code"]) == (409, "partnership_closed")
    changed = await moh.patch(f"{url}/{ours['id']}", json={}, headers={"If-Match": '"1"'})
    assert changed.json()["code"] == "partnership_closed"
    assert (await moh.get(url)).json()["items"][0]["allowed_actions"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"committed_amount": None}, "/body/committed_amount"),
        ({"committed_amount": 5.5}, "/body/committed_amount"),
        ({"fiscal_year": None}, "/body/fiscal_year"),
        ({"fiscal_year": "2026"}, "/body/fiscal_year"),
        ({"description": " "}, "/body/description"),
        ({"kind": "hope"}, "/body/kind"),
        ({"org_id": "x"}, "/body/org_id"),
    ],
)
async def test_a_bad_promise_names_the_field(
    people: Callable[..., Person], changes: dict[str, Any], pointer: str
) -> None:
    moh = people("MOH")
    url = f"{partnerships(moh)}/{await a_draft(moh)}/commitments"
    answer = await moh.post(url, json=a_commitment(**changes))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await moh.get(url)).json()["items"] == []
