"""Every SELECT of clients."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.clients.model import Client


async def find_client(session: AsyncSession, client_id: str) -> Client | None:
    return await session.scalar(
        select(Client).where(Client.client_id == client_id, Client.is_active)
    )
