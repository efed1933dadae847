"""Every SELECT of sign-in attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.sign_in_attempts.model import SignInAttempts


async def get_attempts(
    session: AsyncSession, digest: str, network: str, at: datetime
) -> SignInAttempts:
    """Return the count with a lock, beginning it at nought when there is none."""
    await session.execute(
        insert(SignInAttempts)
        .values(
            account_digest=digest, network=network, failures=0, counted_since=at, blocked_until=at
        )
        .on_conflict_do_nothing()
    )
    found = await session.scalars(
        select(SignInAttempts)
        .where(SignInAttempts.account_digest == digest, SignInAttempts.network == network)
        .with_for_update()
    )
    return found.one()


async def find_attempts(session: AsyncSession, digest: str, network: str) -> SignInAttempts | None:
    return await session.get(SignInAttempts, (digest, network))
