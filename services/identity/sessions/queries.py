"""Every SELECT of sign-in sessions."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.identity.sessions.model import ABSOLUTE, IDLE, SignInSession, digest


async def find_session(session: AsyncSession, secret: str) -> SignInSession | None:
    return await session.scalar(
        select(SignInSession)
        .options(joinedload(SignInSession.user, innerjoin=True))
        .where(SignInSession.secret_digest == digest(secret))
    )


async def list_open_sessions(
    session: AsyncSession, user_id: UUID, at: datetime
) -> list[SignInSession]:
    """Return a person's sessions that still prove something, the one used last first."""
    rows = await session.scalars(
        select(SignInSession)
        .where(
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.awaits.is_(None),
            SignInSession.last_seen_at > at - IDLE,
            SignInSession.signed_in_at > at - ABSOLUTE,
        )
        .order_by(SignInSession.last_seen_at.desc())
    )
    return list(rows)


async def list_unended(
    session: AsyncSession, *, session_id: UUID | None = None, user_id: UUID | None = None
) -> list[SignInSession]:
    """Return the sessions that nobody has ended: one by its id, or all of a person."""
    statement = select(SignInSession).where(SignInSession.ended_at.is_(None))
    if session_id is not None:
        statement = statement.where(SignInSession.id == session_id)
    if user_id is not None:
        statement = statement.where(SignInSession.user_id == user_id)
    if session_id is None and user_id is None:
        return []
    return list(await session.scalars(statement.with_for_update()))
