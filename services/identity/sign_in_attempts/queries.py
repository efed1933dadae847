"""Every SELECT of sign-in attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.sign_in_attempts.model import SignInAttempts


async def get_attempts(
    session: AsyncSession, digest: str, network: str, at: datetime
) -> SignInAttempts:
    """Return the count with a lock, beginning it at nought when there is none."""
    begun = insert(SignInAttempts).values(
        account_digest=digest, network=network, failures=0, counted_since=at, blocked_until=at
    )
    # An update that changes nothing takes the lock of a row that is there, and returns it.
    kept = begun.on_conflict_do_update(
        index_elements=["account_digest", "network"], set_={"network": begun.excluded.network}
    )
    found = await session.scalars(
        kept.returning(SignInAttempts), execution_options={"populate_existing": True}
    )
    return found.one()


async def find_attempts(session: AsyncSession, digest: str, network: str) -> SignInAttempts | None:
    return await session.get(SignInAttempts, (digest, network))


async def delete_attempts(session: AsyncSession, digest: str, network: str) -> None:
    """Forget the count of an account."""
    await session.execute(
        delete(SignInAttempts).where(
            SignInAttempts.account_digest == digest, SignInAttempts.network == network
        )
    )
