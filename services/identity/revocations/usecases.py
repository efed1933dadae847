"""What can be done with revocations: make one, tell of them, and date a token after them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from libs.tenancy.tokens import REVOKED, TokenRejected
from services.identity.revocations import queries
from services.identity.revocations.events import RevocationMade
from services.identity.revocations.model import LIVES_ON, Revocation, takes_effect

KEEPER = Actor.system(UUID(int=0))
MOST_TOLD = 1000
"""As many fit into one message of the bus several times over."""


async def revoke(
    uow: UnitOfWork,
    *,
    session_id: UUID | None = None,
    user_id: UUID | None = None,
    org_id: UUID | None = None,
    reason: str,
) -> None:
    """Void every token issued so far of a session, a person, a member or an organization.

    Every service refuses them within seconds, and a token cannot be brought back. It ends neither
    sign-in sessions nor refresh families.
    """
    await queries.hold(uow.session, session_id or user_id or org_id)
    now: datetime = uow.clock()
    last = await queries.find_last_overlapping(
        uow.session, session_id=session_id, user_id=user_id, org_id=org_id, at=now
    )
    effect = takes_effect(now, last)
    revocation = Revocation(
        session_id=session_id,
        user_id=user_id,
        organization_id=org_id,
        reason=reason,
        issued_before=effect,
        expires_at=effect + LIVES_ON,
    )
    uow.session.add(revocation)
    await uow.session.flush()
    uow.publish(_made(revocation), of=revocation)


async def issue_time(
    uow: UnitOfWork, *, session_id: UUID | None, user_id: UUID, org_id: UUID
) -> float:
    """Return the `iat` of a token that is issued now: after whatever was taken away before.

    A whole second, but for a person who was taken away more than once within one.

    It lies a few seconds ahead right after a revocation, well within the leeway of every verifier;
    not while another one is being made, which could take effect at that very second: such a token
    is void from the beginning, and a later one is good.
    """
    now: datetime = uow.clock()
    at = int(now.timestamp())
    whose: queries.Whose = {"session_id": session_id, "user_id": user_id, "org_id": org_id}
    last = await queries.find_last(uow.session, **whose, at=now)
    if last is None or last.timestamp() <= at:
        return at
    # In this order: one that ends between the looks is counted, one that lasts longer is held.
    known = await queries.count_meeting(uow.session, **whose)
    last = await queries.find_last(uow.session, **whose, at=now) or last
    is_held = await queries.is_held(uow.session, session_id, user_id, org_id)
    if is_held or await queries.count_meeting(uow.session, **whose) != known:
        return at
    instant = last.timestamp()
    return int(instant) if instant.is_integer() else instant


async def forget_revocations(database: Database) -> None:
    """Forget what no token can be old enough for any more."""
    async with database.unit_of_work(KEEPER) as uow:
        await queries.forget_over(uow.session, uow.now())


async def tell_recent(database: Database, span: timedelta) -> list[dict[str, Any]] | None:
    """Return what was revoked within a span, or None when it is too much for one message."""
    async with database.unit_of_work(KEEPER) as uow:
        found = await queries.list_made_since(uow.session, uow.now() - span, most=MOST_TOLD + 1)
    return None if len(found) > MOST_TOLD else _told(found)


async def tell_live(database: Database, after: str | None) -> list[dict[str, Any]]:
    """Return a page of what still matters, in the order of making."""
    async with database.unit_of_work(KEEPER) as uow:
        found = await queries.list_live(
            uow.session, uow.now(), after=UUID(after) if after else None, most=MOST_TOLD
        )
    return _told(found)


def checking(database: Database) -> Callable[[Actor], Awaitable[None]]:
    """Return the check by which identity itself knows at once what has been taken away."""

    async def check_revoked(actor: Actor) -> None:
        async with database.sessions() as session:
            last = await queries.find_last(
                session,
                session_id=_uuid(actor.session_id),
                user_id=actor.user_id,
                org_id=actor.org_id,
                at=datetime.now(UTC),
            )
        if last is not None and actor.issued_at < last.timestamp():
            raise TokenRejected(REVOKED)

    return check_revoked


def _told(found: Iterable[Revocation]) -> list[dict[str, Any]]:
    return [_made(each).model_dump(mode="json") for each in found]


def _made(revocation: Revocation) -> RevocationMade:
    return RevocationMade(
        id=revocation.id,
        session_id=revocation.session_id,
        user_id=revocation.user_id,
        org_id=revocation.organization_id,
        issued_before=revocation.issued_before,
        expires_at=revocation.expires_at,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
