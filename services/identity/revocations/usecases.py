"""What can be done with revocations: make one, and date a token so that none meets it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.chassis.database import Database
from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.revocations import queries
from services.identity.revocations.events import RevocationMade
from services.identity.revocations.model import LIVES_ON, Revocation, takes_effect

KEEPER = Actor.system(UUID(int=0))


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
    effect = takes_effect(uow.clock())
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
    uow.publish(RevocationMade.model_validate(revocation), of=revocation)


async def issue_time(
    uow: UnitOfWork, *, session_id: UUID | None, user_id: UUID, org_id: UUID
) -> int:
    """Return the `iat` of a token that is issued now: after whatever was taken away before.

    It lies a few seconds ahead right after a revocation, well within the leeway of every verifier.
    """
    now: datetime = uow.clock()
    last = await queries.find_last(
        uow.session, session_id=session_id, user_id=user_id, org_id=org_id, at=now
    )
    return int(now.timestamp()) if last is None else max(int(now.timestamp()), _second(last))


async def forget_revocations(database: Database) -> None:
    """Forget what no token can be old enough for any more."""
    async with database.unit_of_work(KEEPER) as uow:
        await queries.forget_over(uow.session, uow.now())


def _second(instant: datetime) -> int:
    return int(instant.timestamp())
