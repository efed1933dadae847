"""What can be done with delegations: give one while one is away, and take it back."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.delegations.model import (
    Delegation,
    DelegationToOneself,
    NotYoursToDelegate,
)
from services.identity.delegations.queries import get_delegation
from services.identity.delegations.schemas import DelegationCreate
from services.identity.grants.usecases import check_duties, void
from services.identity.memberships.model import MembershipEnded
from services.identity.memberships.queries import get_membership
from services.identity.permissions.model import Entry, Source


async def create_delegation(uow: UnitOfWork, told: DelegationCreate) -> Delegation:
    """Let another member decide for oneself for a while, never more than one may oneself."""
    actor = uow.actor
    membership = await get_membership(uow.session, actor.org_id, told.membership_id)
    if not membership.is_active:
        raise MembershipEnded
    if membership.user_id == actor.user_id:
        raise DelegationToOneself(pointer="/body/membership_id")
    for index, permission in enumerate(told.permissions):
        if not actor.may(permission) or actor.stands_in_for(permission) is not None:
            raise NotYoursToDelegate(f"It is {permission}.", pointer=f"/body/permissions/{index}")
    entries = [Entry(each, Source.delegation, "The delegation") for each in told.permissions]
    await check_duties(uow, membership, entries)
    delegation = Delegation(
        user_id=membership.user_id, delegator_id=actor.user_id, **told.model_dump()
    )
    delegation.check_span(uow.now())
    uow.session.add(delegation)
    await uow.session.flush()
    await _record(uow, "delegation.given", delegation)
    return delegation


async def revoke_delegation(uow: UnitOfWork, delegation_id: UUID) -> Delegation:
    """Take a delegation back; what it allowed is refused within seconds."""
    delegation = await get_delegation(uow.session, delegation_id, lock=True)
    uow.expect(delegation)
    delegation.revoke(by=uow.actor.user_id, at=uow.now())
    await _record(uow, "delegation.revoked", delegation)
    await void(uow, [delegation.user_id], "a delegation was taken back")
    return delegation


async def _record(uow: UnitOfWork, action: str, delegation: Delegation) -> None:
    await record(
        uow,
        action,
        entity="delegation",
        entity_id=delegation.id,
        person_id=delegation.user_id,
        after={
            "permissions": delegation.permissions,
            "starts_at": delegation.starts_at.isoformat(),
            "ends_at": delegation.ends_at.isoformat(),
        },
        reason=delegation.reason,
    )
