"""Every SELECT of pushed requests, and the statement that uses one up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.pushed_requests.model import PREFIX, PushedRequest
from services.identity.sessions.model import digest


def _digest(request_uri: str) -> str:
    return digest(request_uri.removeprefix(PREFIX))


async def find_request(
    session: AsyncSession, request_uri: str, client_id: str, at: datetime
) -> PushedRequest | None:
    return await session.scalar(
        select(PushedRequest).where(
            PushedRequest.digest == _digest(request_uri),
            PushedRequest.client_id == client_id,
            PushedRequest.expires_at > at,
            PushedRequest.used_at.is_(None),
        )
    )


async def use_up(session: AsyncSession, request_uri: str, client_id: str, at: datetime) -> bool:
    """Use a request, in one statement; False when it was used before. Its life ends elsewhere."""
    used = await session.scalar(
        update(PushedRequest)
        .where(
            PushedRequest.digest == _digest(request_uri),
            PushedRequest.client_id == client_id,
            PushedRequest.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(PushedRequest.digest)
    )
    return used is not None
