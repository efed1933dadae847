"""Partnerships: what a lead does over HTTP, and what the world is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from libs.chassis.testing import CountedStatements, Person, ServiceDatabase, org_id_of
from services.coordination.tests.factories import (
    a_draft,
    a_partnership,
    a_submitted,
    act,
    announced,
    done,
    partnerships,
)


async def test_a_partnership_goes_from_draft_to_its_outcome(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff, manager, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_draft(staff, "MOLE")
    draft = (await staff.get(f"{partnerships(staff)}/{made}")).json()
    assert draft["allowed_actions"] == ["change", "invite", "submit", "terminate", "delete"]
    assert [member["status"] for member in draft["members"]] == ["accepted", "invited"]
    submitted = await done(staff, made, "submit")
    assert submitted["allowed_actions"] == ["invite", "return", "terminate"]
    assert (await act(manager, made, "activate")).json()["code"] == "invitations_waiting"
    await done(mole, made, "accept")
    assert (await act(staff, made, "activate")).json()["code"] == "creator_may_not_activate"
    active = await done(manager, made, "activate")
    assert active["activated_at"] is not None
    assert (await done(manager, made, "hold", reason="Flood"))["status_reason"] == "Flood"
    assert (await done(manager, made, "resume"))["status"] == "active"
    over = await done(manager, made, "complete", outcome_report="Twelve clinic days were held")
    assert (over["status"], over["allowed_actions"]) == ("completed", [])
    seen = (await mole.get(f"{partnerships(mole)}/{made}")).json()
    assert (seen["outcome_report"], seen["allowed_actions"]) == (over["outcome_report"], [])
    told = await announced(database)
    assert [row.subject.split(".")[2] for row in told] == [
        "submitted", "accepted", "activated", "held", "resumed", "completed",
    ]  # fmt: skip
    assert [row.org_id for row in told] == [
        org_id_of("MOLE" if row.subject.endswith("accepted.v1") else "MOH") for row in told
    ]
    led = [row.aggregate_version for row in told if row.org_id == org_id_of("MOH")]
    assert led == sorted(set(led))


async def test_an_event_carries_the_public_state(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff, manager, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_submitted(staff, "MOLE")
    await done(mole, made, "accept")
    await done(manager, made, "activate")
    told = await announced(database)
    moh, mole_id = str(org_id_of("MOH")), str(org_id_of("MOLE"))
    assert told[-1].data == {
        "partnership_id": made,
        "title": "Occupational health in the fishing ports",
        "partnership_type": "bilateral",
        "status": "active",
        "priority": "high",
        "visibility": "members",
        "lead_org_id": moh,
        "starts_on": "2026-07-01",
        "ends_on": "2027-06-30",
        "requires_ocm_approval": False,
        "total_budget_amount": "0.00",
        "members": [
            {"org_id": moh, "role": "lead", "status": "accepted"},
            {"org_id": mole_id, "role": "participant", "status": "accepted"},
        ],
    }
    assert told[-2].data == {
        "partnership_id": made,
        "lead_org_id": moh,
        "invitation_id": told[-2].data["invitation_id"],
        "answer": "accepted",
    }
    assert UUID(told[-2].data["invitation_id"])


async def test_a_draft_is_told_to_nobody_and_can_be_deleted(
    people: Callable[..., Person], database: ServiceDatabase
) -> None:
    staff = people("MOH")
    made = await a_draft(staff, "MOLE")
    url = f"{partnerships(staff)}/{made}"
    await staff.post(f"{url}/notes", json={"text": "Ask first"})
    etag = (await staff.get(url)).headers["ETag"]
    assert (await staff.delete(url, headers={"If-Match": etag})).status_code == 204
    assert (await staff.get(url)).status_code == 404
    ended = await a_draft(staff, "MOLE")
    assert (await done(staff, ended, "terminate", reason="No"))["status"] == "terminated"
    assert await announced(database) == []


async def test_a_returned_partnership_is_rewritten_and_submitted_again(
    people: Callable[..., Person],
) -> None:
    staff, mole = people("MOH"), people("MOLE")
    made = await a_submitted(staff, "MOLE")
    await done(staff, made, "return", remarks="The ports are wrong")
    url = f"{partnerships(mole)}/{made}"
    assert (await mole.get(url)).status_code == 404
    assert (await mole.get(f"{partnerships(mole)}")).json()["items"] == []
    assert (await act(staff, made, "change", title="Health in the ports")).status_code == 200
    etag = (await staff.get(f"{partnerships(staff)}/{made}")).headers["ETag"]
    deleted = await staff.delete(f"{partnerships(staff)}/{made}", headers={"If-Match": etag})
    assert deleted.json()["code"] == "partnership_not_deletable"
    await done(staff, made, "submit")
    assert (await mole.get(url)).json()["title"] == "Health in the ports"


async def test_what_members_do_moves_the_etag(people: Callable[..., Person]) -> None:
    staff, mole = people("MOH"), people("MOLE")
    made = await a_submitted(staff, "MOLE")
    url = f"{partnerships(staff)}/{made}"
    seen = (await staff.get(url)).headers["ETag"]
    await done(mole, made, "accept")
    stale = await staff.post(f"{url}/terminate", json={"reason": "x"}, headers={"If-Match": seen})
    assert stale.status_code == 412
    again = await staff.get(url, headers={"If-None-Match": seen})
    assert again.status_code == 200
    same = await staff.get(url, headers={"If-None-Match": again.headers["ETag"]})
    assert same.status_code == 304


async def test_the_chief_ministers_approval_is_awaited(people: Callable[..., Person]) -> None:
    staff, manager, mole = people("MOH"), people("MOH"), people("MOLE")
    made = await a_submitted(staff, "MOLE", requires_ocm_approval=True)
    await done(mole, made, "accept")
    refused = await act(manager, made, "activate")
    assert (refused.status_code, refused.json()["code"]) == (409, "ocm_approval_awaited")
    assert "Chief Minister" in refused.json()["title"]
    seen = (await manager.get(f"{partnerships(manager)}/{made}")).json()
    assert "activate" not in seen["allowed_actions"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": " "}, "/body/title"),
        ({"title": "x" * 256}, "/body/title"),
        ({"partnership_type": "friendship"}, "/body/partnership_type"),
        ({"ends_on": "2026-07-01"}, "/body/ends_on"),
        ({"starts_on": "yesterday"}, "/body/starts_on"),
        ({"requires_ocm_approval": "maybe"}, "/body/requires_ocm_approval"),
        ({"status": "active"}, "/body/status"),
        ({"visibility": "everyone"}, "/body/visibility"),
    ],
)
async def test_bad_input_names_the_field_and_leaves_no_trace(
    people: Callable[..., Person], changes: dict[str, Any], pointer: str
) -> None:
    staff = people("MOH")
    answer = await staff.post(partnerships(staff), json=a_partnership(**changes))
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert (await staff.get(partnerships(staff))).json()["items"] == []


async def test_a_list_takes_three_statements_however_long(
    people: Callable[..., Person], app: FastAPI
) -> None:
    staff, mole = people("MOH"), people("MOLE")
    for number in range(3):
        made = await a_submitted(staff, "MOLE", title=f"Title {number}")
    await done(mole, made, "accept")
    for reader in (staff, mole):
        with CountedStatements(app.state.database.engine) as counted:
            found = await reader.get(partnerships(reader), params={"sort": "title"})
        assert [one["title"] for one in found.json()["items"]] == ["Title 0", "Title 1", "Title 2"]
        assert len(counted.statements) <= 3, counted.statements
    page = (await mole.get(partnerships(mole), params={"limit": 2, "sort": "title"})).json()
    rest = await mole.get(partnerships(mole), params={"cursor": page["next"], "sort": "title"})
    assert [one["title"] for one in rest.json()["items"]] == ["Title 2"]
    for query, count in (
        ({"status": "pending_approval"}, 3),
        ({"status": "active"}, 0),
        ({"partnership_type": "multilateral"}, 0),
    ):
        assert len((await mole.get(partnerships(mole), params=query)).json()["items"]) == count
    assert (await mole.get(partnerships(mole), params={"priority": "low"})).status_code == 422
