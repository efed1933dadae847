"""What can be done with grants: give a role or a right, deny a right, and take each back.

Whoever gives must have it to give; nobody gives to themselves, nor to a role that they have.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from libs.refusals import Refusal
from services.identity.audit_events.usecases import record
from services.identity.grants import events, queries
from services.identity.grants.model import (
    GrantEndsInPast,
    GrantHeld,
    GrantNotFound,
    OneRoleOnly,
    OwnGrant,
    PermissionGrant,
    Revocable,
    RoleGrant,
)
from services.identity.grants.schemas import (
    ManyMembers,
    MemberOutcome,
    PermissionGrantCreate,
    RoleGrantCreate,
    RoleGrantsAssign,
    RoleGrantsReport,
)
from services.identity.incompatible_duties.model import DutiesIncompatible, Effect, conflicts
from services.identity.incompatible_duties.queries import list_incompatible_duties
from services.identity.memberships.model import Membership, MembershipEnded
from services.identity.memberships.queries import get_membership
from services.identity.permissions.model import Entry, Source
from services.identity.revocations.usecases import revoke
from services.identity.role_catalogue.model import check_delegable, functional_entries
from services.identity.roles.model import entries_of_role
from services.identity.roles.queries import get_role, list_all_roles


async def create_role_grant(uow: UnitOfWork, body: RoleGrantCreate) -> RoleGrant:
    """Give a member a role, for good or until a time; nobody gives one to themselves."""
    if (body.role_key is None) == (body.role_id is None):
        raise OneRoleOnly
    membership = await _member(uow, body.membership_id)
    added = await _entries(uow, body.role_key, body.role_id)
    check_delegable(uow.actor, (entry.pattern for entry in added if not entry.is_denial))
    warnings = await check_duties(uow, membership, added)
    held = await queries.find_role_grant(uow.session, membership.id, body.role_key, body.role_id)
    await _make_room(uow, held)
    grant = RoleGrant(user_id=membership.user_id, **body.model_dump())
    _check_term(uow, grant)
    uow.session.add(grant)
    await uow.session.flush()
    grant.warn(warnings)
    uow.publish(events.RoleGranted.model_validate(grant), of=grant)
    await _record(uow, "role.granted", grant, body.reason, after=body.model_dump())
    return grant


async def place_in_role(
    uow: UnitOfWork, membership: Membership, role_key: str, reason: str
) -> RoleGrant:
    """Give a new member a shipped role that was decided on before they came.

    Whoever decided was checked then; what must not meet in one hand is refused now as well.
    """
    warnings = await check_duties(uow, membership, list(functional_entries(role_key)))
    grant = RoleGrant(
        membership_id=membership.id, user_id=membership.user_id, role_key=role_key, reason=reason
    )
    uow.session.add(grant)
    await uow.session.flush()
    grant.warn(warnings)
    uow.publish(events.RoleGranted.model_validate(grant), of=grant)
    await _record(uow, "role.granted", grant, reason, after={"role_key": role_key})
    return grant


async def revoke_role_grant(uow: UnitOfWork, role_grant_id: UUID, reason: str) -> RoleGrant:
    """Take a role from a member; what they held by it alone is refused within seconds."""
    grant = await queries.get_grant(uow.session, RoleGrant, role_grant_id, lock=True)
    uow.expect(grant)
    _check_not_own(uow, grant.user_id)
    check_lifting(uow, await _entries(uow, grant.role_key, grant.role_id, in_use=False))
    grant.revoke(reason, by=uow.actor.user_id, at=uow.now())
    uow.publish(events.RoleRevoked.model_validate(grant), of=grant)
    await _record(uow, "role.revoked", grant, reason)
    await void(uow, [grant.user_id], "a role was taken away")
    return grant


async def assign_role_grants(uow: UnitOfWork, body: RoleGrantsAssign) -> RoleGrantsReport:
    """Give many members a role at once; for whom it is refused is told, and the others have it."""
    role = body.model_dump(exclude={"membership_ids"})

    async def give(membership_id: UUID) -> None:
        await create_role_grant(uow, RoleGrantCreate(membership_id=membership_id, **role))

    return await _each(uow, body, give)


async def remove_role_grants(uow: UnitOfWork, body: ManyMembers) -> RoleGrantsReport:
    """Take a role from many members at once; who does not have it is told."""

    async def take(membership_id: UUID) -> None:
        held = await queries.find_role_grant(
            uow.session, membership_id, body.role_key, body.role_id
        )
        if held is None:
            raise GrantNotFound
        await revoke_role_grant(uow, held.id, body.reason)

    return await _each(uow, body, take)


async def _each(
    uow: UnitOfWork, body: ManyMembers, act: Callable[[UUID], Awaitable[None]]
) -> RoleGrantsReport:
    if (body.role_key is None) == (body.role_id is None):
        raise OneRoleOnly
    outcomes = []
    for membership_id in dict.fromkeys(body.membership_ids):
        code = detail = ""
        try:
            async with uow.attempt():
                await act(membership_id)
        except Refusal as refusal:
            code, detail = refusal.code(), refusal.detail or refusal.title
        outcomes.append(
            MemberOutcome(membership_id=membership_id, is_done=not code, code=code, detail=detail)
        )
    done = sum(each.is_done for each in outcomes)
    return RoleGrantsReport(done=done, refused=len(outcomes) - done, outcomes=outcomes)


async def create_permission_grant(uow: UnitOfWork, body: PermissionGrantCreate) -> PermissionGrant:
    """Give or deny a member one right, for a reason; a denial wins over every grant."""
    membership = await _member(uow, body.membership_id)
    entry = Entry(body.pattern, Source.person, "The grant", is_denial=body.is_denial)
    warnings: list[str] = []
    if not body.is_denial:
        check_delegable(uow.actor, [body.pattern])
        warnings = await check_duties(uow, membership, [entry])
    held = await queries.find_permission_grant(uow.session, membership.id, body.pattern)
    await _make_room(uow, held)
    grant = PermissionGrant(user_id=membership.user_id, **body.model_dump())
    _check_term(uow, grant)
    uow.session.add(grant)
    await uow.session.flush()
    grant.warn(warnings)
    told = events.PermissionDenied if body.is_denial else events.PermissionGranted
    uow.publish(told.model_validate(grant), of=grant)
    action = "permission.denied" if body.is_denial else "permission.granted"
    await _record(uow, action, grant, body.reason, after=body.model_dump())
    if body.is_denial:
        await void(uow, [grant.user_id], "a right was denied")
    return grant


async def revoke_permission_grant(
    uow: UnitOfWork, permission_grant_id: UUID, reason: str
) -> PermissionGrant:
    """Take back a right or a denial; lifting a denial is giving, and needs as much."""
    grant = await queries.get_grant(uow.session, PermissionGrant, permission_grant_id, lock=True)
    uow.expect(grant)
    _check_not_own(uow, grant.user_id)
    if grant.is_denial:
        check_delegable(uow.actor, [grant.pattern])
    grant.revoke(reason, by=uow.actor.user_id, at=uow.now())
    uow.publish(events.PermissionRevoked.model_validate(grant), of=grant)
    await _record(uow, "permission.revoked", grant, reason)
    if not grant.is_denial:
        await void(uow, [grant.user_id], "a right was taken away")
    return grant


async def check_duties(
    uow: UnitOfWork, membership: Membership, added: Collection[Entry]
) -> list[str]:
    """Refuse what one person must not hold together with the rest; return what they should not."""
    known = await queries.list_entries(uow.session, membership, uow.now())
    found = conflicts(await list_incompatible_duties(uow.session), known, added)
    for duty in found:
        if duty.effect == Effect.refuse:
            raise DutiesIncompatible(f"{duty.first} and {duty.second}: {duty.reason}")
    return [f"{duty.first} and {duty.second}: {duty.reason}" for duty in found]


def check_lifting(uow: UnitOfWork, lifted: Iterable[Entry]) -> None:
    """Refuse to take off a denial of what is not the actor's to give."""
    check_delegable(uow.actor, (entry.pattern for entry in lifted if entry.is_denial))


