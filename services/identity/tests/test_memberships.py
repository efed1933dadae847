"""Members: who is shown to whom, and who may change what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from libs.chassis.database import Database
from libs.chassis.testing import ServiceDatabase
from libs.tenancy.actor import Actor
from services.identity.memberships.model import (
    AdministratorsOnly,
    AlreadyMember,
    LastAdministrator,
    Membership,
    MembershipEnded,
    MembershipRole,
    OwnRights,
)
from services.identity.memberships.schemas import MembershipChange
from services.identity.memberships.usecases import add_member, change_membership
from services.identity.organizations.model import organization_id
from services.identity.role_catalogue.model import ROLES
from services.identity.tests.browser import Browser
from services.identity.tests.factories import a_user, events_of, may

MEMBERS = "/api/v1/moa/MOH/identity/members"
ME = "/api/v1/identity/me"


def a_membership(**changes: Any) -> Membership:
    values = {"user_id": uuid4(), "role": "staff", "is_active": True, **changes}
    return Membership(**values)


def an_actor(role: str) -> Actor:
    return Actor(uuid4(), organization_id("moh"), "MOH", permissions=ROLES[role])


def test_nobody_changes_their_own_rights() -> None:
    admin = an_actor("admin")
    own = a_membership(user_id=admin.user_id, role="admin")
    with pytest.raises(OwnRights):
        own.change({"can_approve_plans": True}, by=admin)
    assert list(own.open_actions(admin)) == []


@pytest.mark.parametrize(("before", "after"), [("staff", "admin"), ("admin", "viewer")])
def test_only_administrators_make_and_unmake_administrators(before: str, after: str) -> None:
    membership = a_membership(role=before)
    with pytest.raises(AdministratorsOnly):
        membership.change({"role": after}, by=an_actor("staff"))
    membership.change({"role": after}, by=an_actor("admin"))
    assert membership.role == after


def test_what_has_ended_is_not_changed() -> None:
    with pytest.raises(MembershipEnded):
        a_membership(is_active=False).change({"position": "Nurse"}, by=an_actor("admin"))


@pytest.fixture
async def moh(transactions: Database) -> None:
    await a_user(transactions, "admin@moh.example", MOH="admin", MOLE="staff")
    await a_user(transactions, "second@moh.example", MOH="admin")
    await a_user(transactions, "amina@moh.example", MOH="staff")
    await a_user(transactions, "clerk@moh.example", MOH=("staff", "can_manage_users"))


@pytest.fixture
async def admin(identity: FastAPI, moh: None) -> AsyncIterator[Browser]:
    async with Browser(identity) as browser:
        await browser.tokens("admin@moh.example")
        yield browser


async def member(browser: Browser, email: str) -> dict[str, Any]:
    items = (await browser.get(MEMBERS, params={"limit": 50})).json()["items"]
    found: dict[str, Any] = next(item for item in items if item["email"] == email)
    return found


async def change(browser: Browser, row: dict[str, Any], **changes: Any) -> Any:
    return await browser.patch(
        f"{MEMBERS}/{row['id']}", json=changes, headers={"If-Match": f'"{row["version"]}"'}
    )


async def test_the_list_shows_this_organization_only_even_to_members_of_two(
    admin: Browser,
) -> None:
    page = (await admin.get(MEMBERS, params={"count": "exact"})).json()
    assert page["total"] == 4
    assert {item["email"] for item in page["items"]} == {
        "admin@moh.example",
        "second@moh.example",
        "amina@moh.example",
        "clerk@moh.example",
    }
    admins = (await admin.get(MEMBERS, params={"role": "admin"})).json()["items"]
    assert len(admins) == 2


async def test_ones_own_membership_elsewhere_is_not_found_here(
    admin: Browser, transactions: Database
) -> None:
    async with transactions.unit_of_work(Actor.system(organization_id("mole"))) as uow:
        elsewhere = (await uow.session.scalars(select(Membership.id))).one()
    answer = await admin.get(f"{MEMBERS}/{elsewhere}")
    unknown = await admin.get(f"{MEMBERS}/{uuid4()}")
    assert answer.status_code == unknown.status_code == 404
    assert answer.json() | {"trace_id": ""} == unknown.json() | {"trace_id": ""}


async def test_an_administrator_changes_a_colleague_and_it_is_announced_without_a_name(
    admin: Browser, database: ServiceDatabase
) -> None:
    amina = await member(admin, "amina@moh.example")
    assert amina["allowed_actions"] == ["change", "end", "lock", "deactivate"]
    answer = await change(admin, amina, role="manager", can_approve_plans=True)
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"2"'
    assert (answer.json()["role"], answer.json()["can_approve_plans"]) == ("manager", True)
    assert answer.json()["can_view_reports"] is True
    told = [event for event in await events_of(database) if "membership" in event.subject]
    changed = told[-1]
    assert changed.subject == "identity.membership.changed.v1"
    assert changed.aggregate_version == 2
    assert changed.data["role"] == "manager"
    assert not [event for event in told if "moh.example" in str(event) or "Amina" in str(event)]


async def test_what_is_added_is_in_the_next_token(admin: Browser, identity: FastAPI) -> None:
    async with Browser(identity) as amina:
        given = await amina.tokens("amina@moh.example")
        await change(admin, await member(admin, "amina@moh.example"), role="manager")
        renewed = (await amina.refresh(given["refresh_token"])).json()
        amina.headers["Authorization"] = f"Bearer {renewed['access_token']}"
        assert (await amina.get(ME)).json()["roles"] == ["manager"]


async def test_after_a_loss_nothing_is_renewed_and_a_new_token_allows_less(
    admin: Browser, identity: FastAPI
) -> None:
    async with Browser(identity) as amina:
        given = await amina.tokens("amina@moh.example")
        await change(admin, await member(admin, "amina@moh.example"), role="viewer")
        assert (await amina.get(ME)).status_code == 401
        refused = await amina.refresh(given["refresh_token"])
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        again = (await amina.exchange(await amina.code())).json()
        amina.headers["Authorization"] = f"Bearer {again['access_token']}"
        assert (await amina.get(ME)).json()["roles"] == ["viewer"]


async def test_a_change_needs_the_etag_and_loses_to_a_newer_one(admin: Browser) -> None:
    amina = await member(admin, "amina@moh.example")
    bare = await admin.patch(f"{MEMBERS}/{amina['id']}", json={"role": "viewer"})
    assert bare.status_code == 428
    await change(admin, amina, position="Nurse")
    assert (await change(admin, amina, position="Midwife")).status_code == 412


async def test_a_wrong_change_is_422(admin: Browser) -> None:
    amina = await member(admin, "amina@moh.example")
    for body in (
        {"role": "emperor"},
        {"is_active": False},
        {"role": None},
        {"can_approve_plans": "yes"},
        {"position": "x" * 201},
    ):
        assert (await change(admin, amina, **body)).status_code == 422, body


async def test_staff_cannot_change_anyone(identity: FastAPI, admin: Browser) -> None:
    clerk = await member(admin, "clerk@moh.example")
    async with Browser(identity) as amina:
        await amina.tokens("amina@moh.example")
        answer = await change(amina, clerk, role="viewer")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


async def test_who_manages_users_cannot_make_an_administrator(
    identity: FastAPI, admin: Browser
) -> None:
    amina = await member(admin, "amina@moh.example")
    async with Browser(identity) as clerk:
        await clerk.tokens("clerk@moh.example")
        refused = await change(clerk, amina, role="admin")
        beyond = await change(clerk, amina, role="manager")
        done = await change(clerk, amina, role="viewer")
    assert (refused.status_code, refused.json()["code"]) == (403, "administrators_only")
    assert (beyond.status_code, beyond.json()["code"]) == (403, "beyond_own_rights")
    assert done.status_code == 200


async def test_the_last_administrator_stays(
    identity: FastAPI, admin: Browser, transactions: Database
) -> None:
    first = await member(admin, "admin@moh.example")
    second = await member(admin, "second@moh.example")
    async with Browser(identity) as other:
        await other.tokens("second@moh.example")
        assert (await change(admin, second, role="staff")).status_code == 200
        answer = await change(other, first, role="staff")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    # Whoever is let through all the same, as on another office's behalf, meets the rule itself.
    late = Actor(uuid4(), organization_id("moh"), "MOH", permissions=ROLES["admin"])
    with pytest.raises(LastAdministrator):
        async with transactions.unit_of_work(late) as uow:
            await change_membership(uow, UUID(first["id"]), MembershipChange(role="staff"))


async def test_me_tells_who_for_whom_and_what(admin: Browser) -> None:
    me = (await admin.get(ME)).json()
    assert me["user"]["email"] == "admin@moh.example"
    assert me["organization"]["code"] == "MOH"
    assert me["roles"] == ["admin"]
    assert may(me["permissions"], "identity.membership.change")
    assert me["modules"] == sorted(
        ["mana", "planning", "budgeting", "me", "coordination", "policies"]
    )
    assert [(own["organization"]["code"], own["role"]) for own in me["memberships"]] == [
        ("MOH", "admin"),
        ("MOLE", "staff"),
    ]


async def test_without_a_token_me_is_401(browser: Browser) -> None:
    assert (await browser.get(ME)).status_code == 401


@pytest.mark.usefixtures("moh")
async def test_a_person_sees_own_memberships_and_writes_none(transactions: Database) -> None:
    user = await a_user(transactions, "two@moh.example", MOH="staff", MOLE="viewer")
    async with transactions.unit_of_work(user.as_person()) as uow:
        seen = (await uow.session.scalars(select(Membership))).all()
        assert {row.user_id for row in seen} == {user.id}
        assert len(seen) == 2
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transactions.unit_of_work(user.as_person()) as uow:
            uow.session.add(
                a_membership(
                    org_id=organization_id("mafar"),
                    user_id=user.id,
                    role="admin",
                    joined_on=uow.today(),
                )
            )


async def test_nobody_joins_an_organization_twice(transactions: Database) -> None:
    user = await a_user(transactions, "amina@moh.example", MOH="staff")
    async with transactions.unit_of_work(Actor.system(organization_id("moh"))) as uow:
        with pytest.raises(AlreadyMember):
            await add_member(uow, user, MembershipRole.admin, is_primary=False, flags=[])


async def test_a_user_has_one_active_primary_membership(transactions: Database) -> None:
    user = await a_user(transactions, "two@moh.example", MOH="staff", MOLE="viewer")
    async with transactions.unit_of_work(Actor.system(organization_id("mole"))) as uow:
        rows = await uow.session.scalars(select(Membership).where(Membership.user_id == user.id))
        rows.one().is_primary = True
        with pytest.raises(IntegrityError, match="uq_memberships_primary"):
            await uow.session.flush()
        await uow.session.rollback()
