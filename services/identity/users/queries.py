"""Every SELECT of users."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.users.model import User, UserNotFound


async def find_user_by_email(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


async def find_user_by_username(session: AsyncSession, username: str) -> User | None:
    return await session.scalar(
        select(User).where(func.lower(User.username) == username.strip().lower())
    )


async def find_user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def get_user(session: AsyncSession, user_id: UUID, *, lock: bool = False) -> User:
    user = await session.get(User, user_id, with_for_update=lock or None, populate_existing=lock)
    if user is None:
        raise UserNotFound
    return user
