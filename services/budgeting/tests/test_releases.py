"""A release by the finance ministry: its own document, taking effect in another organization."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.outbox.event import EventMeta, ReceivedEvent
from libs.outbox.inbox import Inbox
from services.budgeting.db import Base
from services.budgeting.releases import subscribers
from services.budgeting.tests.neighbours import told_of
from services.budgeting.tests.spending import DAY, Spending, funded
from services.budgeting.tests.test_service import announced

pytestmark = pytest.mark.usefixtures("register")


@pytest.fixture
async def spending(person: Callable[..., Person]) -> Spending:
    return Spending.of(person)


async def apply_releases(app: FastAPI, database: ServiceDatabase) -> None:
    """Apply what was issued twice over, as an impatient delivery would."""
    inbox = Inbox(Base.metadata, app.state.database.sessions, [subscribers])
    for position, row in enumerate(await announced(database), start=1):
        if row.subject == "budgeting.release.issued.v1":
            meta = EventMeta(
                event_id=UUID(row.data["release_id"]),
                source="budgeting",
                source_seq=position,
                subject=row.subject,
                org_id=org_id_of("MFBM"),
                actor_id=org_id_of("someone"),
                aggregate_id=UUID(row.data["release_id"]),
                aggregate_version=row.aggregate_version,
                occurred_at=datetime.now(UTC),
            )
            for _ in range(2):
                await inbox.apply(ReceivedEvent(meta, row.data))


async def submitted(app: FastAPI, spending: Spending) -> dict[str, Any]:
    allocation = await funded(app.state.database)
    made = await spending.make(
        "allotments", allocation_id=str(allocation), amount="400.00", quarter=1
    )
    await spending.done(spending.officer, "allotments", made, "approve")
    to = {"release_org_id": str(org_id_of("MFBM"))}
    return await spending.done(spending.officer, "allotments", made, "submit", **to)


async def test_the_ministry_releases_what_was_submitted_and_sees_nothing_else(
    app: FastAPI, person: Callable[..., Person], spending: Spending, database: ServiceDatabase
) -> None:
    kept = await spending.allotted(await funded(app.state.database), "100.00")
    asked = await submitted(app, spending)
    ministry = Spending.of(person, "MFBM")
    seen = (await ministry.staff.get(ministry.at("allotments?submitted=true"))).json()["items"]
    assert [each["id"] for each in seen] == [asked["id"]]
    assert (await ministry.staff.get(ministry.at("allotments"))).json()["items"] == []
    assert (await ministry.staff.get(ministry.at(f"allotments/{kept['id']}"))).status_code == 404
    for verb in ("release", "cancel"):
        body = {"released_on": DAY} if verb == "release" else {"cancelled_on": DAY, "reason": "x"}
        taken = await ministry.act(ministry.staff, "allotments", asked, verb, **body)
        assert taken.status_code == 404
    wanted = {"allotment_id": asked["id"], "released_on": DAY, "reference": "SARO-1"}
    release = await ministry.make("releases", **wanted)
    own = await ministry.act(ministry.staff, "releases", release, "approve")
    assert (own.status_code, own.json()["code"]) == (403, "preparer_may_not_issue")
    issued = await ministry.done(ministry.head, "releases", release, "approve")
    assert (issued["number"], issued["amount"]) == (1, "400.00")
    await apply_releases(app, database)
    now = await spending.read("allotments", asked)
    assert (now["status"], now["allotted_amount"]) == ("released", "400.00")
    assert now["release_reference"] == "SARO-1"
    assert (await spending.staff.get(spending.at(f"releases/{release['id']}"))).status_code == 200


async def test_a_retired_organization_is_neither_asked_nor_given_a_release(
    app: FastAPI, person: Callable[..., Person], spending: Spending, database: ServiceDatabase
) -> None:
    asked, ministry = await submitted(app, spending), Spending.of(person, "MFBM")
    wanted = {"allotment_id": asked["id"], "released_on": DAY, "reference": "SARO-1"}
    release = await ministry.make("releases", **wanted)
    for code in ("MOH", "MOLE"):
        await told_of(database, code, 2, "retired")
    late = await ministry.staff.post(ministry.at("releases"), json=wanted)
    issued = await ministry.act(ministry.head, "releases", release, "approve")
    told = {"release_org_id": str(org_id_of("MOLE"))}
    sent = await spending.act(spending.officer, "allotments", asked, "submit", **told)
    for answer, pointer in (
        (late, "/body/allotment_id"),
        (issued, "/path/release_id"),
        (sent, "/body/release_org_id"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "organization_is_retired")
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]


async def test_what_was_not_submitted_cannot_be_released(
    app: FastAPI, person: Callable[..., Person], spending: Spending
) -> None:
    asked = await submitted(app, spending)
    other = Spending.of(person, "MOLE")
    answer = await other.staff.post(
        other.at("releases"),
        json={"allotment_id": asked["id"], "released_on": DAY, "reference": "SARO-1"},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "allotment_not_submitted")


async def test_a_release_that_comes_too_late_is_refused_and_told(
    app: FastAPI, person: Callable[..., Person], spending: Spending, database: ServiceDatabase
) -> None:
    asked = await submitted(app, spending)
    ministry = Spending.of(person, "MFBM")
    wanted = {"allotment_id": asked["id"], "released_on": DAY, "reference": "SARO-1"}
    release = await ministry.make("releases", **wanted)
    gone = {"cancelled_on": DAY, "reason": "No longer wanted"}
    await spending.done(spending.officer, "allotments", asked, "cancel", **gone)
    await ministry.done(ministry.head, "releases", release, "approve")
    await apply_releases(app, database)
    assert (await spending.read("allotments", asked))["status"] == "cancelled"
    told = (await ministry.staff.get(ministry.at("deliveries"))).json()["items"]
    assert [(each["status"], each["about_id"]) for each in told] == [("refused", release["id"])]
