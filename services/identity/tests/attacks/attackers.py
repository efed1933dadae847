"""Those who want more rights than they have, and what they ask for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.tenancy.actor import Actor
from services.identity.memberships.model import Membership
from services.identity.rights.usecases import evaluate
from services.identity.role_catalogue.model import DELEGABLE, ROLES
from services.identity.tests.factories import OPERATOR, a_ministry, a_user

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
