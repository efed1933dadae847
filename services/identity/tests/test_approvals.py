"""Dangerous acts take two people, and administrators act on accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.identity.access_reviews import usecases as access_reviews
from services.identity.approvals.model import Approval
from services.identity.revocations.model import Revocation
from services.identity.rights.usecases import evaluate
from services.identity.role_catalogue.model import GRANTS, ROLES
from services.identity.tests.factories import OPERATOR, a_ministry, a_user, events_of, may
from services.identity.users.queries import get_user

HOME = "/api/v1/moa/MOH/identity"
USERS = "/api/v1/identity/users"
PLATFORM = GRANTS["platform_administrator"]


@pytest.fixture
async def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE", "OCM"))
    return database


def step(row: dict[str, Any], **body: Any) -> dict[str, Any]:
    return {"json": body or None, "headers": {"If-Match": f'"{row["version"]}"'}}


async def ask(first: Person, user_id: UUID, grant: str = "ocm_analyst") -> Any:
    body = {
        "kind": "system_grant",
        "user_id": str(user_id),
        "organization_id": str(org_id_of("OCM")),
        "grant": grant,
        "reason": "She is the new analyst.",
    }
    return await first.post(f"{HOME}/approvals", json=body)


async def rights(own: Database, user_id: UUID, org: str) -> tuple[str, ...]:
    async with own.unit_of_work(OPERATOR) as uow:
        found = await evaluate(uow, user_id, org_id_of(org))
    return found.permissions if found else ()


async def test_a_system_wide_right_takes_a_second_person_and_is_given_once(
    own: Database, database: ServiceDatabase, person: Callable[..., Person]
) -> None:
    analyst = await a_user(own, "analyst@ocm.example", OCM="viewer")
    first, second = (person("MOH", permissions=PLATFORM) for _ in "12")
    asked = await ask(first, analyst.id)
    assert asked.status_code == 201, asked.text
    request = asked.json()
    alone = await first.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert not may(list(await rights(own, analyst.id, "OCM")), "oversight.all.read")
    done = await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (done.status_code, done.json()["status"]) == (200, "executed"), done.text
    assert may(list(await rights(own, analyst.id, "OCM")), "oversight.all.read")
    again = await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(done.json()))
    assert (again.status_code, again.json()["code"]) == (409, "approval_not_open")
    await taken_back(first, own, database, analyst.id)


async def test_a_right_of_the_oversight_office_is_for_its_members_within_it(
    own: Database, person: Callable[..., Person]
) -> None:
    outsider = await a_user(own, "outsider@moh.example", MOH="staff")
    first, second = (person("MOH", permissions=PLATFORM) for _ in "12")
    request = (await ask(first, outsider.id, "ocm_administrator")).json()
    refused = await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (refused.status_code, refused.json()["code"]) == (422, "grant_not_here")
    elsewhere = {"organization_id": str(org_id_of("MOH")), "grant": "ocm_administrator"}
    body = {"kind": "system_grant", "user_id": str(outsider.id), "reason": "She is new."}
    answer = await first.post(f"{HOME}/approvals", json=body | elsewhere)
    assert (answer.status_code, answer.json()["code"]) == (422, "grant_not_here")
    head = await a_user(own, "head@ocm.example", OCM="admin")
    request = (await ask(first, head.id, "ocm_administrator")).json()
    done = await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (done.status_code, done.json()["status"]) == (200, "executed"), done.text
    held = list(await rights(own, head.id, "OCM"))
    for permission in ("identity.organization.suspend", "oversight.all.read"):
        assert may(held, permission)
    for permission in ("identity.system_grant.create", "identity.user.lock"):
        assert not may(held, permission)


async def test_outside_emergencies_a_suspension_takes_a_second_person(
    own: Database, person: Callable[..., Person]
) -> None:
    first, second = (person("MOH", permissions=PLATFORM) for _ in "12")
    suspend = f"/api/v1/identity/organizations/{org_id_of('MOLE')}/suspend"
    why = {"reason": "It broke the rules."}
    alone = await first.post(suspend, json=why)
    assert (alone.status_code, alone.json()["code"]) == (409, "approval_not_approved")
    assert (await first.post(suspend, json={**why, "is_emergency": True})).status_code == 422
    asked = {"kind": "organization_suspension", "organization_id": str(org_id_of("MOLE"))}
    request = (await first.post(f"{HOME}/approvals", json=asked | why)).json()
    await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    agreed = why | {"approval_id": request["id"]}
    done = await first.post(suspend, json=agreed)
    assert (done.status_code, done.json()["status"]) == (200, "suspended"), done.text


async def taken_back(
    first: Person, own: Database, database: ServiceDatabase, user_id: UUID
) -> None:
    grants = f"/api/v1/identity/organizations/{org_id_of('OCM')}/system-grants"
    (given,) = (await first.get(grants)).json()["grants"]
    revoked = await first.post(f"{grants}/{given['id']}/revoke", json={"reason": "She left."})
    assert revoked.status_code == 200, revoked.text
    told = [each for each in await events_of(database) if ".system_grant." in each.subject]
    assert [each.subject.split(".")[2] for each in told] == ["given", "revoked"]
    assert {each.org_id for each in told} == {org_id_of("OCM")}
    assert not may(list(await rights(own, user_id, "OCM")), "oversight.all.read")


async def test_who_gains_by_it_neither_asks_nor_approves(
    own: Database, person: Callable[..., Person]
) -> None:
    user = await a_user(own, "second@moh.example", MOH="admin")
    first = person("MOH", permissions=PLATFORM)
    herself = person("MOH", user=user.id, permissions=PLATFORM)
    own_wish = await ask(herself, user.id)
    assert (own_wish.status_code, own_wish.json()["code"]) == (403, "second_person_needed")
    request = (await ask(first, user.id)).json()
    answer = await herself.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (answer.status_code, answer.json()["code"]) == (403, "second_person_needed")


async def test_an_organizations_administrator_neither_asks_for_nor_approves_a_platform_right(
    own: Database, person: Callable[..., Person]
) -> None:
    user = await a_user(own, "friend@moh.example", MOH="staff")
    admin = person("MOH", permissions=ROLES["admin"])
    refused = await ask(admin, user.id, "platform_administrator")
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_not_yours")
    request = (await ask(person("MOH", permissions=PLATFORM), user.id)).json()
    answer = await admin.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (answer.status_code, answer.json()["code"]) == (403, "approval_not_yours")


async def test_after_72_hours_one_asks_again(own: Database, person: Callable[..., Person]) -> None:
    user = await a_user(own, "analyst@ocm.example", OCM="viewer")
    request = (await ask(person("MOH", permissions=PLATFORM), user.id)).json()
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        late = uow.now() - timedelta(seconds=1)
        await uow.session.execute(update(Approval).values(expires_at=late))
    second = person("MOH", permissions=PLATFORM)
    answer = await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (answer.status_code, answer.json()["code"]) == (409, "approval_expired")


async def test_the_database_refuses_one_person_for_both(own: Database) -> None:
    one = uuid7()
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        uow.session.add(
            Approval(
                kind="people_export",
                payload={},
                reason="Alone.",
                status="approved",
                requested_by=one,
                approved_by=one,
                approved_at=uow.now(),
                expires_at=uow.now(),
            )
        )
        with pytest.raises(IntegrityError, match="ck_approvals_four_eyes"):
            await uow.session.flush()
        await uow.session.rollback()


async def test_taking_out_many_people_uses_up_an_approval(
    own: Database, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_reviews, "MOST_UNAPPROVED", 0)
    await a_user(own, "amina@moh.example", MOH="staff")
    first, second = (person("MOH", permissions=ROLES["admin"]) for _ in "12")
    export = f"{HOME}/access-reviews/export"
    alone = await first.post(export, json={"reason": "Review."})
    assert (alone.status_code, alone.json()["code"]) == (409, "review_too_large")
    asked = {"kind": "people_export", "reason": "Review."}
    request = (await first.post(f"{HOME}/approvals", json=asked)).json()
    with_it = {"reason": "Review.", "approval_id": request["id"]}
    early = await first.post(export, json=with_it)
    assert (early.status_code, early.json()["code"]) == (409, "approval_not_approved")
    await second.post(f"{HOME}/approvals/{request['id']}/approve", **step(request))
    assert (await second.post(export, json=with_it)).json()["code"] == "approval_not_yours"
    assert (await first.post(export, json=with_it)).status_code == 200
    assert (await first.post(export, json=with_it)).json()["code"] == "approval_not_approved"


async def test_an_account_is_locked_unlocked_closed_and_opened_again(
    own: Database, person: Callable[..., Person]
) -> None:
    user = await a_user(own, "amina@moh.example", MOH="staff")
    platform = person("MOH", permissions=PLATFORM)
    row = (await platform.get(f"{USERS}/{user.id}")).json()
    for verb, status in (
        ("lock", "locked"),
        ("unlock", "active"),
        ("deactivate", "deactivated"),
        ("reactivate", "active"),
    ):
        early = await platform.post(f"{USERS}/{user.id}/{verb}", json={"reason": "So."})
        assert early.status_code == 428
        done = await platform.post(f"{USERS}/{user.id}/{verb}", **step(row, reason="So."))
        assert (done.status_code, done.json()["status"]) == (200, status), done.text
        assert bool(await rights(own, user.id, "MOH")) is (status == "active")
        twice = await platform.post(f"{USERS}/{user.id}/{verb}", **step(done.json(), reason="So."))
        assert twice.status_code == 409, verb
        row = done.json()
    async with own.unit_of_work(OPERATOR) as uow:
        revoked = await uow.session.scalars(select(Revocation.reason).order_by(Revocation.id))
        told = list(revoked)
    assert told == ["the account was locked", "the account was deactivated"]


async def test_a_closed_account_opens_again_without_what_it_was_given(
    own: Database, person: Callable[..., Person]
) -> None:
    user = await a_user(own, "amina@moh.example", MOH="staff")
    admin, platform = (
        person("MOH", permissions=ROLES["admin"]),
        person("MOH", permissions=PLATFORM),
    )
    (member,) = (await admin.get(f"{HOME}/members")).json()["items"]
    for what in (
        {"role_key": "plan_approver"},
        {"pattern": "planning.*.delete", "is_denial": True},
    ):
        kind = "role-grants" if "role_key" in what else "permission-grants"
        body = {"membership_id": member["id"], "reason": "So.", **what}
        assert (await admin.post(f"{HOME}/{kind}", json=body)).status_code == 201
    for verb in ("deactivate", "reactivate"):
        row = (await platform.get(f"{USERS}/{user.id}")).json()
        done = await platform.post(f"{USERS}/{user.id}/{verb}", **step(row, reason="So."))
        assert done.status_code == 200, done.text
    held = list(await rights(own, user.id, "MOH"))
    assert not may(held, "planning.strategic_plan.approve")
    assert not may(held, "planning.strategic_plan.delete")
    assert may(held, "planning.strategic_plan.create")


async def test_an_organization_acts_on_its_own_people_alone(
    own: Database, person: Callable[..., Person]
) -> None:
    await a_user(own, "amina@moh.example", MOH="staff")
    await a_user(own, "both@moh.example", MOH="staff", MOLE="viewer")
    admin = person("MOH", permissions=ROLES["admin"])
    members = (await admin.get(f"{HOME}/members")).json()["items"]
    rows = {row["email"]: row for row in members}
    amina, both = rows["amina@moh.example"], rows["both@moh.example"]
    done = await admin.post(f"{HOME}/members/{amina['id']}/lock", **step(amina, reason="Lost."))
    assert done.status_code == 200, done.text
    async with own.unit_of_work(OPERATOR) as uow:
        assert (await get_user(uow.session, UUID(amina["user_id"]))).status == "locked"
    refused = await admin.post(f"{HOME}/members/{both['id']}/lock", **step(both, reason="Lost."))
    assert (refused.status_code, refused.json()["code"]) == (409, "serves_elsewhere")
    assert (await admin.get(USERS)).status_code == 403


async def test_closing_an_account_leaves_no_organization_without_an_administrator(
    own: Database, person: Callable[..., Person]
) -> None:
    user = await a_user(own, "admin@moh.example", MOH="admin")
    platform = person("MOLE", permissions=PLATFORM)
    row = (await platform.get(f"{USERS}/{user.id}")).json()
    answer = await platform.post(f"{USERS}/{user.id}/deactivate", **step(row, reason="Left."))
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
