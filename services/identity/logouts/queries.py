"""Every SELECT of the clients of a session and of logout notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.identity.clients.model import Client
from services.identity.logouts.model import LogoutNotice, SessionClient


async def list_clients_to_notify(
    session: AsyncSession, session_id: UUID
) -> list[tuple[SessionClient, Client]]:
    """Return the clients of a session that want to hear of its end and have not been told."""
    told = select(LogoutNotice.client_id).where(LogoutNotice.session_id == session_id)
    rows = await session.execute(
        select(SessionClient, Client)
        .join(Client, SessionClient.client_id == Client.client_id)
        .where(
            SessionClient.session_id == session_id,
            Client.backchannel_logout_uri.is_not(None),
            Client.is_active,
            Client.client_id.not_in(told),
        )
        .order_by(Client.client_id)
    )
    return [(part, client) for part, client in rows]


async def list_due_notices(
    session: AsyncSession, at: datetime, *, limit: int
) -> list[LogoutNotice]:
    """Lock the notices whose next try has come; another process skips them."""
    rows = await session.scalars(
        select(LogoutNotice)
        .where(
            LogoutNotice.delivered_at.is_(None),
            LogoutNotice.given_up_at.is_(None),
            LogoutNotice.next_try_at <= at,
        )
        .order_by(LogoutNotice.next_try_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


async def list_notices(session: AsyncSession, notice_ids: Iterable[UUID]) -> list[LogoutNotice]:
    rows = await session.scalars(
        select(LogoutNotice).where(LogoutNotice.id.in_(notice_ids)).with_for_update()
    )
    return list(rows)
