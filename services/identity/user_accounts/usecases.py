"""What administrators can do with accounts: lock, unlock, close, and open again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.tenancy.actor import Actor
from services.identity.audit_events.usecases import record
from services.identity.authorizations.usecases import end_authorizations
from services.identity.credentials.queries import delete_factors, has_factor
from services.identity.languages.model import in_manila
from services.identity.mails.usecases import send
from services.identity.memberships import usecases as memberships
from services.identity.memberships.model import (
    AdministratorsOnly,
    LastAdministrator,
    Membership,
    MembershipNotFound,
)
from services.identity.memberships.queries import (
    count_active_admins,
    find_membership_of,
    get_membership,
    list_own_memberships,
)
from services.identity.memberships.schemas import MembershipChange
from services.identity.organizations.queries import get_organization
from services.identity.revocations.usecases import revoke
from services.identity.role_catalogue.model import DELEGATES
from services.identity.sign_outs.usecases import end_sessions
from services.identity.system_grants.model import SystemGrant
from services.identity.system_grants.queries import list_grants_of
from services.identity.system_grants.usecases import take_grant
from services.identity.user_accounts import queries
from services.identity.user_accounts.model import (
    LockEndsInPast,
    NoFactor,
    OwnAccount,
    ServesElsewhere,
)
from services.identity.user_accounts.schemas import AccountLock
from services.identity.users import usecases as users
from services.identity.users.model import User
from services.identity.users.queries import get_user


async def lock_user(uow: UnitOfWork, user_id: UUID, body: AccountLock) -> User:
    """Keep a person out of everything, from now on, for good or until a time."""
    return await _lock(uow, await _expected(uow, user_id), body)


async def unlock_user(uow: UnitOfWork, user_id: UUID, reason: str) -> User:
    """Let a locked person in again; they sign in anew."""
    return await _unlock(uow, await _expected(uow, user_id), reason)


async def deactivate_user(uow: UnitOfWork, user_id: UUID, reason: str) -> User:
    """Close an account: sessions, tokens and everything given end; nothing is deleted."""
    return await _deactivate(uow, await _expected(uow, user_id), reason)


async def reactivate_user(uow: UnitOfWork, user_id: UUID, reason: str) -> User:
    """Open a closed account; roles and rights beside the memberships are given anew."""
    return await _reactivate(uow, await _expected(uow, user_id), reason)


async def lock_member(uow: UnitOfWork, membership_id: UUID, body: AccountLock) -> Membership:
    """Keep one of the organization's own people out."""
    membership = await _own_person(uow, membership_id)
    await _lock(uow, await _locked(uow, membership.user_id), body)
    return membership


async def unlock_member(uow: UnitOfWork, membership_id: UUID, reason: str) -> Membership:
    """Let one of the organization's own people in again."""
    membership = await _own_person(uow, membership_id)
    await _unlock(uow, await _locked(uow, membership.user_id), reason)
    return membership


async def deactivate_member(uow: UnitOfWork, membership_id: UUID, reason: str) -> Membership:
    """Close the account of one of the organization's own people."""
    membership = await _own_person(uow, membership_id)
    await _deactivate(uow, await _locked(uow, membership.user_id), reason)
    return membership


async def reactivate_member(uow: UnitOfWork, membership_id: UUID, reason: str) -> Membership:
    """Open the account of one of the organization's own people again."""
    membership = await _own_person(uow, membership_id)
    await _reactivate(uow, await _locked(uow, membership.user_id), reason)
    return membership


async def check_factors_lost(uow: UnitOfWork, user_id: UUID) -> User:
    """Return the person whose factors the actor may ask to reset: there are some, and not own."""
    if uow.actor.may("identity.user.reset_factors"):
        user = await get_user(uow.session, user_id, lock=True)
    else:
        found = await find_membership_of(uow.session, uow.actor.org_id, user_id)
        if found is None or not found.is_active:
            raise MembershipNotFound
        await _check_own(uow, await get_membership(uow.session, found.org_id, found.id))
        user = await get_user(uow.session, user_id, lock=True)
    if not await has_factor(uow.session, user_id):
        raise NoFactor
    return user


async def reset_factors(uow: UnitOfWork, user_id: UUID, reason: str) -> None:
    """Forget every factor of a person who lost them; they sign in anew and set one up first.

    Whoever calls has two people's word for it. The person hears of it by letter.
    """
    user = await check_factors_lost(uow, user_id)
    await delete_factors(uow.session, user.id)
    user.must_enrol_factor = True
    await _end_everything(uow, user, "the second factor was reset")
    await _record(uow, "factors.reset", user, reason)
    await send(
        uow,
        "factors_reset",
        to=user.email,
        language=user.language,
        full_name=user.full_name,
        at=in_manila(uow.now()),
    )


async def change_membership(
    uow: UnitOfWork, membership_id: UUID, change: MembershipChange
) -> Membership:
    """Change a colleague's role or flags; where they lost any, nothing of before is renewed."""
    held = (await get_membership(uow.session, uow.actor.org_id, membership_id)).patterns
    membership = await memberships.change_membership(uow, membership_id, change)
    if membership.lacks_any_of(held):
        await end_authorizations(uow, user_id=membership.user_id, org_id=membership.org_id)
    return membership


