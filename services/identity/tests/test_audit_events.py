"""Audit events: what is kept, what is masked, who may read it, and that nothing undoes it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, org_id_of
from libs.refusals import NotFound
from libs.tenancy.actor import Actor
from services.identity.audit_events.model import MASK, PLATFORM, difference, masked
from services.identity.audit_events.usecases import record
from services.identity.role_catalogue.model import ROLES
from services.identity.users.model import ANYONE

MOH, MOLE = (Actor.system(org_id_of(code), code) for code in ("MOH", "MOLE"))
TRAIL = "/api/v1/moa/MOH/identity/audit-events"


@pytest.fixture
def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    return database


def test_secrets_are_masked_by_their_name_at_any_depth() -> None:
    kept = masked(
        {
            "password": "in the clear",
            "new_password_hash": "argon",
            "totp_secret": "ABC",
            "recovery_codes": ["a", "b"],
            "device": {"refresh_token": "r", "label": "Firefox"},
            "must_change_password": True,
            "org_code": "MOH",
            "key": "health",
        }
    )
    assert kept == {
        "password": MASK,
        "new_password_hash": MASK,
        "totp_secret": MASK,
        "recovery_codes": MASK,
        "device": {"refresh_token": MASK, "label": "Firefox"},
        "must_change_password": True,
        "org_code": "MOH",
        "key": "health",
    }


def test_only_what_changed_is_kept() -> None:
    assert difference({"role": "staff", "a": 1}, {"role": "admin", "a": 1}) == (
        {"role": "staff"},
        {"role": "admin"},
    )
    assert difference(None, {"role": "admin"}) == (None, {"role": "admin"})
    assert difference({"role": "admin"}, None) == ({"role": "admin"}, None)


def test_what_json_cannot_hold_is_told_as_text() -> None:
    kept = masked({"share": 0.1, "total": Decimal("1.50"), "id": UUID(int=1), "odd": "a\x00b"})
    assert kept == {"share": "0.1", "total": "1.50", "id": str(UUID(int=1)), "odd": "ab"}


async def test_an_act_is_kept_with_its_transaction_or_not_at_all(own: Database) -> None:
    with pytest.raises(NotFound):
        await act_and_fail(own)
    assert await trail_of(own, MOH) == []
    async with own.unit_of_work(MOH) as uow:
        await record(uow, "membership.changed", entity="membership")
    assert await trail_of(own, MOH) == ["membership.changed"]


async def test_an_act_without_an_organization_is_kept_by_the_platform(own: Database) -> None:
    async with own.unit_of_work(ANYONE) as uow:
        await record(uow, "sign_in.failed", entity="session")
    assert await trail_of(own, MOH) == []
    assert await trail_of(own, Actor.system(PLATFORM)) == ["sign_in.failed"]


async def test_an_act_upon_another_organization_is_kept_there(own: Database) -> None:
    async with own.unit_of_work(MOLE) as uow:
        await record(uow, "organization.suspended", entity="organization", org_id=MOH.org_id)
        await record(uow, "wave.started", entity="wave")
    assert await trail_of(own, MOH) == ["organization.suspended"]
    assert await trail_of(own, MOLE) == ["wave.started"]


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET reason = ''", "DELETE FROM {}", "TRUNCATE {}"]
)
async def test_nobody_who_serves_requests_can_undo_it(own: Database, statement: str) -> None:
    async with own.unit_of_work(MOH) as uow:
        await record(uow, "membership.changed", entity="membership")
    with pytest.raises(DBAPIError, match="permission denied"):
        async with own.unit_of_work(MOH) as uow:
            await uow.session.execute(text(statement.format("identity.audit_events")))


async def test_the_trail_is_searched_by_person_entity_action_and_period(
    own: Database, person: Callable[..., Person]
) -> None:
    amina, plan = uuid7(), uuid7()
    async with own.unit_of_work(MOH) as uow:
        await record(uow, "membership.changed", entity="membership", person_id=amina)
        await record(uow, "export.made", entity="report", entity_id=plan, reason="for the audit")
    admin = person("MOH", permissions=["identity.audit_event.read"])
    for query, found in (
        ({}, 2),
        ({"person": str(amina)}, 1),
        ({"entity": "report", "entity_id": str(plan)}, 1),
        ({"action": "export.made"}, 1),
        ({"since": "2999-01-01T00:00:00Z"}, 0),
        ({"until": "2999-01-01T00:00:00Z"}, 2),
    ):
        answer = await admin.get(TRAIL, params=query)
        assert (answer.status_code, len(answer.json()["items"])) == (200, found), query
    assert answer.json()["items"][0]["reason"] == "for the audit"


@pytest.mark.parametrize(("role", "status"), [("manager", 403), ("admin", 200)])
async def test_the_trail_is_for_administrators(
    person: Callable[..., Person], role: str, status: int
) -> None:
    permissions = ROLES[role]
    assert (await person("MOH", permissions=permissions).get(TRAIL)).status_code == status


async def test_a_timeline_is_taken_out_as_a_table_without_formulas(
    own: Database, person: Callable[..., Person]
) -> None:
    plan = uuid7()
    async with own.unit_of_work(MOH) as uow:
        for reason in ("first", "=HYPERLINK(1)"):
            await record(uow, "plan.changed", entity="plan", entity_id=plan, reason=reason)
    admin = person("MOH")
    asked = {"entity": "plan", "entity_id": str(plan)}
    answer = await admin.get(f"{TRAIL}/csv", params=asked)
    assert answer.headers["content-type"].startswith("text/csv")
    told = list(csv.DictReader(answer.text.splitlines()))
    assert [row["reason"] for row in told] == ["first", "'=HYPERLINK(1)"]
    newest = (await admin.get(TRAIL)).json()["items"][0]
    assert (newest["action"], newest["after"]) == ("audit_trail.exported", {"events": 2})


async def test_who_runs_the_platform_reads_every_trail_and_leaves_a_trace(
    own: Database, person: Callable[..., Person]
) -> None:
    async with own.unit_of_work(MOH) as uow:
        await record(uow, "membership.changed", entity="membership")
    platform = person("OOBC", permissions=["identity.*.*"])
    answer = await platform.get(
        "/api/v1/identity/audit-events", params={"organization_id": str(MOH.org_id)}
    )
    assert "membership.changed" in [each["action"] for each in answer.json()["items"]]
    assert await trail_of(own, MOH) == ["membership.changed", "audit_trail.read"]
    assert (await platform.get("/api/v1/identity/audit-events")).status_code == 200
    admin = person("MOH", permissions=ROLES["admin"])
    assert (await admin.get("/api/v1/identity/audit-events")).status_code == 403


async def test_a_refusal_for_want_of_a_right_is_kept(
    own: Database, person: Callable[..., Person]
) -> None:
    viewer = person("MOH", permissions=["planning.*.read"])
    assert (await viewer.get(TRAIL)).status_code == 403
    elsewhere = TRAIL.replace("MOH", "MOLE")
    assert (await viewer.get(elsewhere)).status_code == 403
    wish = {"kind": "people_export", "reason": "So."}
    asker = person("MOH", permissions=["identity.approval.*"])
    assert (await asker.post("/api/v1/moa/MOH/identity/approvals", json=wish)).status_code == 403
    assert await trail_of(own, MOH) == ["permission.denied"] * 3
    auditor = person("MOH", permissions=["identity.audit_event.read"])
    kept = [each["reason"] for each in (await auditor.get(TRAIL)).json()["items"]]
    assert [each.split(":")[0] for each in reversed(kept)] == [
        *("not_permitted", "other_organization", "approval_not_yours")
    ]


async def act_and_fail(own: Database) -> None:
    async with own.unit_of_work(MOH) as uow:
        await record(uow, "membership.changed", entity="membership")
        raise NotFound


async def trail_of(own: Database, actor: Actor) -> list[str]:
    async with own.unit_of_work(actor) as uow:
        rows = await uow.session.execute(
            text("SELECT action FROM identity.audit_events ORDER BY created_at, id")
        )
        return [row.action for row in rows]
