"""Invitations: a secret that works once, for 72 hours, and gives no more than the inviter has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, text

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.grants.model import RoleGrant
from services.identity.invitations.model import (
    AlreadyInvited,
    Invitation,
    InvitationNotOpen,
    PasswordMissing,
    digest_of,
    new_code,
)
from services.identity.invitations.schemas import InvitationCreate, InvitationFound
from services.identity.invitations.usecases import (
    accept_invitation,
    find_open_invitation,
    print_invitation,
)
from services.identity.memberships.model import Membership
from services.identity.memberships.queries import find_membership_of
from services.identity.role_catalogue.model import ROLES
from services.identity.tests.factories import (
    OPERATOR,
    PASSWORD,
    a_user,
    letters_of,
    pass_time,
)
from services.identity.users.model import ANYONE, User
from services.identity.users.queries import find_user_by_email

API = "/api/v1/moa/MOH/identity/invitations"
AMINA: dict[str, Any] = {
    "email": "Amina@moh.example",
    "full_name": "Amina Person",
    "role": "staff",
    "position": "Nurse",
    "functional_roles": ["planning_officer"],
}


async def invited(admin: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await admin.post(API, json=AMINA | changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def secret_in_letter(database: Database) -> str:
    to, words = (await letters_of(database))[-1]
    assert to == "Amina@moh.example"
    return parse_qs(urlsplit(words["link"]).query)["secret"][0]


async def accept(database: Database, secret: str, password: str | None = PASSWORD) -> User:
    async with database.unit_of_work(ANYONE) as uow:
        return await accept_invitation(uow, secret, password=password)


async def opened_by(database: Database, secret: str) -> InvitationFound | None:
    async with database.unit_of_work(ANYONE) as uow:
        return await find_open_invitation(uow, secret)


async def state_of(admin: Person, invitation: dict[str, Any]) -> str:
    return str((await admin.get(f"{API}/{invitation['id']}")).json()["state"])


async def test_an_invited_person_chooses_a_password_and_is_a_member(
    admin: Person, people: Database
) -> None:
    made = await invited(admin)
    assert (made["state"], made["letters"], "secret" in made) == ("open", 1, False)
    secret = await secret_in_letter(people)
    found = await opened_by(people, secret)
    assert found is not None
    assert (found.organization_code, found.needs_password) == ("MOH", True)
    with pytest.raises(PasswordMissing):
        await accept(people, secret, None)
    user = await accept(people, secret)
    assert (user.status, user.may_sign_in) == ("active", True)
    async with people.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        membership = await find_membership_of(uow.session, org_id_of("MOH"), user.id)
    assert membership is not None
    assert (membership.role, membership.is_primary, membership.position) == ("staff", True, "Nurse")
    assert membership.invited_by == admin.user_id
    async with people.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        granted = await uow.session.scalars(select(RoleGrant.role_key))
        assert list(granted) == ["planning_officer"]
    assert await state_of(admin, made) == "accepted"
    assert await opened_by(people, secret) is None
    with pytest.raises(InvitationNotOpen):
        await accept(people, secret)


async def test_before_accepting_nobody_can_sign_in_and_nobody_is_a_member(
    admin: Person, people: Database
) -> None:
    await invited(admin)
    async with people.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        user = await find_user_by_email(uow.session, "amina@moh.example")
        assert user is not None
        assert (user.status, user.password_hash, user.may_sign_in) == ("invited", None, False)
        assert await find_membership_of(uow.session, org_id_of("MOH"), user.id) is None


async def test_of_two_who_accept_at_once_one_is_refused(admin: Person, people: Database) -> None:
    await invited(admin)
    secret = await secret_in_letter(people)
    both = await asyncio.gather(*(accept(people, secret) for _ in range(2)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in both) == ["InvitationNotOpen", "User"]


async def test_a_person_of_another_organization_joins_with_the_account_they_have(
    admin: Person, people: Database
) -> None:
    known = await a_user(people, "amina@moh.example", MOLE="manager")
    answer = await admin.post(API, json=AMINA)
    assert (answer.status_code, answer.json()["full_name"]) == (201, "Amina Person")
    to, words = (await letters_of(people))[-1]
    assert to == "amina@moh.example"
    secret = parse_qs(urlsplit(words["link"]).query)["secret"][0]
    found = await opened_by(people, secret)
    assert found is not None
    assert not found.needs_password
    user = await accept(people, secret, "another password of many words")
    assert (user.id, user.password_hash) == (known.id, known.password_hash)
    async with people.unit_of_work(known.as_person()) as uow:
        own = list(await uow.session.scalars(select(Membership).order_by(Membership.role)))
    assert [(each.role, each.is_primary) for each in own] == [("manager", True), ("staff", False)]


async def test_sent_again_the_old_link_opens_nothing(
    admin: Person, people: Database, database: ServiceDatabase
) -> None:
    made = await invited(admin)
    old = await secret_in_letter(people)
    soon = await admin.post(f"{API}/{made['id']}/resend")
    assert (soon.status_code, soon.json()["code"]) == (409, "too_many_letters")
    await pass_time(database, "2 minutes")
    again = await admin.post(f"{API}/{made['id']}/resend")
    assert (again.status_code, again.json()["letters"]) == (200, 2)
    assert len(await letters_of(people)) == 1
    assert await opened_by(people, old) is None
    assert (await accept(people, await secret_in_letter(people))).status == "active"


async def test_after_72_hours_an_invitation_opens_nothing_until_it_is_sent_again(
    admin: Person, people: Database, database: ServiceDatabase
) -> None:
    made = await invited(admin)
    secret = await secret_in_letter(people)
    await pass_time(database, "73 hours")
    assert await state_of(admin, made) == "expired"
    with pytest.raises(InvitationNotOpen):
        await accept(people, secret)
    expired = await admin.get(API, params={"state": "expired"})
    assert [each["id"] for each in expired.json()["items"]] == [made["id"]]
    assert (await admin.post(f"{API}/{made['id']}/resend")).json()["state"] == "open"


async def test_a_cancelled_invitation_opens_nothing_and_leaves_no_letter(
    admin: Person, people: Database
) -> None:
    made = await invited(admin)
    secret = await secret_in_letter(people)
    done = await admin.post(f"{API}/{made['id']}/cancel")
    assert (done.status_code, done.json()["state"]) == (200, "cancelled")
    assert done.json()["allowed_actions"] == []
    assert await letters_of(people) == []
    assert await opened_by(people, secret) is None
    again = await admin.post(f"{API}/{made['id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "invitation_settled")
    assert (await invited(admin))["state"] == "open"


async def test_a_letter_that_came_back_shows_as_bounced(admin: Person, people: Database) -> None:
    made = await invited(admin)
    async with people.unit_of_work(OPERATOR) as uow:
        await uow.session.execute(
            text("UPDATE identity.mails SET status = 'refused', sealed = NULL, settled_at = now()")
        )
    assert await state_of(admin, made) == "bounced"
    for state, found in (("bounced", 1), ("open", 0)):
        page = await admin.get(API, params={"state": state})
        assert len(page.json()["items"]) == found


async def test_one_person_has_one_open_invitation_and_members_need_none(
    admin: Person, people: Database
) -> None:
    await invited(admin)
    twice = await admin.post(API, json=AMINA)
    assert (twice.status_code, twice.json()["code"]) == (409, AlreadyInvited.code())
    await accept(people, await secret_in_letter(people))
    member = await admin.post(API, json=AMINA)
    assert (member.status_code, member.json()["code"]) == (409, "already_member")


@pytest.mark.parametrize(
    ("role", "asked"),
    [
        ("staff", {"role": "admin"}),
        ("staff", {"role": "manager"}),
        ("staff", {"role": "staff", "flags": ["can_approve_budgets"]}),
        ("staff", {"role": "staff", "functional_roles": ["finance_director"]}),
        ("viewer", {"role": "staff"}),
    ],
)
async def test_nobody_invites_to_more_than_they_are(
    people: Database, person: Callable[..., Person], role: str, asked: dict[str, Any]
) -> None:
    delegated = [*ROLES[role], "identity.membership,invitation.*"]
    delegate = person("MOH", org_roles=[role], permissions=delegated)
    answer = await delegate.post(API, json=AMINA | asked)
    assert answer.status_code == 403
    assert answer.json()["code"] in ("beyond_own_rights", "administrators_only")
    assert await letters_of(people) == []


WRONG: list[dict[str, Any]] = [
    *({"email": "nobody"}, {"email": "a@moh.example\r\nBcc: b@moh.example"}, {"full_name": " "}),
    *({"role": "owner"}, {"flags": ["can_do_everything"]}, {"phone": "0917"}),
    {"password": PASSWORD},
]


async def test_what_is_wrong_is_422(admin: Person) -> None:
    answers = [await admin.post(API, json=AMINA | wrong) for wrong in WRONG]
    assert {answer.status_code for answer in answers} == {422}


async def test_another_organization_sees_no_invitation(
    admin: Person, person: Callable[..., Person]
) -> None:
    made = await invited(admin)
    stranger = person("MOLE")
    elsewhere = API.replace("/MOH/", "/MOLE/")
    assert (await stranger.get(elsewhere)).json()["items"] == []
    for action in ("resend", "cancel"):
        answer = await stranger.post(f"{elsewhere}/{made['id']}/{action}")
        assert answer.status_code == 404


async def test_a_printed_code_opens_once_however_it_is_typed(people: Database) -> None:
    asked = InvitationCreate.model_validate(AMINA | {"send_email": False})
    async with people.unit_of_work(Actor.system(org_id_of("MOH"), "MOH")) as uow:
        _, code = await print_invitation(uow, asked)
    assert await letters_of(people) == []
    assert digest_of(code) == digest_of(code.lower().replace("-", " "))
    assert digest_of(new_code()) != digest_of(code)
    assert (await accept(people, f" {code.lower()} ")).status == "active"
    assert await opened_by(people, code) is None


async def test_the_database_holds_no_secret_and_no_password(
    admin: Person, people: Database, database: ServiceDatabase
) -> None:
    await invited(admin)
    secret = await secret_in_letter(people)
    await accept(people, secret)
    async with people.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        for table in ("invitations", "mails", "users", "audit_events"):
            dumped = await uow.session.scalar(
                text(f"SELECT string_agg(t::text, ' ') FROM identity.{table} AS t")
            )
            assert dumped
            assert secret not in dumped
            assert PASSWORD not in dumped


async def test_a_suspended_account_is_not_reopened_by_an_invitation(
    admin: Person, people: Database
) -> None:
    await a_user(people, "amina@moh.example", MOLE="staff")
    await admin.post(API, json=AMINA)
    _, words = (await letters_of(people))[-1]
    secret = parse_qs(urlsplit(words["link"]).query)["secret"][0]
    async with people.unit_of_work(OPERATOR) as uow:
        await uow.session.execute(
            text("UPDATE identity.users SET status = 'locked' WHERE email = 'amina@moh.example'")
        )
    with pytest.raises(Refusal):
        await accept(people, secret)
    async with people.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        kept = (await uow.session.scalars(select(Invitation))).one()
    assert kept.accepted_at is None