async def end_membership(uow: UnitOfWork, membership_id: UUID, reason: str) -> Membership:
    """End a colleague's membership; they act for the organization no more, from now on."""
    membership = await memberships.end_membership(uow, membership_id, reason)
    await end_authorizations(uow, user_id=membership.user_id, org_id=membership.org_id)
    return membership


async def revoke_system_grant(
    uow: UnitOfWork, organization_id: UUID, system_grant_id: UUID, reason: str
) -> SystemGrant:
    """Take a system-wide right back; what it opened elsewhere closes with it."""
    grant = await take_grant(uow, organization_id, system_grant_id, reason)
    await end_authorizations(uow, user_id=grant.user_id, org_id=organization_id)
    return grant


async def _lock(uow: UnitOfWork, user: User, body: AccountLock) -> User:
    if body.until is not None and body.until <= uow.now():
        raise LockEndsInPast(pointer="/body/until")
    await users.lock_user(uow, user, body.reason, until=body.until)
    if body.until is None:
        await _keep_administrators(uow, user)
    await _end_everything(uow, user, "the account was locked")
    await _record(uow, "user.locked", user, body.reason)
    return user


async def _unlock(uow: UnitOfWork, user: User, reason: str) -> User:
    await users.unlock_user(uow, user)
    await _record(uow, "user.unlocked", user, reason)
    return user


async def _deactivate(uow: UnitOfWork, user: User, reason: str) -> User:
    await users.deactivate_user(uow, user, reason)
    await _strip(uow, user)
    await _keep_administrators(uow, user)
    await _end_everything(uow, user, "the account was deactivated")
    await _record(uow, "user.deactivated", user, reason)
    return user


async def _reactivate(uow: UnitOfWork, user: User, reason: str) -> User:
    await users.reactivate_user(uow, user)
    await _record(uow, "user.reactivated", user, reason)
    return user


async def _expected(uow: UnitOfWork, user_id: UUID) -> User:
    user = await _locked(uow, user_id)
    uow.expect(user)
    return user


async def _locked(uow: UnitOfWork, user_id: UUID) -> User:
    user = await get_user(uow.session, user_id, lock=True)
    if user.id == uow.actor.user_id:
        raise OwnAccount
    return user


async def _own_person(uow: UnitOfWork, membership_id: UUID) -> Membership:
    """Return a member whom nobody else looks after: no other office, no system-wide right."""
    membership = await get_membership(uow.session, uow.actor.org_id, membership_id)
    uow.expect(membership)
    await _check_own(uow, membership)
    return membership


async def _check_own(uow: UnitOfWork, membership: Membership) -> None:
    if membership.is_active_admin and not uow.actor.may(DELEGATES):
        raise AdministratorsOnly
    elsewhere, granted = await _ties(uow, membership.user)
    if granted or any(one.org_id != membership.org_id for one in elsewhere):
        raise ServesElsewhere


async def _ties(uow: UnitOfWork, user: User) -> tuple[list[Membership], list[UUID]]:
    """Return a person's active memberships and where they have system-wide rights."""
    asking = uow.actor
    await users.become(uow, user.as_person())
    own = [row for row, _ in await list_own_memberships(uow.session, user.id) if row.is_active]
    granted = [grant.org_id for grant in await list_grants_of(uow.session, user.id)]
    await users.become(uow, asking)
    return own, granted


async def _strip(uow: UnitOfWork, user: User) -> None:
    """End what was given everywhere."""
    asking, at = uow.actor, uow.now()
    own, granted = await _ties(uow, user)
    for org_id in sorted({*(one.org_id for one in own), *granted}):
        await users.become(uow, Actor(asking.user_id, org_id, ""))
        await queries.revoke_everything_given(
            uow.session, org_id, user.id, by=asking.user_id, at=at
        )
    await users.become(uow, asking)


async def _keep_administrators(uow: UnitOfWork, user: User) -> None:
    """Refuse when an organization of this person's has nobody left who administers it.

    Its row is the lock of its administrators, however one of them goes; what they are there is
    read once it is held.
    """
    asking = uow.actor
    own, _ = await _ties(uow, user)
    for org_id in sorted({one.org_id for one in own}):
        await users.become(uow, Actor(asking.user_id, org_id, ""))
        await get_organization(uow.session, org_id, lock=True)
        here = await find_membership_of(uow.session, org_id, user.id)
        assert here is not None
        await uow.session.refresh(here)
        if here.is_active_admin and await count_active_admins(uow.session, org_id) == 0:
            raise LastAdministrator
    await users.become(uow, asking)


async def _end_everything(uow: UnitOfWork, user: User, reason: str) -> None:
    await end_sessions(uow, user_id=user.id)
    await end_authorizations(uow, user_id=user.id)
    await revoke(uow, user_id=user.id, reason=reason)


async def _record(uow: UnitOfWork, action: str, user: User, reason: str) -> None:
    until: datetime | None = user.locked_until
    await record(
        uow,
        action,
        entity="user",
        entity_id=user.id,
        person_id=user.id,
        after={"status": user.status, "locked_until": until},
        reason=reason,
    )
