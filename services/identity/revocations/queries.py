"""Every SELECT of revocations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.revocations.model import Revocation


def _meets(session_id: UUID | None, user_id: UUID, org_id: UUID) -> ColumnElement[bool]:
    whole = Revocation.organization_id.is_(None)
    return or_(
        Revocation.session_id == session_id,
        and_(Revocation.user_id == user_id, or_(whole, Revocation.organization_id == org_id)),
        and_(Revocation.organization_id == org_id, Revocation.user_id.is_(None)),
    )


async def find_last(
    session: AsyncSession, *, session_id: UUID | None, user_id: UUID, org_id: UUID, at: datetime
) -> datetime | None:
    """Return before which instant a token of these must not have been issued, if there is one."""
    return await session.scalar(
        select(func.max(Revocation.issued_before)).where(
            Revocation.expires_at > at, _meets(session_id, user_id, org_id)
        )
    )


async def find_last_overlapping(
    session: AsyncSession,
    *,
    session_id: UUID | None,
    user_id: UUID | None,
    org_id: UUID | None,
    at: datetime,
) -> datetime | None:
    """Return the latest instant after which a token that both could meet may have been dated."""
    named = (
        (Revocation.session_id, session_id),
        (Revocation.user_id, user_id),
        (Revocation.organization_id, org_id),
    )
    return await session.scalar(
        select(func.max(Revocation.issued_before)).where(
            Revocation.expires_at > at,
            *(or_(column.is_(None), column == value) for column, value in named if value),
        )
    )


async def list_live(
    session: AsyncSession, at: datetime, *, after: UUID | None = None, most: int = 2000
) -> Sequence[Revocation]:
    """Return what still matters, in the order of making, a page at a time."""
    statement = select(Revocation).where(Revocation.expires_at > at)
    if after is not None:
        statement = statement.where(Revocation.id > after)
    return (await session.scalars(statement.order_by(Revocation.id).limit(most))).all()


async def list_made_since(
    session: AsyncSession, since: datetime, *, most: int
) -> Sequence[Revocation]:
    return (
        await session.scalars(
            select(Revocation)
            .where(Revocation.created_at >= since)
            .order_by(Revocation.id.desc())
            .limit(most)
        )
    ).all()


async def forget_over(session: AsyncSession, at: datetime) -> None:
    """Forget what no token can be old enough for any more."""
    await session.execute(delete(Revocation).where(Revocation.expires_at <= at))
