"""Every path by which rights are given, tried by those who should not get that far.

Each attack is named after the requirement of OWASP ASVS 5.0 that forbids it (chapter V8).
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from services.identity.role_catalogue.model import GRANTS
from services.identity.tests.attacks.attackers import (
    HARMLESS,
    HOME,
    HOSTILE,
    Acting,
    acting,
    memberships,
    own,
    people,
    refused,
    rights,
)

__all__ = ["acting", "own", "people"]


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
