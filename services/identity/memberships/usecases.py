"""What can be done with memberships: add one, change one, and tell who one is."""

from __future__ import annotations

from uuid import UUID

from libs.outbox.uow import UnitOfWork
from services.identity.memberships import queries
from services.identity.memberships.events import MembershipAdded, MembershipChanged
from services.identity.memberships.model import (
    AlreadyMember,
    LastAdministrator,
    Membership,
    MembershipRole,
)
from services.identity.memberships.schemas import (
    MembershipChange,
    MeRead,
    OrganizationBrief,
    OwnMembership,
    UserRead,
)
from services.identity.organizations.queries import get_organization
from services.identity.users.model import User
from services.identity.users.queries import get_user


async def add_member(
    uow: UnitOfWork, user: User, role: MembershipRole, *, is_primary: bool, flags: list[str]
) -> Membership:
    """Let a user act for the acting organization; they can join it only once."""
    if await queries.find_membership_of(uow.session, uow.actor.org_id, user.id):
        raise AlreadyMember
    membership = Membership(
        user=user,
        user_id=user.id,
        role=role.value,
        is_primary=is_primary,
        joined_on=uow.now().date(),
        **dict.fromkeys(flags, True),
    )
    uow.session.add(membership)
    await uow.session.flush()
    uow.publish(MembershipAdded.model_validate(membership), of=membership)
    return membership


async def change_membership(
    uow: UnitOfWork, membership_id: UUID, change: MembershipChange
) -> Membership:
    """Change a colleague's role or flags; the next token that they get says so."""
    # The organization's row is the lock of its administrators: two at once cannot both resign.
    await get_organization(uow.session, uow.actor.org_id, lock=True)
    membership = await queries.get_membership(
        uow.session, uow.actor.org_id, membership_id, lock=True
    )
    uow.expect(membership)
    counted = membership.is_active_admin
    membership.change(change.model_dump(mode="json", exclude_unset=True), by=uow.actor)
    if counted and not membership.is_active_admin:
        await uow.session.flush()
        if await queries.count_active_admins(uow.session, uow.actor.org_id) == 0:
            raise LastAdministrator
    uow.publish(MembershipChanged.model_validate(membership), of=membership)
    return membership


async def tell_me(uow: UnitOfWork) -> MeRead:
    """Tell a person who they are here, as their token says and as the register knows it."""
    actor = uow.actor
    organization = await get_organization(uow.session, actor.org_id)
    own = await queries.list_own_memberships(uow.session, actor.user_id)
    return MeRead(
        user=UserRead.model_validate(await get_user(uow.session, actor.user_id)),
        memberships=[
            OwnMembership(
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