async def void(uow: UnitOfWork, people: Iterable[UUID], reason: str) -> None:
    """Have every service refuse what these members' tokens said until now."""
    for user_id in people:
        await revoke(uow, user_id=user_id, org_id=uow.actor.org_id, reason=reason)


async def _member(uow: UnitOfWork, membership_id: UUID) -> Membership:
    membership = await get_membership(uow.session, uow.actor.org_id, membership_id, lock=True)
    if not membership.is_active:
        raise MembershipEnded
    _check_not_own(uow, membership.user_id)
    return membership


def _check_not_own(uow: UnitOfWork, user_id: UUID) -> None:
    if user_id == uow.actor.user_id:
        raise OwnGrant


async def _entries(
    uow: UnitOfWork, role_key: str | None, role_id: UUID | None, *, in_use: bool = True
) -> list[Entry]:
    """Return what a role grants and denies, its parents included."""
    if role_key is not None:
        return list(functional_entries(role_key))
    assert role_id is not None
    role = await get_role(uow.session, role_id)
    if in_use:
        role.check_in_use()
    known = await list_all_roles(uow.session, uow.actor.org_id)
    return list(entries_of_role(known, role_id, uow.now()))


async def _make_room(uow: UnitOfWork, held: RoleGrant | PermissionGrant | None) -> None:
    """Refuse a second grant of the same; one that has run out is closed first."""
    if held is None:
        return
    if held.is_in_force(uow.now()):
        raise GrantHeld
    held.revoke("It had run out.", by=uow.actor.user_id, at=uow.now())
    await uow.session.flush()


def _check_term(uow: UnitOfWork, grant: Revocable) -> None:
    if grant.expires_at is not None and grant.expires_at <= uow.now():
        raise GrantEndsInPast(pointer="/body/expires_at")


async def _record(
    uow: UnitOfWork,
    action: str,
    grant: RoleGrant | PermissionGrant,
    reason: str,
    after: dict[str, Any] | None = None,
) -> None:
    await record(
        uow,
        action,
        entity="grant",
        entity_id=grant.id,
        person_id=grant.user_id,
        after=after,
        reason=reason,
    )
