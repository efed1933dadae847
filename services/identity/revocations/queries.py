"""Every SELECT of revocations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    bindparam,
    delete,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.revocations.model import Revocation


class Whose(TypedDict):
    """Whose token it is."""

    session_id: UUID | None
    user_id: UUID
    org_id: UUID


def _meets(session_id: UUID | None, user_id: UUID, org_id: UUID) -> ColumnElement[bool]:
    whole = Revocation.organization_id.is_(None)
    # Without a session nothing of sessions meets: `= NULL` would be read as IS NULL, as everyone's.
    of_session = false() if session_id is None else Revocation.session_id == session_id
    return or_(
        of_session,
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


async def count_meeting(
    session: AsyncSession, *, session_id: UUID | None, user_id: UUID, org_id: UUID
) -> int:
    found = await session.scalar(
        select(func.count()).select_from(Revocation).where(_meets(session_id, user_id, org_id))
    )
    return found or 0


async def hold(session: AsyncSession, whose: UUID | None) -> None:
    """Show until the end of this transaction that something of theirs is being taken away.

    Nobody ever waits for it: whoever issues a token looks whether somebody holds it.
    """
    key = func.hashtextextended(f"revocation {whose}", 0)
    await session.execute(select(func.pg_advisory_xact_lock_shared(key)))


async def is_held(session: AsyncSession, *whose: UUID | None) -> bool:
    """Tell whether a transaction that is not over yet takes something of theirs away."""
    found = await session.scalar(
        text(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND ((classid::bigint << 32) | objid::bigint) IN"
            " (SELECT hashtextextended('revocation ' || one, 0) FROM unnest(:whose) AS one))"
        ).bindparams(bindparam("whose", type_=ARRAY(Text))),
        {"whose": [str(each) for each in whose if each is not None]},
    )
    return bool(found)


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
