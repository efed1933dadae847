"""An organization keeps an administrator who can sign in, whoever acts at the same moment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from libs.chassis.database import Database
from libs.chassis.testing import Person, ServiceDatabase, org_id_of
from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from libs.tenancy.actor import Actor
from services.identity.memberships.model import LastAdministrator, Membership, MembershipRole
from services.identity.memberships.queries import count_active_admins, find_membership_of
from services.identity.memberships.schemas import MembershipChange
from services.identity.role_catalogue.model import GRANTS, ROLES
from services.identity.system_grants.model import Grant
from services.identity.system_grants.usecases import give_grant
from services.identity.tests.factories import a_ministry, a_user, letters_of
from services.identity.user_accounts import usecases
from services.identity.user_accounts.schemas import AccountLock
from services.identity.users.model import User

MOH = org_id_of("MOH")
USERS = "/api/v1/identity/users"

Act = Callable[[UnitOfWork, Membership], Awaitable[object]]


async def end(uow: UnitOfWork, other: Membership) -> None:
    await usecases.end_membership(uow, other.id, "Left.")


async def demote(uow: UnitOfWork, other: Membership) -> None:
    change = MembershipChange(role=MembershipRole.viewer)
    await usecases.change_membership(uow, other.id, change)


async def deactivate(uow: UnitOfWork, other: Membership) -> None:
    await usecases.deactivate_member(uow, other.id, "Left.")


async def lock(uow: UnitOfWork, other: Membership) -> None:
    await usecases.lock_member(uow, other.id, AccountLock(reason="Lost."))


def actor_of(user: User) -> Actor:
    return Actor(user.id, MOH, "MOH", permissions=ROLES["admin"])


async def acting(own: Database, who: User, whom: User, act: Act) -> None:
    async with own.unit_of_work(actor_of(who)) as uow:
        other = await find_membership_of(uow.session, MOH, whom.id)
        assert other is not None
        await act(uow, other)


async def is_waiting(database: ServiceDatabase) -> None:
    """Return once somebody waits for a row that another transaction holds."""
    engine, deadline = create_async_engine(database.admin, poolclass=NullPool), time.monotonic()
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with engine.connect() as connection:
        while not await connection.scalar(waiting):
            assert time.monotonic() < deadline + 60
            await asyncio.sleep(0.01)
    await engine.dispose()


@pytest.mark.parametrize(
    ("first", "second"),
    [(end, end), (deactivate, deactivate), (lock, lock), (demote, lock), (deactivate, end)],
)
async def test_two_administrators_cannot_put_each_other_out_at_once(
    people: Database, database: ServiceDatabase, first: Act, second: Act
) -> None:
    one, two = [await a_user(people, f"{name}@moh.example", MOH="admin") for name in ("one", "two")]
    async with people.unit_of_work(actor_of(one)) as uow:
        other = await find_membership_of(uow.session, MOH, two.id)
        assert other is not None
        await first(uow, other)
        await uow.flush()
        meanwhile = asyncio.create_task(acting(people, two, one, second))
        await is_waiting(database)
    with pytest.raises(Refusal) as refusal:
        await meanwhile
    assert refusal.type is LastAdministrator
    async with people.unit_of_work(actor_of(one)) as uow:
        assert await count_active_admins(uow.session, MOH) == 1


async def test_the_last_administrator_is_locked_until_a_day_and_not_for_good(
    people: Database, person: Callable[..., Person]
) -> None:
    user = await a_user(people, "admin@moh.example", MOH="admin")
    platform = person("MOLE", permissions=GRANTS["platform_administrator"])
    row = (await platform.get(f"{USERS}/{user.id}")).json()
    match = {"If-Match": f'"{row["version"]}"'}
    why = {"reason": "Her account is being misused."}
    lock = f"{USERS}/{user.id}/lock"
    refused = await platform.post(lock, json=why, headers=match)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_administrator")
    done = await platform.post(lock, json={**why, "until": "2099-01-01T00:00:00Z"}, headers=match)
    assert (done.status_code, done.json()["status"]) == (200, "locked"), done.text


async def test_a_suspension_without_a_second_person_is_told_to_all_whom_it_is_about(
    people: Database, person: Callable[..., Person]
) -> None:
    await a_user(people, "admin@moh.example", MOH="admin")
    await a_user(people, "staff@moh.example", MOH="staff")
    platform = person("OOBC", permissions=["identity.*.*"])
    async with people.unit_of_work(Actor.system(org_id_of("OOBC"))) as uow:
        uow.session.add(a_ministry("OOBC"))
        await uow.session.flush()
        me = await a_user(people, "me@oobc.example", user_id=platform.user_id)
        await give_grant(uow, me, Grant.platform_administrator)
    why = {"reason": "Its accounts are being misused.", "is_emergency": True}
    moh = f"/api/v1/identity/organizations/{org_id_of('MOH')}"
    assert (await platform.post(f"{moh}/suspend", json=why)).status_code == 200
    letters = await letters_of(people)
    assert sorted(to for to, _ in letters) == ["admin@moh.example", "me@oobc.example"]
    assert {words["reason"] for _, words in letters} == {why["reason"]}
    again = {"reason": "It broke the rules."}
    await platform.post(f"{moh}/resume", json=again)
    assert (await platform.post(f"{moh}/suspend", json=again)).status_code == 409
    assert len(await letters_of(people)) == 2
