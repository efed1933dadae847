"""Every SELECT of sign-in sessions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.identity.sessions.model import SignInSession, digest


async def find_session(session: AsyncSession, secret: str) -> SignInSession | None:
    return await session.scalar(
        select(SignInSession)
        .options(joinedload(SignInSession.user, innerjoin=True))
        .where(SignInSession.secret_digest == digest(secret))
    )
