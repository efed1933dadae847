"""Every SELECT of clients."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from libs.chassis.paging import Rows, page
from services.identity.clients.model import Client, ClientNotFound
from services.identity.clients.schemas import ClientListParams


async def find_client(session: AsyncSession, client_id: str) -> Client | None:
    return await session.scalar(
        select(Client).where(Client.client_id == client_id, Client.is_active)
    )


async def get_client(session: AsyncSession, client_id: str, *, lock: bool = False) -> Client:
    """Return a client, active or not."""
    statement = select(Client).where(Client.client_id == client_id)
    client: Client | None = await session.scalar(statement.with_for_update() if lock else statement)
    if client is None:
        raise ClientNotFound
    return client


async def list_clients(session: AsyncSession, params: ClientListParams) -> Rows[Client]:
    statement = select(Client)
    if params.is_active is not None:
        statement = statement.where(Client.is_active.is_(params.is_active))
    return await page(session, statement, Client, params)


async def list_origins(session: AsyncSession, client_id: str) -> tuple[str, ...]:
    """Return the origins to which a client's codes are sent, as content policies name them."""
    client = await find_client(session, client_id)
    parts = [urlsplit(uri) for uri in client.redirect_uris] if client else []
    return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))
