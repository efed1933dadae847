"""Roles and single rights: who gives what to whom, and what they amount to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.identity.grants.model import RoleGrant
from services.identity.memberships.model import Membership
from services.identity.rights.usecases import evaluate
from services.identity.role_catalogue.model import ROLES
from services.identity.tests.factories import OPERATOR, a_ministry, a_user, may

HOME = "/api/v1/moa/MOH/identity"


@pytest.fixture
async def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE"))
    return database


@pytest.fixture
async def amina(own: Database) -> dict[str, Any]:
    user = await a_user(own, "amina@moh.example", MOH="staff")
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        rows = await uow.session.scalars(select(Membership.id).where(Membership.user_id == user.id))
        return {"user_id": user.id, "membership_id": str(rows.one())}


@pytest.fixture
async def admin(own: Database, person: Callable[..., Person]) -> Person:
    user_id = uuid7()
    await a_user(own, "admin@moh.example", user_id=user_id, MOH="admin")
    return person("MOH", user=user_id, permissions=ROLES["admin"])


async def held(own: Database, user_id: Any) -> list[str]:
    async with own.unit_of_work(OPERATOR) as uow:
        rights = await evaluate(uow, user_id, org_id_of("MOH"))
    assert rights is not None
    return list(rights.permissions)


async def give(admin: Person, amina: dict[str, Any], **what: Any) -> Any:
    kind = "permission-grants" if "pattern" in what else "role-grants"
    body = {"membership_id": amina["membership_id"], "reason": "Her work.", **what}
    return await admin.post(f"{HOME}/{kind}", json=body)


async def test_a_role_is_given_to_many_and_taken_and_each_refusal_is_told(
    own: Database, admin: Person, amina: dict[str, Any]
) -> None:
    await a_user(own, "bai@moh.example", MOH="staff")
    members = (await admin.get(f"{HOME}/members")).json()["items"]
    ids = [each["id"] for each in members] + [str(uuid7())]
    body = {"membership_ids": ids, "role_key": "planning_officer", "reason": "The new office."}
    given = (await admin.post(f"{HOME}/role-grants/assign", json=body)).json()
    assert (given["done"], given["refused"]) == (2, 2)
    codes = {each["membership_id"]: each["code"] for each in given["outcomes"]}
    own_id = next(each["id"] for each in members if each["email"] == "admin@moh.example")
    assert (codes[own_id], codes[ids[-1]]) == ("own_grant", "membership_not_found")
    again = (await admin.post(f"{HOME}/role-grants/assign", json=body)).json()
    assert [each["code"] for each in again["outcomes"]].count("grant_held") == 2
    taken = (await admin.post(f"{HOME}/role-grants/remove", json=body)).json()
    assert (taken["done"], {each["code"] for each in taken["outcomes"]}) == (
        2,
        {"", "grant_not_found"},
    )
    assert (await admin.get(f"{HOME}/role-grants", params={"in_force": True})).json()["items"] == []
    none = await admin.post(f"{HOME}/role-grants/remove", json={**body, "role_key": None})
    assert (none.status_code, none.json()["code"]) == (422, "one_role_only")


async def test_a_role_is_in_the_next_token_and_gone_once_revoked(
    own: Database, admin: Person, amina: dict[str, Any]
) -> None:
    answer = await give(admin, amina, role_key="disbursement_officer")
    assert answer.status_code == 201, answer.text
    grant = answer.json()
    rights = await held(own, amina["user_id"])
    assert may(rights, "budgeting.disbursement.pay")
    # The role denies what must not be in the same hand, though every staff member has it.
    assert not may(rights, "budgeting.obligation.create")
    revoked = await admin.post(
        f"{HOME}/role-grants/{grant['id']}/revoke",
        json={"reason": "Moved."},
        headers={"If-Match": f'"{grant["version"]}"'},
    )
    assert revoked.status_code == 200, revoked.text
    rights = await held(own, amina["user_id"])
    assert not may(rights, "budgeting.disbursement.pay")
    assert may(rights, "budgeting.obligation.create")


async def test_whoever_obliges_does_not_pay(admin: Person, amina: dict[str, Any]) -> None:
    assert (await give(admin, amina, role_key="budget_officer")).status_code == 201
    for second in ({"role_key": "disbursement_officer"}, {"pattern": "budgeting.disbursement.pay"}):
        answer = await give(admin, amina, **second)
        assert (answer.status_code, answer.json()["code"]) == (409, "duties_incompatible")


async def test_preparing_and_approving_is_warned_of(admin: Person, amina: dict[str, Any]) -> None:
    answer = await give(admin, amina, role_key="plan_approver")
    assert answer.status_code == 201
    assert ["planning.strategic_plan.submit" in told for told in answer.json()["warnings"]] == [
        True
    ]


async def test_a_denial_wins_over_the_role_and_is_explained(
    own: Database, admin: Person, amina: dict[str, Any]
) -> None:
    answer = await give(admin, amina, pattern="planning.*.submit", is_denial=True)
    assert answer.status_code == 201
    assert not may(await held(own, amina["user_id"]), "planning.strategic_plan.submit")
    asked = {"person": str(amina["user_id"]), "permission": "planning.strategic_plan.submit"}
    told = (await admin.get("/api/v1/identity/check", params=asked)).json()
    assert told["allowed"] is False
    assert told["why"] == "A denial of the person denies planning.*.submit."
    assert [step["step"] for step in told["steps"]] == [
        *("account", "organization", "membership", "module", "denial of the person")
    ]


async def test_what_has_run_out_is_not_held_and_can_be_given_again(
    own: Database, admin: Person, amina: dict[str, Any]
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=7)).isoformat()
    first = await give(admin, amina, role_key="me_officer", expires_at=soon)
    assert first.status_code == 201, first.text
    told = (await admin.get(f"{HOME}/access/expiring", params={"days": 8})).json()
    assert [one["what"] for one in told["grants"]] == ["me_officer"]
    again = await give(admin, amina, role_key="me_officer")
    assert (again.status_code, again.json()["code"]) == (409, "grant_held")
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        row = (await uow.session.scalars(select(RoleGrant))).one()
        row.expires_at = uow.now() - timedelta(seconds=1)
    assert (await give(admin, amina, role_key="me_officer")).status_code == 201


async def test_one_role_is_given_once_though_its_other_name_is_null(
    own: Database, amina: dict[str, Any]
) -> None:
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        given = {**amina, "role_key": "viewer", "reason": "Twice."}
        uow.session.add_all([RoleGrant(**given), RoleGrant(**given)])
        with pytest.raises(IntegrityError, match="uq_user_roles_given"):
            await uow.session.flush()
        await uow.session.rollback()


async def test_an_own_role_gives_what_it_says_and_its_parents_say(
    own: Database, admin: Person, amina: dict[str, Any]
) -> None:
    body = {
        "slug": "head_nurse",
        "name": "Head nurse",
        "parent_key": "plan_approver",
        "permissions": [
            {"pattern": "mana.assessment.cancel"},
            {"pattern": "planning.*.reject", "is_denial": True},
        ],
    }
    made = await admin.post(f"{HOME}/roles", json=body)
    assert made.status_code == 201, made.text
    role = made.json()
    assert (await give(admin, amina, role_id=role["id"])).status_code == 201
    rights = await held(own, amina["user_id"])
    assert may(rights, "mana.assessment.cancel")
    assert may(rights, "planning.strategic_plan.approve")
    assert not may(rights, "planning.strategic_plan.reject")
    holders = await admin.get(
        f"{HOME}/access/holders", params={"permission": "planning.strategic_plan.approve"}
    )
    assert [one["why"] for one in holders.json()["holders"]] == [
        "The role Plan Approver grants planning.*.approve,return,reject,activate."
    ]
    await compared(admin)
    retired = await admin.post(
        f"{HOME}/roles/{role['id']}/retire",
        json={"reason": "Reorganized."},
        headers={"If-Match": f'"{role["version"]}"'},
    )
    assert retired.status_code == 200, retired.text
    assert not may(await held(own, amina["user_id"]), "planning.strategic_plan.approve")


async def compared(admin: Person) -> None:
    """Put the own role beside the one that it takes over from, and a faulty name beside it."""
    asked = {"first": "head_nurse", "second": "plan_approver"}
    answer = await admin.get(f"{HOME}/roles/comparison", params=asked)
    assert answer.json() == {
        "first": {
            "role": "head_nurse",
            "name": "Head nurse",
            "only_grants": ["mana.assessment.cancel"],
            "only_denials": ["planning.*.reject"],
        },
        "second": {
            "role": "plan_approver",
            "name": "Plan Approver",
            "only_grants": [],
            "only_denials": [],
        },
        "both_grant": ["planning.*.approve,return,reject,activate"],
        "both_deny": [],
    }
    unknown = await admin.get(f"{HOME}/roles/comparison", params={"second": "no_such_role"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (404, "/query/second")


async def test_a_review_tells_everybodys_rights_and_begins_no_formula(
    own: Database, admin: Person, amina: dict[str, Any]
) -> None:
    await give(admin, amina, role_key="budget_officer")
    await a_user(own, "=cmd@moh.example", MOH="viewer")
    answer = await admin.post(f"{HOME}/access-reviews/export", json={"reason": "Third quarter."})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert lines[0].startswith("email,full_name,status,role,flags,functional_roles,grants,denials")
    assert len(lines) == 4
    assert [
        line for line in lines if line.startswith("amina@moh.example,Amina Person,active,staff")
    ]
    assert "'=cmd@moh.example" in answer.text
    assert "budget_officer" in answer.text


async def test_ones_own_rights_are_told_to_everyone_and_others_to_no_stranger(
    own: Database, person: Callable[..., Person], amina: dict[str, Any], admin: Person
) -> None:
    asked = {"permission": "planning.strategic_plan.submit"}
    herself = person("MOH", user=amina["user_id"], permissions=[])
    told = (await herself.get("/api/v1/identity/check", params=asked)).json()
    assert told["allowed"] is True
    of_another = {**asked, "person": str(admin.user_id)}
    refused = await herself.get("/api/v1/identity/check", params=of_another)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_matter")
    stranger = person("MOLE", permissions=ROLES["admin"])
    for params in ({**of_another, "organization": "MOH"}, {**of_another, "organization": "NOSUCH"}):
        answer = await stranger.get("/api/v1/identity/check", params=params)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_your_matter")
    here = await stranger.get("/api/v1/identity/check", params=of_another)
    unknown = await stranger.get("/api/v1/identity/check", params={**asked, "person": str(uuid7())})
    assert here.status_code == unknown.status_code == 404
    assert here.json() | {"trace_id": ""} == unknown.json() | {"trace_id": ""}
