"""Delegations: while one is away another decides, never more than one may, and for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.identity.memberships.model import Membership
from services.identity.rights.model import Rights
from services.identity.rights.usecases import evaluate
from services.identity.role_catalogue.model import FLAGS, ROLES
from services.identity.tests.factories import OPERATOR, a_ministry, a_user

HERE = "/api/v1/moa/MOH/identity/delegations"
APPROVE, RETURN = "budgeting.proposal.approve", "budgeting.proposal.return"


@pytest.fixture
async def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    async with database.unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("MOH", "MOLE"))
    return database


async def membership_of(own: Database, user_id: Any) -> Membership:
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        rows = await uow.session.scalars(select(Membership).where(Membership.user_id == user_id))
        return rows.one()


async def rights(own: Database, user_id: Any, *, days: float = 0) -> Rights:
    async with own.unit_of_work(OPERATOR) as uow:
        uow.session.info["now"] = datetime.now(UTC) + timedelta(days=days)
        found = await evaluate(uow, user_id, org_id_of("MOH"))
    assert found is not None
    return found


def a_span(membership: Membership, **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "membership_id": str(membership.id),
        "permissions": [APPROVE, RETURN],
        "starts_at": (now - timedelta(minutes=1)).isoformat(),
        "ends_at": (now + timedelta(days=7)).isoformat(),
        "reason": "On leave.",
        **changes,
    }


def may(told: Rights, permission: str) -> bool:
    return Actor(uuid7(), org_id_of("MOH"), "MOH", permissions=told.permissions).may(permission)


async def test_a_delegate_decides_for_a_while_and_never_more_than_the_delegator(
    own: Database, person: Callable[..., Person]
) -> None:
    head_id, staff_id = uuid7(), uuid7()
    await a_user(own, "h@moh.example", user_id=head_id, MOH=("manager", "can_approve_budgets"))
    await a_user(own, "s@moh.example", user_id=staff_id, MOH="staff")
    permissions = [*ROLES["manager"], *FLAGS["can_approve_budgets"]]
    head = person("MOH", user=head_id, permissions=permissions)
    staff = await membership_of(own, staff_id)
    given = await head.post(HERE, json=a_span(staff))
    assert given.status_code == 201, given.text
    told = await rights(own, staff_id)
    assert told.stands_in == tuple(f"{each} {head_id} manager" for each in (APPROVE, RETURN))
    assert told.ends_at == datetime.fromisoformat(given.json()["ends_at"])
    # It stands where identity lists who holds a right, with for whom; and where it explains one.
    holders = f"/api/v1/moa/MOH/identity/access/holders?permission={APPROVE}"
    listed = (await person("MOH").get(holders)).json()["holders"]
    for_whom = {each["user_id"]: each["for_user_id"] for each in listed}
    assert for_whom == {str(head_id): None, str(staff_id): str(head_id)}
    assert may(told, APPROVE)
    assert not may(told, "budgeting.proposal.reject")
    assert told.requires_mfa
    # Neither before nor after; and nothing any more once the delegator has lost it.
    for days in (-1.0, 8.0):
        assert (await rights(own, staff_id, days=days)).stands_in == ()
    lost = update(Membership).where(Membership.user_id == head_id)
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        await uow.session.execute(lost.values(can_approve_budgets=False))
    assert (await rights(own, staff_id)).stands_in == ()
    assert not may(await rights(own, staff_id), APPROVE)
    async with own.unit_of_work(Actor.system(org_id_of("MOH"))) as uow:
        await uow.session.execute(lost.values(can_approve_budgets=True))
    assert (await rights(own, staff_id)).stands_in
    url = f"{HERE}/{given.json()['id']}"
    match = {"If-Match": given.headers["ETag"]}
    stranger = person("MOH", permissions=permissions)
    refused = await stranger.post(f"{url}/revoke", headers=match)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_delegation")
    assert (await head.post(f"{url}/revoke", headers=match)).status_code == 200
    assert (await rights(own, staff_id)).stands_in == ()


async def test_what_cannot_be_delegated_names_the_field(
    own: Database, person: Callable[..., Person]
) -> None:
    head_id, staff_id = uuid7(), uuid7()
    await a_user(own, "h@moh.example", user_id=head_id, MOH=("manager", "can_approve_budgets"))
    await a_user(own, "s@moh.example", user_id=staff_id, MOH="staff")
    permissions = [*ROLES["manager"], *FLAGS["can_approve_budgets"]]
    head = person("MOH", user=head_id, permissions=permissions)
    # Who only stands in for somebody passes nothing on.
    second = person("MOH", permissions=permissions, stands_in=[f"{APPROVE} {uuid7()} head"])
    staff, itself = await membership_of(own, staff_id), await membership_of(own, head_id)
    now = datetime.now(UTC)
    for who, changes, code, pointer in (
        (head, {"membership_id": str(itself.id)}, "delegation_to_oneself", "membership_id"),
        (head, {"ends_at": now.isoformat()}, "delegation_span_impossible", "ends_at"),
        (
            *(head, {"ends_at": (now + timedelta(days=93)).isoformat()}),
            *("delegation_span_impossible", "ends_at"),
        ),
        (second, {}, "not_yours_to_delegate", "permissions/0"),
        (
            head,
            {"permissions": ["budgeting.disbursement.pay"]},
            "invalid_request",
            "permissions/0",
        ),
    ):
        answer = await who.post(HERE, json=a_span(staff, **changes))
        assert answer.json()["code"] == code, answer.text
        assert answer.json()["errors"][0]["pointer"] == f"/body/{pointer}"
    plain = person("MOH", user=staff_id, permissions=ROLES["staff"])
    refused = await plain.post(HERE, json=a_span(itself))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
