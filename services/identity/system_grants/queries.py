"""Every SELECT of system grants: a person sees their own, an organization its own."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.system_grants.model import SystemGrant
from services.identity.users.model import User, UserStatus


async def list_grants_of(session: AsyncSession, user_id: UUID) -> list[SystemGrant]:
    """Return what a user has been granted and not lost, wherever the session may look."""
    rows = await session.scalars(
        select(SystemGrant)
        .where(
            SystemGrant.user_id == user_id,
            SystemGrant.revoked_at.is_(None),
            or_(SystemGrant.expires_at.is_(None), SystemGrant.expires_at > session.info["now"]),
        )
        .order_by(SystemGrant.kind)
    )
    return list(rows)


async def list_grants_in(session: AsyncSession, org_id: UUID) -> list[SystemGrant]:
    rows = await session.scalars(
        select(SystemGrant).where(SystemGrant.org_id == org_id).order_by(SystemGrant.id)
    )
    return list(rows)


async def list_holders(session: AsyncSession, org_id: UUID, kind: str) -> list[User]:
    """Return who holds a right here now, and can be written to."""
    rows = await session.scalars(
        select(User)
        .join(SystemGrant, SystemGrant.user_id == User.id)
        .where(
            SystemGrant.org_id == org_id,
            SystemGrant.kind == str(kind),
            SystemGrant.revoked_at.is_(None),
            or_(SystemGrant.expires_at.is_(None), SystemGrant.expires_at > session.info["now"]),
            User.status.in_((UserStatus.active.value, UserStatus.locked.value)),
        )
        .order_by(User.id)
    )
    return list(rows)


async def find_grant(
    session: AsyncSession, org_id: UUID, system_grant_id: UUID
) -> SystemGrant | None:
    return await session.scalar(
        select(SystemGrant)
        .where(SystemGrant.org_id == org_id, SystemGrant.id == system_grant_id)
        .with_for_update()
    )


async def find_standing(
    session: AsyncSession, org_id: UUID, user_id: UUID, kind: str
) -> SystemGrant | None:
    """Return a grant that was not taken back, whether or not it has run out."""
    return await session.scalar(
        select(SystemGrant).where(
            SystemGrant.org_id == org_id,
            SystemGrant.user_id == user_id,
            SystemGrant.kind == str(kind),
            SystemGrant.revoked_at.is_(None),
        )
    )
