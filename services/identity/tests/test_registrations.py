"""Applying for an account: one letter, two people, and no word to a stranger."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.identity.mails.model import Mail
from services.identity.mails.schemas import MailContent
from services.identity.organizations.model import Organization
from services.identity.registrations.model import Registration
from services.identity.registrations.usecases import expire_registrations
from services.identity.rights.usecases import evaluate
from services.identity.role_catalogue.model import GRANTS, ROLES, pattern_of
from services.identity.tests.factories import OPERATOR, a_ministry, a_user
from services.identity.users.queries import find_user_by_email

APPLY = "/api/v1/identity/registrations"
HOME = "/api/v1/moa/MOH/identity"
EMAIL = "new@moh.example"


@pytest.fixture
async def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        ministry = a_ministry("MOH")
        ministry.status = "live"
        uow.session.add_all([ministry, a_ministry("MOLE")])
    return database


def an_application(**changes: Any) -> dict[str, Any]:
    return {
        "email": EMAIL,
        "full_name": "New Person",
        "organization": "MOH",
        "position": "Nurse, a focal person by my own word",
        "phone": "+639171234567",
        **changes,
    }


async def letters(own: Database) -> list[tuple[str, MailContent]]:
    async with own.unit_of_work(OPERATOR) as uow:
        sealer = uow.session.info["sealer"]
        mails = (await uow.session.scalars(select(Mail).order_by(Mail.id))).all()
        return [
            (
                mail.to_address,
                MailContent.model_validate_json(sealer.unseal(mail.sealed, place=mail.place)),
            )
            for mail in mails
        ]


async def apply(nobody: Person, own: Database, **changes: Any) -> str:
    answer = await nobody.post(APPLY, json=an_application(**changes))
    assert answer.status_code == 202, answer.text
    (_, letter) = (await letters(own))[-1]
    found = re.search(r"secret=([^&]+)", letter.values["link"])
    assert found is not None
    return found[1]


@pytest.fixture
def nobody(person: Callable[..., Person]) -> Person:
    client = person("MOH")
    del client.headers["Authorization"]
    return client


@pytest.fixture
async def focal(own: Database, admin: Person, person: Callable[..., Person]) -> Person:
    user_id = uuid7()
    await a_user(own, "focal@moh.example", user_id=user_id, MOH="staff")
    members = (await admin.get(f"{HOME}/members")).json()["items"]
    (member,) = [row for row in members if row["user_id"] == str(user_id)]
    made = await admin.post(f"{HOME}/focal-designations", json={"membership_id": member["id"]})
    assert made.status_code == 201, made.text
    return person("MOH", user=user_id, permissions=(*ROLES["staff"], *pattern_of("focal_person")))


@pytest.fixture
async def admin(own: Database, person: Callable[..., Person]) -> Person:
    user_id = uuid7()
    await a_user(own, "admin@moh.example", user_id=user_id, MOH="admin")
    return person("MOH", user=user_id, permissions=ROLES["admin"])


async def decide(by: Person, verb: str, **body: Any) -> Any:
    (row,) = (await by.get(f"{HOME}/registrations")).json()["items"]
    return await by.post(
        f"{HOME}/registrations/{row['id']}/{verb}",
        json=body or None,
        headers={"If-Match": f'"{row["version"]}"'},
    )


async def test_two_people_let_an_applicant_in_who_then_sets_a_password(
    own: Database, nobody: Person, focal: Person, admin: Person
) -> None:
    secret = await apply(nobody, own)
    async with own.unit_of_work(OPERATOR) as uow:
        assert await find_user_by_email(uow.session, EMAIL) is None
    early = await decide(focal, "endorse")
    assert (early.status_code, early.json()["code"]) == (409, "registration_decided")
    told = await nobody.post(f"{APPLY}/verify", json={"secret": secret})
    assert told.json()["status"] == "registered"
    assert (await letters(own))[-1][0] == "focal@moh.example"
    assert (await decide(admin, "endorse")).json()["code"] == "not_focal"
    assert (await decide(admin, "approve", role="staff")).json()["code"] == "registration_decided"
    assert (await decide(focal, "endorse")).status_code == 200
    assert (EMAIL, "registration_endorsed") in [(to, x.template) for to, x in await letters(own)]
    done = await decide(admin, "approve", role="staff")
    assert (done.status_code, done.json()["status"]) == (200, "approved"), done.text
    to, letter = (await letters(own))[-1]
    assert (to, letter.template) == (EMAIL, "registration_approved")
    async with own.unit_of_work(OPERATOR) as uow:
        user = await find_user_by_email(uow.session, EMAIL)
        assert user is not None
        assert (user.status, user.password_hash) == ("active", None)
        assert await evaluate(uow, user.id, org_id_of("MOH")) is not None
        assert await evaluate(uow, user.id, org_id_of("MOLE")) is None
    status = await nobody.post(f"{APPLY}/status", json={"secret": secret})
    assert status.json()["status"] == "approved"


async def test_whoever_endorsed_does_not_approve(
    own: Database, nobody: Person, focal: Person, person: Callable[..., Person]
) -> None:
    await nobody.post(f"{APPLY}/verify", json={"secret": await apply(nobody, own)})
    await decide(focal, "endorse")
    both = person("MOH", user=focal.user_id, permissions=ROLES["admin"])
    answer = await decide(both, "approve", role="staff")
    assert (answer.status_code, answer.json()["code"]) == (403, "same_approver")


async def test_an_override_is_told_in_full_and_flagged(
    own: Database, nobody: Person, admin: Person
) -> None:
    await nobody.post(f"{APPLY}/verify", json={"secret": await apply(nobody, own)})
    short = await decide(admin, "override", role="staff", reason="She is nice.")
    assert short.status_code == 422
    reason = "The focal person is on leave until May."
    done = await decide(admin, "override", role="viewer", reason=reason)
    assert (done.status_code, done.json()["is_override"]) == (200, True), done.text


async def test_the_platform_approves_until_the_organization_is_live(
    own: Database, nobody: Person, admin: Person, person: Callable[..., Person]
) -> None:
    async with own.unit_of_work(OPERATOR) as uow:
        onboarding = update(Organization).where(Organization.code == "MOH")
        await uow.session.execute(onboarding.values(status="onboarding"))
    await nobody.post(f"{APPLY}/verify", json={"secret": await apply(nobody, own)})
    reason = "There is no focal person yet in this office."
    refused = await decide(admin, "override", role="staff", reason=reason)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_level")
    coordinator = person("MOLE", permissions=GRANTS["moa_coordinator"])
    applicants = f"/api/v1/identity/organizations/{org_id_of('MOH')}/applicants"
    (row,) = (await coordinator.get(applicants)).json()["items"]
    done = await coordinator.post(
        f"{applicants}/{row['id']}/override",
        json={"reason": reason},
        headers={"If-Match": f'"{row["version"]}"'},
    )
    assert (done.status_code, done.json()["status"]) == (200, "approved"), done.text


async def test_the_rejected_may_apply_again_and_it_is_linked(
    own: Database, nobody: Person, admin: Person
) -> None:
    await nobody.post(f"{APPLY}/verify", json={"secret": await apply(nobody, own)})
    first = await decide(admin, "reject", reason="Apply at your own office.")
    assert first.status_code == 200, first.text
    assert (await letters(own))[-1][1].values["reason"] == "Apply at your own office."
    again = await nobody.post(
        f"{APPLY}/verify", json={"secret": await apply(nobody, own, position="Doctor")}
    )
    assert again.json()["status"] == "registered"
    rows = (await admin.get(f"{HOME}/registrations")).json()["items"]
    assert [row["previous_id"] for row in rows] == [None, first.json()["id"]]


async def test_a_stranger_does_not_learn_who_has_an_account(own: Database, nobody: Person) -> None:
    await a_user(own, "known@moh.example", MOH="staff")
    known = await nobody.post(APPLY, json=an_application(email="known@moh.example"))
    unknown = await nobody.post(APPLY, json=an_application())
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    templates = {to: letter.template for to, letter in await letters(own)}
    assert templates == {"known@moh.example": "registration_known", EMAIL: "registration_verify"}
    wrong = await nobody.post(
        f"{APPLY}/verify", json={"secret": f"{org_id_of('MOH').hex}.{'x' * 43}"}
    )
    elsewhere = await nobody.post(f"{APPLY}/verify", json={"secret": f"{'0' * 32}.{'x' * 43}"})
    assert wrong.status_code == elsewhere.status_code == 404
    assert wrong.json()["code"] == elsewhere.json()["code"] == "registration_not_found"


async def test_applying_over_and_over_must_wait(own: Database, nobody: Person) -> None:
    answers = [await nobody.post(APPLY, json=an_application()) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [*[202] * 6, 429]


async def test_what_waits_for_30_days_expires(own: Database, nobody: Person, admin: Person) -> None:
    secret = await apply(nobody, own)
    await nobody.post(f"{APPLY}/verify", json={"secret": secret})
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        past = uow.now() - timedelta(seconds=1)
        await uow.session.execute(update(Registration).values(expires_at=past))
    await expire_registrations(own)
    told = await nobody.post(f"{APPLY}/status", json={"secret": secret})
    assert told.json()["status"] == "expired"
    assert (await decide(admin, "reject", reason="Too late.")).status_code == 409


async def test_the_database_refuses_one_person_for_both_steps(own: Database) -> None:
    user = await a_user(own, "amina@moh.example", MOH="staff")
    one = uuid7()
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        uow.session.add(
            Registration(
                secret_digest="0" * 64,
                email=EMAIL,
                full_name="New",
                position="Nurse",
                phone="+639171234567",
                language="en",
                status="approved",
                user_id=user.id,
                endorsed_by=one,
                endorsed_at=uow.now(),
                decided_by=one,
                decided_at=uow.now(),
                expires_at=uow.now(),
            )
        )
        with pytest.raises(IntegrityError, match="ck_registrations_two_people"):
            await uow.session.flush()
        await uow.session.rollback()
