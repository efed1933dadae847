"""Every path by which rights are given, tried by those who should not get that far.

Each attack is named after the requirement of OWASP ASVS 5.0 that forbids it (chapter V8).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.identity.memberships.model import Membership
from services.identity.permissions.model import covered
from services.identity.rights.usecases import evaluate
from services.identity.role_catalogue.model import DELEGABLE, FLAGS, GRANTS, ROLES
from services.identity.tests.factories import OPERATOR, a_ministry, a_user, may

HOME = "/api/v1/moa/MOH/identity"
HOSTILE = (
    *("*.*.*", "identity.*.*", "*.*.read", "oversight.*.read", "oversight.all.read"),
    *("budgeting.*.*", "budgeting.budget_call.open", "budgeting.appropriation.enact"),
    *("identity.system_grant.create", "identity.user.lock", "identity.applicant.approve"),
)
"""What no administrator of an organization has, holds, or may hand on."""
HARMLESS = (
    *("planning.ppa.read", "planning.*.approve", "budgeting.disbursement.pay"),
    *("budgeting.obligation.create", "planning.strategic_plan.submit", "identity.membership.end"),
)
CEILING = (*ROLES["admin"], *DELEGABLE)
"""All that anyone in an organization can come to hold by acts of its administrators."""


@pytest.fixture
async def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE"))
    return database


@pytest.fixture
async def people(own: Database) -> dict[str, UUID]:
    """Make an administrator who attacks, an accomplice, a colleague, and two of another office."""
    made = {}
    for name, places in (
        ("attacker", {"MOH": "admin"}),
        ("accomplice", {"MOH": "staff"}),
        ("clerk", {"MOH": ("staff", "can_manage_users")}),
        ("boss", {"MOLE": "admin"}),
        ("outsider", {"MOLE": "staff"}),
    ):
        user = await a_user(own, f"{name}@bmms.example", **places)  # type: ignore[arg-type]
        made[name] = user.id
    return made


async def rights(own: Database, user_id: UUID, org: str = "MOH") -> list[str]:
    async with own.unit_of_work(OPERATOR) as uow:
        found = await evaluate(uow, user_id, org_id_of(org))
    return list(found.permissions) if found else []


async def memberships(own: Database, org: str = "MOH") -> dict[UUID, Membership]:
    async with own.unit_of_work(Actor.system(org_id_of(org))) as uow:
        rows = await uow.session.scalars(
            select(Membership).where(Membership.org_id == org_id_of(org), Membership.is_active)
        )
        return {row.user_id: row for row in rows}


class Acting:
    """Someone who acts with exactly the rights that a token issued now would carry."""

    def __init__(self, own: Database, person: Callable[..., Person], user_id: UUID) -> None:
        self.own, self.person, self.user_id = own, person, user_id

    async def post(self, path: str, version: int | None = None, **body: Any) -> Any:
        # Issued after whatever was taken away before, as identity dates its tokens.
        client = self.person(
            "MOH",
            user=self.user_id,
            permissions=await rights(self.own, self.user_id),
            iat=int(time.time()) + 20,
        )
        headers = {"If-Match": f'"{version}"'} if version else {}
        method = "PATCH" if version and path.count("/") == 1 else "POST"
        answer = await client.request(method, f"{HOME}/{path}", json=body, headers=headers)
        await client.aclose()
        return answer


@pytest.fixture
def acting(own: Database, person: Callable[..., Person]) -> Callable[[UUID], Acting]:
    return lambda user_id: Acting(own, person, user_id)


def refused(answer: Any, *codes: str) -> None:
    assert answer.status_code in (403, 404, 409, 422), (answer.status_code, answer.text)
    assert answer.json()["code"] in codes, answer.text


async def test_asvs_8_2_1_no_grant_path_gives_what_is_not_the_givers(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    attacker = acting(people["attacker"])
    member = str((await memberships(own))[people["accomplice"]].id)
    made = (await attacker.post("roles", slug="innocent", name="Innocent")).json()
    for pattern in HOSTILE:
        single = {"membership_id": member, "pattern": pattern, "reason": "Please."}
        refused(await attacker.post("permission-grants", **single), "beyond_own_rights")
        role = {"slug": "guilty", "name": "Guilty", "permissions": [{"pattern": pattern}]}
        refused(await attacker.post("roles", **role), "beyond_own_rights")
        added = await attacker.post(
            f"roles/{made['id']}/permissions", version=made["version"], pattern=pattern
        )
        refused(added, "beyond_own_rights")


async def test_asvs_8_2_1_nobody_gives_to_themselves(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    attacker = acting(people["attacker"])
    mine = (await memberships(own))[people["attacker"]]
    before = await rights(own, people["attacker"])
    member = {"membership_id": str(mine.id), "reason": "For me."}
    refused(await attacker.post("role-grants", **member, role_key="plan_approver"), "own_grant")
    refused(await attacker.post("permission-grants", **member, pattern=HARMLESS[1]), "own_grant")
    changed = await attacker.post(f"members/{mine.id}", version=1, can_approve_plans=True)
    refused(changed, "own_rights")
    refused(await attacker.post("focal-designations", membership_id=str(mine.id)), "own_rights")
    refused(
        await attacker.post("members", email="attacker@bmms.example", role="manager"),
        *("own_rights", "already_member"),
    )
    assert await rights(own, people["attacker"]) == before


async def test_asvs_8_2_1_a_role_of_ones_own_is_not_widened(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    """The second administrator gives a harmless role; its holder then adds approval to it."""
    attacker, second = acting(people["attacker"]), acting(people["accomplice"])
    theirs = (await memberships(own))[people["accomplice"]]
    await attacker.post(f"members/{theirs.id}", version=1, role="admin")
    role = (await attacker.post("roles", slug="parent_role", name="Parent")).json()
    child = (
        await attacker.post("roles", slug="child_role", name="Child", parent_id=role["id"])
    ).json()
    mine = (await memberships(own))[people["attacker"]]
    given = await second.post(
        "role-grants", membership_id=str(mine.id), role_id=child["id"], reason="Harmless."
    )
    assert given.status_code == 201, given.text
    before = await rights(own, people["attacker"])
    for target in (role, child):
        answer = await attacker.post(
            f"roles/{target['id']}/permissions",
            version=target["version"],
            pattern="planning.*.approve",
        )
        refused(answer, "own_grant")
    assert await rights(own, people["attacker"]) == before


async def test_asvs_8_2_1_a_denial_is_not_taken_off_by_whom_it_binds(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    attacker, second = acting(people["attacker"]), acting(people["accomplice"])
    theirs = (await memberships(own))[people["accomplice"]]
    await attacker.post(f"members/{theirs.id}", version=1, role="admin")
    denial = (
        await attacker.post(
            "permission-grants",
            membership_id=str(theirs.id),
            pattern="planning.*.delete",
            is_denial=True,
            reason="Trial.",
        )
    ).json()
    lifted = await second.post(
        f"permission-grants/{denial['id']}/revoke", version=denial["version"], reason="Enough."
    )
    refused(lifted, "own_grant")
    # Nor do they hand on what they are denied, to come back by another door.
    clerk = (await memberships(own))[people["clerk"]]
    handed = await second.post(
        "permission-grants",
        membership_id=str(clerk.id),
        pattern="planning.ppa.delete",
        reason="You.",
    )
    refused(handed, "beyond_own_rights")


async def test_asvs_8_2_1_who_manages_users_makes_no_administrator_and_no_approver(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    clerk = acting(people["clerk"])
    theirs = (await memberships(own))[people["accomplice"]]
    for body, code in (
        ({"role": "admin"}, "administrators_only"),
        ({"role": "manager"}, "beyond_own_rights"),
        ({"can_approve_plans": True}, "beyond_own_rights"),
        ({"can_approve_budgets": True}, "beyond_own_rights"),
    ):
        refused(await clerk.post(f"members/{theirs.id}", version=1, **body), code)
    joins = {"email": "outsider@bmms.example", "role": "admin"}
    refused(await clerk.post("members", **joins), "administrators_only")
    boss = (await memberships(own))[people["attacker"]]
    refused(
        await clerk.post(f"members/{boss.id}/end", version=1, reason="No."), "administrators_only"
    )
    refused(
        await clerk.post(f"members/{boss.id}/lock", version=1, reason="No."), "administrators_only"
    )


async def test_asvs_8_2_3_fields_that_decide_rights_are_not_written_along(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    attacker = acting(people["attacker"])
    theirs = (await memberships(own))[people["accomplice"]]
    for extra in (
        {"org_id": str(org_id_of("MOLE"))},
        {"user_id": str(uuid7())},
        {"is_active": True},
    ):
        answer = await attacker.post(f"members/{theirs.id}", version=1, position="x", **extra)
        assert answer.status_code == 422, extra
    single = {"membership_id": str(theirs.id), "pattern": HARMLESS[0], "reason": "So."}
    for extra in ({"user_id": str(people["attacker"])}, {"created_by": str(uuid7())}):
        assert (await attacker.post("permission-grants", **single, **extra)).status_code == 422


async def test_asvs_8_4_1_another_organizations_rows_are_not_reached(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting]
) -> None:
    attacker = acting(people["attacker"])
    boss = (await memberships(own, "MOLE"))[people["boss"]]
    before = await rights(own, people["boss"], "MOLE")
    for path, body in (
        (f"members/{boss.id}", {"role": "viewer"}),
        (f"members/{boss.id}/end", {"reason": "Ours now."}),
        (f"members/{boss.id}/lock", {"reason": "Ours now."}),
        ("role-grants", {"membership_id": str(boss.id), "role_key": "viewer", "reason": "Hi."}),
        (
            "permission-grants",
            {"membership_id": str(boss.id), "pattern": HARMLESS[0], "reason": "."},
        ),
        ("focal-designations", {"membership_id": str(boss.id)}),
    ):
        version = 1 if path.startswith("members") else None
        refused(await attacker.post(path, version=version, **body), "membership_not_found")
    assert await rights(own, people["boss"], "MOLE") == before


async def test_asvs_8_4_2_an_organizations_administrator_does_not_reach_the_platform(
    own: Database, people: dict[str, UUID], person: Callable[..., Person]
) -> None:
    admin = person(
        "MOH", user=people["attacker"], permissions=await rights(own, people["attacker"])
    )
    users, moh = "/api/v1/identity/users", f"/api/v1/identity/organizations/{org_id_of('MOH')}"
    assert (await admin.get(users)).status_code == 403
    assert (await admin.get(f"{moh}/system-grants")).status_code == 403
    assert (await admin.get(f"{moh}/applicants")).status_code == 403
    for verb in ("lock", "unlock", "deactivate", "reactivate"):
        answer = await admin.post(
            f"{users}/{people['boss']}/{verb}", json={"reason": "."}, headers={"If-Match": '"1"'}
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
    for grant in GRANTS:
        asked = {
            "kind": "system_grant",
            "user_id": str(people["accomplice"]),
            "organization_id": str(org_id_of("MOH")),
            "grant": grant,
            "reason": "Please.",
        }
        refused(await admin.post(f"{HOME}/approvals", json=asked), "approval_not_yours")


async def act(  # noqa: PLR0911 (one return an act)
    who: Acting, own: Database, dice: random.Random, kept: dict[str, list[Any]]
) -> Any:
    """Do one thing at random, hostile or not, with what was made before."""
    rows = [*(await memberships(own)).values(), *(await memberships(own, "MOLE")).values()]
    member = dice.choice(rows)
    pattern = dice.choice(HOSTILE + HARMLESS)
    role = dice.choice(kept["roles"] or [None])
    grant = dice.choice(kept["grants"] or [None])
    why = {"reason": "At random."}
    what = dice.randrange(11)
    if what == 0:
        flag = dice.choice(list(FLAGS))
        changes = {"role": dice.choice(list(ROLES)), flag: dice.choice([True, False])}
        return await who.post(f"members/{member.id}", version=member.version, **changes)
    if what == 1:
        name = dice.choice(["boss", "outsider", "accomplice"])
        joins = {"email": f"{name}@bmms.example", "role": dice.choice(list(ROLES))}
        return await who.post("members", **joins)
    if what == 2:
        return await who.post(f"members/{member.id}/end", version=member.version, **why)
    if what == 3:
        parent = {"parent_id": role["id"]} if role and dice.random() < 0.5 else {}
        slug = f"role_{len(kept['roles'])}"
        said = [{"pattern": pattern, "is_denial": dice.random() < 0.3}]
        answer = await who.post("roles", slug=slug, name=slug, permissions=said, **parent)
        kept["roles"] += [answer.json()] if answer.status_code == 201 else []
        return answer
    if what in (4, 5) and role:
        body = {"pattern": pattern, "is_denial": dice.random() < 0.3}
        answer = await who.post(f"roles/{role['id']}/permissions", version=role["version"], **body)
        role.update(answer.json() if answer.status_code == 200 else {})
        return answer
    if what == 6 and role and role["permissions"]:
        said = dice.choice(role["permissions"])
        path = f"roles/{role['id']}/permissions/{said['id']}/remove"
        answer = await who.post(path, version=role["version"])
        role.update(answer.json() if answer.status_code == 200 else {})
        return answer
    if what == 7 and grant:
        path, row = grant
        return await who.post(f"{path}/{row['id']}/revoke", version=row["version"], **why)
    path = "permission-grants" if what == 8 else "role-grants"
    chosen: dict[str, Any] = {"pattern": pattern, "is_denial": dice.random() < 0.3}
    if path == "role-grants":
        named = {"role_id": role["id"]} if role and dice.random() < 0.7 else {}
        chosen = named or {"role_key": dice.choice(["plan_approver", "budget_officer", "viewer"])}
    answer = await who.post(path, membership_id=str(member.id), **chosen, **why)
    kept["grants"] += [(path, answer.json())] if answer.status_code == 201 else []
    return answer


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with an accomplice"])
async def test_asvs_8_3_1_no_sequence_of_acts_leads_beyond_the_ceiling(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting], alone: bool
) -> None:
    """Alone, an administrator's own rights never grow; with others, nobody passes the ceiling."""
    dice, kept = random.Random(8), {"roles": [], "grants": []}
    started = await rights(own, people["attacker"])
    elsewhere = {name: await rights(own, people[name], "MOLE") for name in ("boss", "outsider")}
    done = 0
    for _ in range(50):
        name = "attacker" if alone else dice.choice(["attacker", "accomplice"])
        answer = await act(acting(people[name]), own, dice, kept)
        done += answer.status_code < 300
        assert answer.status_code < 500, answer.text
        for one, user_id in people.items():
            held = [each for each in await rights(own, user_id) if each[0] != "-"]
            assert [each for each in held if not covered(CEILING, each)] == [], one
            assert not [each for each in HOSTILE if may(held, each.replace("*", "unheard_of"))], one
        if alone:
            grown = [each for each in await rights(own, people["attacker"]) if each[0] != "-"]
            assert [each for each in grown if not covered(started, each)] == []
        for one, before in elsewhere.items():
            assert await rights(own, people[one], "MOLE") == before
    assert done >= 8, "too little was let through for the check to mean anything"
