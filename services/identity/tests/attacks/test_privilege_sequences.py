"""Acts at random, one after the other: none leads to a right that nobody meant to give."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from libs.chassis.database import Database
from services.identity.memberships.model import Membership
from services.identity.permissions.model import covered
from services.identity.role_catalogue.model import FLAGS, ROLES
from services.identity.tests.attacks.attackers import (
    CEILING,
    HARMLESS,
    HOSTILE,
    Acting,
    acting,
    memberships,
    own,
    people,
    rights,
)
from services.identity.tests.factories import may

__all__ = ["acting", "own", "people"]


Kept = dict[str, list[Any]]
"""The roles and grants that were made before, as their makers were told of them."""


async def act_on_a_member(who: Acting, dice: random.Random, member: Membership, what: int) -> Any:
    """Change somebody's place, let somebody join, or end a membership."""
    if what == 0:
        flag = dice.choice(list(FLAGS))
        changes = {"role": dice.choice(list(ROLES)), flag: dice.choice([True, False])}
        return await who.post(f"members/{member.id}", version=member.version, **changes)
    if what == 1:
        name = dice.choice(["boss", "outsider", "accomplice"])
        joins = {"email": f"{name}@bmms.example", "role": dice.choice(list(ROLES))}
        return await who.post("members", **joins)
    return await who.post(f"members/{member.id}/end", version=member.version, reason="At random.")


async def act_on_a_role(who: Acting, dice: random.Random, kept: Kept, pattern: str) -> Any:
    """Make a role, perhaps beneath another; widen or narrow one."""
    role = dice.choice(kept["roles"] or [None])
    said = {"pattern": pattern, "is_denial": dice.random() < 0.3}
    what = dice.randrange(4)
    if not role or what == 0:
        parent = {"parent_id": role["id"]} if role and dice.random() < 0.5 else {}
        slug = f"role_{len(kept['roles'])}"
        answer = await who.post("roles", slug=slug, name=slug, permissions=[said], **parent)
        kept["roles"] += [answer.json()] if answer.status_code == 201 else []
        return answer
    path, body = f"roles/{role['id']}/permissions", said
    if what == 3 and role["permissions"]:
        path, body = f"{path}/{dice.choice(role['permissions'])['id']}/remove", {}
    answer = await who.post(path, version=role["version"], **body)
    role.update(answer.json() if answer.status_code == 200 else {})
    return answer


async def act_on_a_grant(
    who: Acting, dice: random.Random, kept: Kept, member: Membership, pattern: str
) -> Any:
    """Give a role or a single right to somebody, or take one back."""
    why = {"reason": "At random."}
    what = dice.randrange(4)
    if what == 0 and kept["grants"]:
        path, row = dice.choice(kept["grants"])
        return await who.post(f"{path}/{row['id']}/revoke", version=row["version"], **why)
    path = "permission-grants" if what == 1 else "role-grants"
    chosen: dict[str, Any] = {"pattern": pattern, "is_denial": dice.random() < 0.3}
    if path == "role-grants":
        role = dice.choice(kept["roles"] or [None])
        named = {"role_id": role["id"]} if role and dice.random() < 0.7 else {}
        chosen = named or {"role_key": dice.choice(["plan_approver", "budget_officer", "viewer"])}
    answer = await who.post(path, membership_id=str(member.id), **chosen, **why)
    kept["grants"] += [(path, answer.json())] if answer.status_code == 201 else []
    return answer


async def act(who: Acting, own: Database, dice: random.Random, kept: Kept) -> Any:
    """Do one thing at random, hostile or not, with what was made before."""
    rows = [*(await memberships(own)).values(), *(await memberships(own, "MOLE")).values()]
    member, pattern = dice.choice(rows), dice.choice(HOSTILE + HARMLESS)
    what = dice.randrange(11)
    if what < 3:
        return await act_on_a_member(who, dice, member, what)
    if what < 7:
        return await act_on_a_role(who, dice, kept, pattern)
    return await act_on_a_grant(who, dice, kept, member, pattern)


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with an accomplice"])
async def test_asvs_8_3_1_no_sequence_of_acts_leads_beyond_the_ceiling(
    own: Database, people: dict[str, UUID], acting: Callable[[UUID], Acting], alone: bool
) -> None:
    """Alone, an administrator's own rights never grow; with others, nobody passes the ceiling."""
    dice = random.Random(8)
    kept: Kept = {"roles": [], "grants": []}
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
