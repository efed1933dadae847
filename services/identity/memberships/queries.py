"""Every SELECT of memberships.

A person's own memberships are visible from every organization, so each query of one organization's
members names it: the policy alone would add the caller's other memberships to the list.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from libs.chassis.paging import Rows, page
from services.identity.memberships.model import Membership, MembershipNotFound, MembershipRole
from services.identity.memberships.schemas import MembershipListParams
from services.identity.organizations.model import Organization
from services.identity.system_grants.queries import list_grants_of
from services.identity.users.model import User, UserStatus


async def list_memberships(
    session: AsyncSession, org_id: UUID, params: MembershipListParams
) -> Rows[Membership]:
    statement = (
        select(Membership)
        .options(joinedload(Membership.user, innerjoin=True))
        .where(Membership.org_id == org_id)
    )
    if params.role is not None:
        statement = statement.where(Membership.role == params.role.value)
    if params.is_active is not None:
        statement = statement.where(Membership.is_active.is_(params.is_active))
    return await page(session, statement, Membership, params)


async def get_membership(
    session: AsyncSession, org_id: UUID, membership_id: UUID, *, lock: bool = False
) -> Membership:
    statement = (
        select(Membership)
        .options(joinedload(Membership.user, innerjoin=True))
        .where(Membership.org_id == org_id, Membership.id == membership_id)
    )
    if lock:
        statement = statement.with_for_update(of=Membership)
    membership = await session.scalar(statement)
    if membership is None:
        raise MembershipNotFound
    return membership


async def find_membership_of(
    session: AsyncSession, org_id: UUID, user_id: UUID
) -> Membership | None:
    """Return a person's membership here: the active one, or the last that ended."""
    return await session.scalar(
        select(Membership)
        .where(Membership.org_id == org_id, Membership.user_id == user_id)
        .order_by(Membership.is_active.desc(), Membership.id.desc())
        .limit(1)
    )


async def list_administrators(session: AsyncSession, org_id: UUID) -> list[User]:
    """Return who administers an organization and can sign in, at the latest when a lock ends."""
    rows = await session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.org_id == org_id,
            Membership.is_active,
            Membership.role == MembershipRole.admin.value,
            or_(
                User.status == UserStatus.active.value,
                (User.status == UserStatus.locked.value) & User.locked_until.is_not(None),
            ),
        )
    )
    return list(rows)


async def count_active_admins(session: AsyncSession, org_id: UUID) -> int:
    return len(await list_administrators(session, org_id))


async def list_own_memberships(
    session: AsyncSession, user_id: UUID
) -> list[tuple[Membership, Organization]]:
    """Return a person's memberships with their organizations, the primary one first."""
    rows = await session.execute(
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.org_id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.is_primary.desc(), Organization.code)
    )
    return [(membership, organization) for membership, organization in rows]


async def list_open_organizations(session: AsyncSession, user_id: UUID) -> list[Organization]:
    """Return the organizations a person may act for now; the one to take unasked comes first."""
    own = await list_own_memberships(session, user_id)
    open_to = {
        organization.id: organization
        for membership, organization in own
        if membership.is_active and organization.is_active
    }
    granted = {grant.org_id for grant in await list_grants_of(session, user_id)} - set(open_to)
    if granted:
        found = await session.scalars(
            select(Organization)
            .where(Organization.id.in_(granted), Organization.is_active)
            .order_by(Organization.code)
        )
        open_to |= {organization.id: organization for organization in found}
    return list(open_to.values())
