"""Every SELECT of rights: the facts about one person in one organization."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.memberships.queries import find_membership_of
from services.identity.organizations.queries import get_organization
from services.identity.rights.model import Entry, Facts, shipped_entries
from services.identity.system_grants.queries import list_grants_of
from services.identity.users.queries import get_user


async def find_facts(session: AsyncSession, user_id: UUID, org_id: UUID) -> Facts:
    """Return all that decides, as a session that acts within the organization sees it."""
    user = await get_user(session, user_id)
    organization = await get_organization(session, org_id)
    membership = await find_membership_of(session, org_id, user_id)
    is_member = membership is not None and membership.is_active
    grants = [
        grant.kind for grant in await list_grants_of(session, user_id) if grant.org_id == org_id
    ]
    entries: list[Entry] = []
    roles: list[str] = []
    if membership is not None and membership.is_active:
        roles.append(membership.role)
        entries += shipped_entries(membership.role, membership.flags)
    return Facts(
        account="active" if user.may_sign_in else user.status,
        is_organization_active=organization.is_active,
        is_member=is_member or bool(grants),
        modules=tuple(organization.modules),
        roles=(*roles, *grants),
        entries=(*entries, *shipped_entries(None, grants=grants)),
        is_privileged=bool(grants),
    )
