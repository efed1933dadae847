"""Every SELECT of rights: the facts about one person, or about all members, of an organization."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.identity.delegations.model import Delegation
from services.identity.delegations.queries import list_in_force
from services.identity.grants.queries import list_entries_of, list_role_grants_of, list_role_keys
from services.identity.memberships.model import Membership
from services.identity.memberships.queries import find_membership_of
from services.identity.organizations.model import Organization
from services.identity.organizations.queries import get_organization
from services.identity.permissions.model import Entry
from services.identity.rights.model import Facts, delegated
from services.identity.role_catalogue.model import shipped_entries
from services.identity.system_grants.model import SystemGrant
from services.identity.system_grants.queries import list_grants_of
from services.identity.users.model import User
from services.identity.users.queries import get_user


async def find_facts(session: AsyncSession, user_id: UUID, org_id: UUID, at: datetime) -> Facts:
    """Return all that decides, as a session that acts within the organization sees it."""
    user = await get_user(session, user_id)
    organization = await get_organization(session, org_id)
    membership = await find_membership_of(session, org_id, user_id)
    grants = [
        grant.kind for grant in await list_grants_of(session, user_id) if grant.org_id == org_id
    ]
    entries: list[Entry] = []
    roles: list[str] = []
    if membership is not None and membership.is_active:
        given = await list_role_grants_of(session, membership, at)
        roles += [membership.role, *(grant.role_key for grant in given if grant.role_key)]
        found = await list_entries_of(session, org_id, [membership], at, given=given)
        entries += found[membership.id]
        held = await list_in_force(session, org_id, [membership.id], at)
        if held:
            away = await _list_members(session, org_id, {one.delegator_id for one in held})
            entries += delegated(held, _named(await _own_facts(session, organization, away, at)))
    return _facts(user, organization, is_member=bool(roles), told=(roles, entries, grants))


async def list_facts(
    session: AsyncSession, org_id: UUID, at: datetime
) -> list[tuple[Membership, Facts]]:
    """Return the same for every active member of an organization, by name."""
    organization = await get_organization(session, org_id)
    members = await _list_members(session, org_id)
    own = await _own_facts(session, organization, members, at)
    held: dict[UUID, list[Delegation]] = {}
    for one in await list_in_force(session, org_id, [each.id for each in members], at):
        held.setdefault(one.membership_id, []).append(one)
    named = _named(own)
    return [
        (one, replace(facts, entries=(*facts.entries, *delegated(held.get(one.id, ()), named))))
        for one, facts in own
    ]


def _named(own: list[tuple[Membership, Facts]]) -> dict[UUID, tuple[str, Facts]]:
    return {one.user_id: (one.full_name, facts) for one, facts in own}


async def _list_members(
    session: AsyncSession, org_id: UUID, user_ids: Collection[UUID] | None = None
) -> list[Membership]:
    statement: Select[Membership] = (
        select(Membership)
        .options(joinedload(Membership.user, innerjoin=True))
        .join(Membership.user)
        .where(Membership.org_id == org_id, Membership.is_active)
        .order_by(User.full_name, Membership.id)
    )
    if user_ids is not None:
        statement = statement.where(Membership.user_id.in_(user_ids))
    return list(await session.scalars(statement))


async def _own_facts(
    session: AsyncSession, organization: Organization, members: list[Membership], at: datetime
) -> list[tuple[Membership, Facts]]:
    """Return the facts of members, without what others delegated to them."""
    org_id = organization.id
    entries = await list_entries_of(session, org_id, members, at)
    keys = await list_role_keys(session, org_id, entries, at)
    system: dict[UUID, list[str]] = {}
    for grant in await session.scalars(
        select(SystemGrant).where(SystemGrant.org_id == org_id, SystemGrant.revoked_at.is_(None))
    ):
        if grant.expires_at is None or grant.expires_at > at:
            system.setdefault(grant.user_id, []).append(grant.kind)
    return [
        (
            one,
            _facts(
                one.user,
                organization,
                is_member=True,
                told=(
                    [one.role, *keys.get(one.id, [])],
                    entries[one.id],
                    system.get(one.user_id, []),
                ),
            ),
        )
        for one in members
    ]


def _facts(
    user: User,
    organization: Organization,
    *,
    is_member: bool,
    told: tuple[list[str], list[Entry], list[str]],
) -> Facts:
    roles, entries, grants = told
    return Facts(
        account="active" if user.may_sign_in else user.status,
        is_organization_active=organization.is_active,
        is_member=is_member or bool(grants),
        modules=tuple(organization.modules),
        roles=(*roles, *grants),
        entries=(*entries, *shipped_entries(None, grants=grants)),
        is_privileged=bool(grants),
    )
