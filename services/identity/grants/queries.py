"""Every SELECT of grants."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.grants.model import GrantNotFound, PermissionGrant, RoleGrant
from services.identity.grants.schemas import GrantListParams
from services.identity.memberships.model import Membership
from services.identity.permissions.model import Entry, Source
from services.identity.role_catalogue.model import functional_entries, shipped_entries
from services.identity.roles.model import entries_of_role
from services.identity.roles.queries import list_all_roles

GrantT = TypeVar("GrantT", RoleGrant, PermissionGrant)


async def list_grants(
    session: AsyncSession, kind: type[GrantT], params: GrantListParams
) -> Rows[GrantT]:
    statement: Select[GrantT] = select(kind)
    if params.membership_id is not None:
        statement = statement.where(kind.membership_id == params.membership_id)
    if params.in_force is not None:
        counts = _in_force(kind, session.info["now"])
        statement = statement.where(counts if params.in_force else ~counts)
    if params.expires_before is not None:
        statement = statement.where(
            kind.expires_at < params.expires_before, _in_force(kind, session.info["now"])
        )
    return await page(session, statement, kind, params)


async def get_grant(
    session: AsyncSession, kind: type[GrantT], grant_id: UUID, *, lock: bool = False
) -> GrantT:
    statement: Select[GrantT] = select(kind).where(kind.id == grant_id)
    if lock:
        statement = statement.with_for_update(of=kind)
    grant = await session.scalar(statement)
    if grant is None:
        raise GrantNotFound
    return grant


async def find_role_grant(
    session: AsyncSession, membership_id: UUID, role_key: str | None, role_id: UUID | None
) -> RoleGrant | None:
    return await session.scalar(
        select(RoleGrant).where(
            RoleGrant.membership_id == membership_id,
            RoleGrant.role_key.is_not_distinct_from(role_key),
            RoleGrant.role_id.is_not_distinct_from(role_id),
            RoleGrant.revoked_at.is_(None),
        )
    )


async def find_permission_grant(
    session: AsyncSession, membership_id: UUID, pattern: str
) -> PermissionGrant | None:
    return await session.scalar(
        select(PermissionGrant).where(
            PermissionGrant.membership_id == membership_id,
            PermissionGrant.pattern == pattern,
            PermissionGrant.revoked_at.is_(None),
        )
    )


async def list_entries(session: AsyncSession, membership: Membership, at: datetime) -> list[Entry]:
    """Return all that a membership and what was given on top of it grant and deny at a moment."""
    entries = list(shipped_entries(membership.role, membership.flags))
    here = membership.org_id, membership.id
    singles = await session.scalars(
        select(PermissionGrant).where(
            PermissionGrant.org_id == here[0],
            PermissionGrant.membership_id == here[1],
            _in_force(PermissionGrant, at),
        )
    )
    for single in singles:
        name = "A denial of the person" if single.is_denial else "A grant to the person"
        entries.append(Entry(single.pattern, Source.person, name, is_denial=single.is_denial))
    given = list(await list_role_grants_of(session, membership, at))
    known = (
        await list_all_roles(session, membership.org_id)
        if any(grant.role_id for grant in given)
        else {}
    )
    for grant in given:
        if grant.role_id is not None:
            entries += entries_of_role(known, grant.role_id, at)
        elif grant.role_key is not None:
            entries += functional_entries(grant.role_key)
    return entries


async def list_role_grants_of(
    session: AsyncSession, membership: Membership, at: datetime
) -> list[RoleGrant]:
    """Return the roles that a member has at a moment."""
    rows = await session.scalars(
        select(RoleGrant)
        .where(
            RoleGrant.org_id == membership.org_id,
            RoleGrant.membership_id == membership.id,
            _in_force(RoleGrant, at),
        )
        .order_by(RoleGrant.id)
    )
    return list(rows)


async def list_holders(
    session: AsyncSession, role_ids: set[UUID], at: datetime
) -> list[Membership]:
    """Return the active members who have one of these roles."""
    rows = await session.scalars(
        select(Membership)
        .join(
            RoleGrant,
            and_(RoleGrant.org_id == Membership.org_id, RoleGrant.membership_id == Membership.id),
        )
        .where(RoleGrant.role_id.in_(role_ids), _in_force(RoleGrant, at), Membership.is_active)
        .order_by(Membership.id)
        .distinct()
    )
    return list(rows)


def _in_force(kind: type[GrantT], at: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return and_(kind.revoked_at.is_(None), or_(kind.expires_at.is_(None), kind.expires_at > at))
