"""Revocations: whom each one meets, and that a token issued afterwards is good again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.tenancy.actor import Actor
from services.identity.revocations import queries, usecases
from services.identity.revocations.model import MARGIN, takes_effect
from services.identity.revocations.usecases import (
    forget_revocations,
    issue_time,
    revoke,
    tell_live,
    tell_recent,
)
from services.identity.tests.factories import events_of

MOH, MOLE = (org_id_of(code) for code in ("MOH", "MOLE"))
AMINA, BASIT, HERS = uuid7(), uuid7(), uuid7()
ADMIN = Actor.system(MOH, "MOH")


@pytest.fixture
def own(app: FastAPI) -> Database:
    database: Database = app.state.database
    return database


async def meets(own: Database, session_id: UUID, user_id: UUID, org_id: UUID) -> bool:
    async with own.unit_of_work(ADMIN) as uow:
        found = await queries.find_last(
            uow.session, session_id=session_id, user_id=user_id, org_id=org_id, at=uow.now()
        )
    return found is not None


@pytest.mark.parametrize(
    ("taken", "hers_at_moh", "hers_at_mole", "his_at_moh"),
    [
        ({"session_id": HERS}, True, True, False),
        ({"user_id": AMINA}, True, True, False),
        ({"user_id": AMINA, "org_id": MOH}, True, False, False),
        ({"org_id": MOH}, True, False, True),
    ],
)
async def test_a_revocation_meets(
    own: Database,
    taken: dict[str, UUID],
    *,
    hers_at_moh: bool,
    hers_at_mole: bool,
    his_at_moh: bool,
) -> None:
    async with own.unit_of_work(ADMIN) as uow:
        await revoke(uow, **taken, reason="left")
    assert await meets(own, HERS, AMINA, MOH) is hers_at_moh
    assert await meets(own, HERS, AMINA, MOLE) is hers_at_mole
    assert await meets(own, uuid7(), BASIT, MOH) is his_at_moh


@pytest.mark.parametrize("taken", [{}, {"session_id": HERS, "user_id": AMINA}])
async def test_a_revocation_is_of_a_session_or_of_people(
    own: Database, taken: dict[str, UUID]
) -> None:
    with pytest.raises(IntegrityError, match="ck_revocations_whose"):
        await take(own, taken)


async def test_a_token_issued_afterwards_is_dated_after_it(own: Database) -> None:
    whose = {"session_id": HERS, "user_id": AMINA, "org_id": MOH}
    async with own.unit_of_work(ADMIN) as uow:
        assert await issue_time(uow, **whose) <= datetime.now(UTC).timestamp()
    await take(own, {"user_id": AMINA, "org_id": MOH})
    async with own.unit_of_work(ADMIN) as uow:
        last = await queries.find_last(uow.session, **whose, at=uow.now())
        assert last is not None
        assert await issue_time(uow, **whose) == last.timestamp()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"user_id": AMINA, "org_id": MOH}, {"user_id": AMINA, "org_id": MOH}),
        ({"session_id": HERS}, {"user_id": AMINA, "org_id": MOH}),
        ({"user_id": AMINA, "org_id": MOH}, {"session_id": HERS}),
        ({"user_id": AMINA}, {"org_id": MOH}),
        ({"org_id": MOH}, {"user_id": AMINA}),
    ],
)
async def test_who_comes_back_can_be_sent_away_again_within_the_same_second(
    own: Database, first: dict[str, UUID], second: dict[str, UUID]
) -> None:
    whose = {"session_id": HERS, "user_id": AMINA, "org_id": MOH}
    await take(own, first)
    async with own.unit_of_work(ADMIN) as uow:
        issued_at = await issue_time(uow, **whose)
    await take(own, second)
    async with own.unit_of_work(ADMIN) as uow:
        last = await queries.find_last(uow.session, **whose, at=uow.now())
    assert last is not None
    assert issued_at < last.timestamp()


@pytest.mark.parametrize("second", [{"user_id": AMINA}, {"session_id": HERS}, {"org_id": MOH}])
async def test_no_token_of_between_two_commits_outlives_the_second_one(
    own: Database, second: dict[str, UUID]
) -> None:
    whose = {"session_id": HERS, "user_id": AMINA, "org_id": MOH}
    async with own.unit_of_work(ADMIN) as later:
        async with own.unit_of_work(ADMIN) as earlier:
            for uow, taken in ((later, second), (earlier, {"user_id": AMINA, "org_id": MOH})):
                await revoke(uow, **taken, reason="left")
                await uow.flush()
        async with own.unit_of_work(ADMIN) as uow:
            between = await issue_time(uow, **whose)
            stranger = await issue_time(uow, session_id=None, user_id=BASIT, org_id=MOLE)
            assert stranger <= uow.clock().timestamp()
    async with own.unit_of_work(ADMIN) as uow:
        last = await queries.find_last(uow.session, **whose, at=uow.now())
        assert last is not None
        assert between < last.timestamp()
        assert await issue_time(uow, **whose) == last.timestamp()


async def test_who_comes_and_goes_is_not_dated_ahead_of_everybodys_clocks(own: Database) -> None:
    whose = {"session_id": HERS, "user_id": AMINA, "org_id": MOH}
    for _ in range(20):
        await take(own, {"user_id": AMINA, "org_id": MOH})
        async with own.unit_of_work(ADMIN) as uow:
            dated = await issue_time(uow, **whose)
            assert dated - uow.now().timestamp() <= MARGIN.total_seconds() + 2


async def test_the_dates_of_strangers_do_not_move_each_other(own: Database) -> None:
    for _ in range(20):
        await take(own, {"user_id": AMINA, "org_id": MOH})
    await take(own, {"user_id": BASIT, "org_id": MOH})
    async with own.unit_of_work(ADMIN) as uow:
        dated = await issue_time(uow, session_id=uuid7(), user_id=BASIT, org_id=MOH)
        assert dated - uow.now().timestamp() <= MARGIN.total_seconds() + 1


async def test_identity_itself_refuses_at_once(
    own: Database, person: Callable[..., Person]
) -> None:
    admin = person("MOH")
    members = "/api/v1/moa/MOH/identity/members"
    assert (await admin.get(members)).status_code == 200
    await take(own, {"user_id": admin.user_id, "org_id": MOH})
    answer = await admin.get(members)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The access token was rejected: revoked."
    assert (await person("MOH").get(members)).status_code == 200


async def test_a_session_that_is_no_uuid_is_looked_up_by_its_person(
    own: Database, person: Callable[..., Person]
) -> None:
    client = person("MOH", sid="client-credentials")
    await take(own, {"user_id": client.user_id})
    assert (await client.get("/api/v1/moa/MOH/identity/members")).status_code == 401


async def test_what_is_recent_and_what_is_live_is_told(
    own: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await take(own, {"user_id": uuid7(), "org_id": MOH})
    recent = await tell_recent(own, timedelta(minutes=1))
    assert recent is not None
    assert len(recent) == 3
    assert recent[0]["org_id"] == str(MOH)
    assert await tell_recent(own, -timedelta(minutes=1)) == []
    monkeypatch.setattr(usecases, "MOST_TOLD", 2)
    assert await tell_recent(own, timedelta(minutes=1)) is None
    first = await tell_live(own, None)
    rest = await tell_live(own, first[-1]["id"])
    assert (len(first), len(rest)) == (2, 1)
    assert await tell_live(own, rest[-1]["id"]) == []


def test_it_takes_effect_at_a_whole_second_after_the_margin() -> None:
    at = datetime(2026, 11, 21, 8, 0, 0, 1, tzinfo=UTC)
    assert takes_effect(at) == datetime(2026, 11, 21, 8, 0, 1, tzinfo=UTC) + MARGIN


async def test_it_is_announced_by_ids_alone(own: Database, database: ServiceDatabase) -> None:
    await take(own, {"user_id": AMINA, "org_id": MOH})
    (event,) = await events_of(database)
    assert event.subject == "identity.revocation.made.v1"
    assert set(event.data) == {
        *("id", "session_id", "user_id", "org_id", "issued_before", "expires_at")
    }


async def test_it_is_forgotten_when_no_token_can_be_old_enough(own: Database) -> None:
    await take(own, {"user_id": AMINA})
    await forget_revocations(own)
    assert await meets(own, HERS, AMINA, MOH)
    async with own.unit_of_work(ADMIN) as uow:
        await queries.forget_over(uow.session, uow.now() + timedelta(hours=1))
    assert not await meets(own, HERS, AMINA, MOH)


async def take(own: Database, taken: dict[str, UUID]) -> None:
    async with own.unit_of_work(ADMIN) as uow:
        await revoke(uow, **taken, reason="left")
