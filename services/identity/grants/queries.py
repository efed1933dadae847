"""Every SELECT of grants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

MOST_SHOWN = 500

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
    return (await list_entries_of(session, membership.org_id, [membership], at))[membership.id]


async def list_entries_of(
    session: AsyncSession,
    org_id: UUID,
    memberships: Sequence[Membership],
    at: datetime,
    *,
    given: Sequence[RoleGrant] | None = None,
) -> dict[UUID, list[Entry]]:
    """Return the same for many members of one organization, by membership, in four statements.

    `given` are their roles where somebody has read them already.
    """
    found = {one.id: list(shipped_entries(one.role, one.flags)) for one in memberships}
    for single in await _given_to(session, PermissionGrant, org_id, found, at):
        name = "A denial of the person" if single.is_denial else "A grant to the person"
        found[single.membership_id].append(
            Entry(single.pattern, Source.person, name, is_denial=single.is_denial)
        )
    if given is None:
        given = await _given_to(session, RoleGrant, org_id, found, at)
    own = any(grant.role_id for grant in given)
    known = await list_all_roles(session, org_id) if own else {}
    for grant in given:
        if grant.role_id is not None:
            found[grant.membership_id] += entries_of_role(known, grant.role_id, at)
        elif grant.role_key is not None:
            found[grant.membership_id] += functional_entries(grant.role_key)
    return found


async def _given_to(
    session: AsyncSession,
    kind: type[GrantT],
    org_id: UUID,
    membership_ids: Iterable[UUID],
    at: datetime,
) -> list[GrantT]:
    wanted = set(membership_ids)
    statement: Select[GrantT] = (
        select(kind).where(kind.org_id == org_id, _in_force(kind, at)).order_by(kind.id)
    )
    if len(wanted) <= MOST_SHOWN:
        statement = statement.where(kind.membership_id.in_(wanted))
    return [grant for grant in await session.scalars(statement) if grant.membership_id in wanted]


async def list_role_grants_of(
    session: AsyncSession, membership: Membership, at: datetime
) -> list[RoleGrant]:
    """Return the roles that a member has at a moment."""
    return await _given_to(session, RoleGrant, membership.org_id, [membership.id], at)


async def list_role_keys(
    session: AsyncSession, org_id: UUID, membership_ids: Iterable[UUID], at: datetime
) -> dict[UUID, list[str]]:
    """Return the shipped roles of members, by membership."""
    found: dict[UUID, list[str]] = {}
    for grant in await _given_to(session, RoleGrant, org_id, membership_ids, at):
        if grant.role_key is not None:
            found.setdefault(grant.membership_id, []).append(grant.role_key)
    return found


async def list_running_out(
    session: AsyncSession, kind: type[GrantT], before: datetime, at: datetime
) -> list[GrantT]:
    """Return what counts now and ends before a moment, the first to end first."""
    statement: Select[GrantT] = (
        select(kind)
        .where(kind.expires_at < before, _in_force(kind, at))
        .order_by(kind.expires_at, kind.id)
        .limit(MOST_SHOWN)
    )
    return list(await session.scalars(statement))


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
