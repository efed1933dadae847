"""What can be done with system grants: give one, take one back.

Whoever lets an actor give one goes through `approvals`: it takes a second person.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.refusals import Forbidden, Invalid, NotFound
from services.identity.audit_events.usecases import record
from services.identity.organizations.queries import get_organization
from services.identity.organizations.usecases import acting_within
from services.identity.revocations.usecases import revoke
from services.identity.system_grants import events, queries
from services.identity.system_grants.model import Grant, SystemGrant
from services.identity.users.model import User


class SystemGrantNotFound(NotFound):
    """No such grant stands in this organization."""

    title = "There is no such system-wide grant."


class OwnSystemGrant(Forbidden):
    """Nobody changes their own rights."""

    title = "You cannot change your own rights; ask another administrator."


class GrantNotHere(Invalid):
    """The rights of the oversight office are for its own people, acting for it."""

    title = "A right of the Chief Minister's office is held by its members, within that office."


async def give_grant(
    uow: UnitOfWork,
    user: User,
    grant: Grant,
    *,
    reason: str = "",
    expires_at: datetime | None = None,
) -> SystemGrant:
    """Give a user a right within the acting organization; giving it twice changes nothing."""
    held = await queries.find_standing(uow.session, uow.actor.org_id, user.id, grant)
    if held is not None and (held.expires_at is None or held.expires_at > uow.now()):
        return held
    if held is not None:
        held.revoked_at, held.revoked_by = uow.now(), uow.actor.user_id
        await uow.session.flush()
    row = SystemGrant(user_id=user.id, kind=grant.value, reason=reason, expires_at=expires_at)
    uow.session.add(row)
    await uow.session.flush()
    uow.publish(events.SystemGrantGiven.model_validate(row), of=row)
    await _record(uow, "system_grant.given", row, reason)
    return row


async def list_system_grants(uow: UnitOfWork, organization_id: UUID) -> list[SystemGrant]:
    """Show who holds which system-wide right within an organization."""
    organization = await get_organization(uow.session, organization_id)
    async with acting_within(uow, organization):
        return await queries.list_grants_in(uow.session, organization_id)


async def take_grant(
    uow: UnitOfWork, organization_id: UUID, system_grant_id: UUID, reason: str
) -> SystemGrant:
    """Take a system-wide right back; tokens that say it are refused within seconds."""
    organization = await get_organization(uow.session, organization_id)
    async with acting_within(uow, organization):
        row = await queries.find_grant(uow.session, organization_id, system_grant_id)
        if row is None or row.revoked_at is not None:
            raise SystemGrantNotFound
        if row.user_id == uow.actor.user_id:
            raise OwnSystemGrant
        row.revoked_at, row.revoked_by = uow.now(), uow.actor.user_id
        uow.publish(events.SystemGrantRevoked.model_validate(row), of=row)
        await _record(uow, "system_grant.revoked", row, reason)
        await revoke(
            uow, user_id=row.user_id, org_id=organization_id, reason="a system grant was revoked"
        )
    return row


async def _record(uow: UnitOfWork, action: str, row: SystemGrant, reason: str) -> None:
    await record(
        uow,
        action,
        entity="system_grant",
        entity_id=row.id,
        person_id=row.user_id,
        after={"kind": row.kind, "expires_at": row.expires_at},
        reason=reason,
    )
