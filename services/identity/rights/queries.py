"""Every SELECT of rights: the facts about one person in one organization."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.grants.queries import list_entries, list_role_grants_of
from services.identity.memberships.queries import find_membership_of
from services.identity.organizations.queries import get_organization
from services.identity.permissions.model import Entry
from services.identity.rights.model import Facts
from services.identity.role_catalogue.model import shipped_entries
from services.identity.system_grants.queries import list_grants_of
from services.identity.users.queries import get_user


async def find_facts(session: AsyncSession, user_id: UUID, org_id: UUID, at: datetime) -> Facts:
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
        given = await list_role_grants_of(session, membership, at)
        roles += [membership.role, *(grant.role_key for grant in given if grant.role_key)]
        entries += await list_entries(session, membership, at)
    return Facts(
        account="active" if user.may_sign_in else user.status,
        is_organization_active=organization.is_active,
        is_member=is_member or bool(grants),
        modules=tuple(organization.modules),
        roles=(*roles, *grants),
        entries=(*entries, *shipped_entries(None, grants=grants)),
        is_privileged=bool(grants),
    )
