"""Every SELECT of password resets, and the statement that uses one up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.password_resets.model import PasswordReset


async def count_open(session: AsyncSession, user_id: UUID, at: datetime) -> int:
    count = await session.scalar(
        select(func.count())
        .select_from(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.expires_at > at)
    )
    return count or 0


async def find_open_reset(session: AsyncSession, digest: str, at: datetime) -> PasswordReset | None:
    return await session.scalar(
        select(PasswordReset).where(
            PasswordReset.secret_digest == digest,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > at,
        )
    )


async def use_reset(session: AsyncSession, digest: str, at: datetime) -> UUID | None:
    """Use a link up, in one statement; return whose it was, or None when it is not open."""
    return await session.scalar(
        update(PasswordReset)
        .where(
            PasswordReset.secret_digest == digest,
            PasswordReset.used_at.is_(None),
            PasswordReset.expires_at > at,
        )
        .values(used_at=at)
        .returning(PasswordReset.user_id)
        .execution_options(synchronize_session=False)
    )


async def use_others(session: AsyncSession, user_id: UUID, at: datetime) -> None:
    """Close every other link of a person."""
    await session.execute(
        update(PasswordReset)
        .where(PasswordReset.user_id == user_id, PasswordReset.used_at.is_(None))
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
