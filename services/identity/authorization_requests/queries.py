"""Every SELECT of requests that wait, and the statement that forgets them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.authorization_requests.model import AuthorizationRequest
from services.identity.sessions.model import digest


async def find_request(
    session: AsyncSession, secret: str, at: datetime
) -> AuthorizationRequest | None:
    """Return a request that still waits; whoever answers it keeps others away until then."""
    return await session.scalar(
        select(AuthorizationRequest)
        .where(AuthorizationRequest.digest == digest(secret), AuthorizationRequest.expires_at > at)
        .with_for_update()
    )


async def delete_expired(session: AsyncSession, at: datetime) -> None:
    await session.execute(
        delete(AuthorizationRequest)
        .where(AuthorizationRequest.expires_at <= at)
        .execution_options(synchronize_session=False)
    )
