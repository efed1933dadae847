"""What can be done with memberships: add, change and end one, and tell who one is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.audit_events.usecases import record
from services.identity.memberships import events, queries
from services.identity.memberships.events import MembershipState
from services.identity.memberships.model import (
    AlreadyMember,
    LastAdministrator,
    Membership,
    MembershipNotFound,
    MembershipRole,
    NotAUser,
    OwnRights,
    check_appointment,
)
from services.identity.memberships.schemas import (
    MembershipChange,
    MembershipCreate,
    MeRead,
    OrganizationBrief,
    OwnMembership,
    UserRead,
)
from services.identity.organizations.queries import get_organization
from services.identity.revocations.usecases import revoke
from services.identity.role_catalogue.model import FLAGS
from services.identity.users.model import User
from services.identity.users.queries import find_user_by_email, get_user
from services.identity.users.usecases import become


async def add_member(
    uow: UnitOfWork,
    user: User,
    role: MembershipRole,
    *,
    is_primary: bool,
    flags: list[str],
    **more: Any,
) -> Membership:
    """Let a user act for the acting organization; `more` is position, department, invited_by.

    They can join it only once at a time. Whether the actor may give so much is checked by whoever
    lets an actor decide (`check_appointment`).
    """
    known = await queries.find_membership_of(uow.session, uow.actor.org_id, user.id)
    if known is not None and known.is_active:
        raise AlreadyMember
    membership = Membership(
        user=user,
        user_id=user.id,
        role=MembershipRole(role).value,
        is_primary=is_primary,
        joined_on=uow.today(),
        **dict.fromkeys(flags, True),
        **more,
    )
    uow.session.add(membership)
    await uow.session.flush()
    uow.publish(events.MembershipAdded.model_validate(membership), of=membership)
    await _record(uow, "membership.added", membership, after=_state(membership))
    return membership


async def create_membership(uow: UnitOfWork, body: MembershipCreate) -> Membership:
    """Bring someone who has an account into the organization; nobody gives more than is theirs."""
    flags = [flag for flag in FLAGS if getattr(body, flag)]
    check_appointment(uow.actor, body.role, flags)
    user = await find_user_by_email(uow.session, body.email)
    if user is None or not user.is_active:
        raise NotAUser
    if user.id == uow.actor.user_id:
        raise OwnRights
    return await add_member(
        uow,
        user,
        body.role,
        is_primary=not await has_primary(uow, user),
        flags=flags,
        position=body.position,
        department=body.department,
        invited_by=uow.actor.user_id,
    )


async def change_membership(
    uow: UnitOfWork, membership_id: UUID, change: MembershipChange
) -> Membership:
    """Change a colleague's role or flags; what they lost is refused within seconds."""
    membership = await _locked(uow, membership_id)
    counted, before, held = membership.is_active_admin, _state(membership), membership.patterns
    membership.change(change.model_dump(mode="json", exclude_unset=True), by=uow.actor)
    await uow.session.flush()
    await _keep_administrator(uow, membership, counted=counted)
    uow.publish(events.MembershipChanged.model_validate(membership), of=membership)
    await _record(uow, "membership.changed", membership, before=before, after=_state(membership))
    if membership.lacks_any_of(held):
        await _void(uow, membership, "the membership allows less")
    return membership


async def end_membership(uow: UnitOfWork, membership_id: UUID, reason: str) -> Membership:
    """End a colleague's membership; they act for the organization no more, from now on."""
    membership = await _locked(uow, membership_id)
    counted, before = membership.is_active_admin, _state(membership)
    membership.end(by=uow.actor, on=uow.today())
    await uow.session.flush()
    await _keep_administrator(uow, membership, counted=counted)
    uow.publish(events.MembershipEnded.model_validate(membership), of=membership)
    await _record(
        uow, "membership.ended", membership, before=before, after=_state(membership), reason=reason
    )
    await _void(uow, membership, "the membership ended")
    return membership


async def make_primary(uow: UnitOfWork, membership_id: UUID) -> MeRead:
    """Let a person say for which of their organizations they act unless they say otherwise."""
    own = await queries.list_own_memberships(uow.session, uow.actor.user_id)
    chosen = next((row for row, _ in own if row.id == membership_id and row.is_active), None)
    if chosen is None:
        raise MembershipNotFound
    asking = uow.actor
    former = [row for row, _ in own if row.is_primary and row is not chosen]
    for row, is_primary in (*((row, False) for row in former), (chosen, True)):
        await become(uow, replace(asking, org_id=row.org_id))
        if row.is_primary is not is_primary:
            row.is_primary = is_primary
            await uow.session.flush()
            uow.publish(events.MembershipChanged.model_validate(row), of=row)
    await become(uow, asking)
    return await tell_me(uow)


async def has_primary(uow: UnitOfWork, user: User) -> bool:
    """Tell whether a person has an active primary membership anywhere, whoever asks."""
    asking = uow.actor
    await become(uow, user.as_person())
    own = await queries.list_own_memberships(uow.session, user.id)
    await become(uow, asking)
    return any(membership.is_primary and membership.is_active for membership, _ in own)


async def _locked(uow: UnitOfWork, membership_id: UUID) -> Membership:
    # The organization's row is the lock of its administrators: two at once cannot both resign.
    await get_organization(uow.session, uow.actor.org_id, lock=True)
    membership = await queries.get_membership(
        uow.session, uow.actor.org_id, membership_id, lock=True
    )
    uow.expect(membership)
    return membership


async def _keep_administrator(uow: UnitOfWork, membership: Membership, *, counted: bool) -> None:
    if (
        counted
        and not membership.is_active_admin
        and await queries.count_active_admins(uow.session, uow.actor.org_id) == 0
    ):
        raise LastAdministrator


async def _void(uow: UnitOfWork, membership: Membership, reason: str) -> None:
    await revoke(uow, user_id=membership.user_id, org_id=membership.org_id, reason=reason)


def _state(membership: Membership) -> dict[str, Any]:
    return MembershipState.model_validate(membership).model_dump(exclude={"id", "user_id"})


async def _record(uow: UnitOfWork, action: str, membership: Membership, **what: Any) -> None:
    await record(
        uow,
        action,
        entity="membership",
        entity_id=membership.id,
        person_id=membership.user_id,
        **what,
    )


async def tell_me(uow: UnitOfWork) -> MeRead:
    """Tell a person who they are here, as their token says and as the register knows it."""
    actor = uow.actor
    organization = await get_organization(uow.session, actor.org_id)
    own = await queries.list_own_memberships(uow.session, actor.user_id)
    return MeRead(
        user=UserRead.model_validate(await get_user(uow.session, actor.user_id)),
        memberships=[
            OwnMembership(
                id=membership.id,
                organization=OrganizationBrief.model_validate(other),
                role=MembershipRole(membership.role),
                flags=membership.flags,
                is_primary=membership.is_primary,
                is_active=membership.is_active,
            )
            for membership, other in own
        ],
        organization=OrganizationBrief.model_validate(organization),
        roles=sorted(actor.roles),
        permissions=list(actor.permissions),
        modules=sorted(actor.modules),
    )
