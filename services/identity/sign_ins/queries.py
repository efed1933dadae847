"""Every SELECT of a sign-in."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.users.model import User
from services.identity.users.queries import find_user_by_email, find_user_by_username


async def find_user_by_login(session: AsyncSession, login: str) -> User | None:
    """Return who signs in with an e-mail address or a user name; a user name has no @."""
    find = find_user_by_email if "@" in login else find_user_by_username
    return await find(session, login)
